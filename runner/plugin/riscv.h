// SPDX-License-Identifier: MIT
// Classifies one RISC-V instruction of RV32IMAFDC by its encoding, in the classes of thumb.h. In:
// its first and second halfword. Out: its size, its class and whether it may branch. Source of the
// encodings: The RISC-V Instruction Set Manual, volume I, 20191213, chapters 16 (C) and 24; checked
// against the mnemonics of objdump in riscv_test.cc.
#ifndef MOTE_RUNNER_PLUGIN_RISCV_H_
#define MOTE_RUNNER_PLUGIN_RISCV_H_
#include <string.h>

#include "thumb.h"

namespace mote_count {

inline bool is_wide_riscv(uint16_t first) { return (first & 3) == 3; }

inline Instruction fp_move(Class kind, uint8_t words) {
  Instruction out = of(kind);
  out.words = words;
  return out;
}

// Quadrants 0 and 2: loads, stores, jumps to registers.
inline Instruction decode_compressed_memory(uint16_t h) {
  const unsigned kind = h >> 13;
  const bool stack = (h & 3) == 2;
  if (stack && kind == 4) {
    const bool has_register = (h & 0xF80) != 0, no_second = (h & 0x7C) == 0;
    return has_register && no_second ? jump(kCallReturn) : of(kOther);  // c.jr, c.jalr; c.mv, c.add
  }
  switch (kind) {
    case 1:
      return fp_move(kFpLoad, 2);
    case 2:
      return of(kLoad);
    case 3:
      return fp_move(kFpLoad, 1);
    case 5:
      return fp_move(kFpStore, 2);
    case 6:
      return of(kStore);
    case 7:
      return fp_move(kFpStore, 1);
    default:
      return of(kOther);
  }
}

inline Instruction decode_compressed(uint16_t h) {
  if ((h & 3) != 1) return decode_compressed_memory(h);
  switch (h >> 13) {
    case 1:
      return jump(kCallReturn);  // c.jal
    case 5:
      return jump(kBranch);  // c.j
    case 6:
    case 7:
      return may_branch(kBranchTaken);  // c.beqz, c.bnez
    default:
      return of(kOther);
  }
}

// The multiplications and divisions of M.
inline Instruction decode_m(unsigned function) {
  return of(function == 0 ? kMul : function < 4 ? kMulLong : kDiv);
}

inline Instruction decode_riscv_wide(uint32_t i) {
  const unsigned function = i >> 12 & 7, upper = i >> 25;
  switch (i & 0x7F) {
    case 0x03:
      return of(kLoad);
    case 0x07:
      return fp_move(kFpLoad, function == 3 ? 2 : 1);
    case 0x23:
      return of(kStore);
    case 0x27:
      return fp_move(kFpStore, function == 3 ? 2 : 1);
    case 0x2F:
      return of(kLoad);  // A: what reads and writes counts once
    case 0x33:
      return upper == 1 ? decode_m(function) : of(kOther);
    case 0x43:
    case 0x47:
    case 0x4B:
    case 0x4F:
      return of(kFpMac);
    case 0x53: {
      const unsigned operation = i >> 27;  // fdiv, fsqrt
      return of(operation == 3 || operation == 11 ? kFpDiv : kFp);
    }
    case 0x63:
      return may_branch(kBranchTaken);
    case 0x67:
      return jump(kCallReturn);  // jalr: call, return, jump to a register
    case 0x6F:
      return jump((i >> 7 & 31) == 0 ? kBranch : kCallReturn);  // j, jal
    default:
      return of(kOther);
  }
}

inline Instruction decode_riscv(uint16_t first, uint16_t second) {
  const bool wide = is_wide_riscv(first);
  Instruction out =
      wide ? decode_riscv_wide(first | uint32_t(second) << 16) : decode_compressed(first);
  out.bytes = wide ? 4 : 2;
  return out;
}

inline uint16_t halfword(const void* bytes, int index) {
  uint16_t value;
  memcpy(&value, static_cast<const char*>(bytes) + 2 * index, 2);
  return value;
}

// Of either architecture: the second halfword is there only where the first says so.
inline Instruction decode_at(const void* bytes, bool riscv) {
  const uint16_t first = halfword(bytes, 0);
  const bool wide = riscv ? is_wide_riscv(first) : is_wide(first);
  const uint16_t second = wide ? halfword(bytes, 1) : 0;
  return riscv ? decode_riscv(first, second) : decode(first, second);
}

}  // namespace mote_count

#endif  // MOTE_RUNNER_PLUGIN_RISCV_H_
