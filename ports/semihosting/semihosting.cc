// SPDX-License-Identifier: Apache-2.0
// Port `semihosting`: commands from the file mote_in.bin and reports to the file mote_out.bin of
// the debugger's or emulator's working folder (Semihosting for AArch32 and AArch64, release 2.0;
// RISC-V took the operations over).
// Fast: the whole conversation is written before the run and read after it.
#include <stdint.h>

#include "ports/port.h"

// Lie with the player's memory, outside what a model is said to take (runner/link_script.cc).
uint32_t mote_harness_in_file, mote_harness_out_file;

// Of the core: cortex_m/vectors.S, riscv/start.S.
extern "C" uint32_t mote_semihosting_call(uint32_t operation, const void* arguments);

namespace {

enum Operation : uint32_t {
  kOpen = 0x01,
  kWrite = 0x05,
  kRead = 0x06,
  kExitExtended = 0x20,
};
constexpr uint32_t kReadBinary = 1;             // "rb"
constexpr uint32_t kWriteBinary = 5;            // "wb"
constexpr uint32_t kApplicationExit = 0x20026;  // ADP_Stopped_ApplicationExit

uint32_t address(const void* p) { return uint32_t(reinterpret_cast<uintptr_t>(p)); }

uint32_t open_file(const char* name, uint32_t name_bytes, uint32_t mode) {
  const uint32_t arguments[3] = {address(name), mode, name_bytes};
  return mote_semihosting_call(kOpen, arguments);
}

}  // namespace

const char mote_port_name[] = "semihosting";

void mote_port_open(void) {
  mote_harness_in_file = open_file("mote_in.bin", 11, kReadBinary);
  mote_harness_out_file = open_file("mote_out.bin", 12, kWriteBinary);
}

// SYS_READ and SYS_WRITE return how many bytes were left undone.
uint32_t mote_port_read(uint8_t* to, uint32_t n) {
  const uint32_t arguments[3] = {mote_harness_in_file, address(to), n};
  const uint32_t left = mote_semihosting_call(kRead, arguments);
  return left > n ? 0 : n - left;
}

void mote_port_write(const uint8_t* from, uint32_t n) {
  const uint32_t arguments[3] = {mote_harness_out_file, address(from), n};
  mote_semihosting_call(kWrite, arguments);
}

void mote_port_exit(int32_t status) {
  const uint32_t arguments[2] = {kApplicationExit, uint32_t(status)};
  mote_semihosting_call(kExitExtended, arguments);
  for (;;) {
  }
}
