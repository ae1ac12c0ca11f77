// SPDX-License-Identifier: Apache-2.0
// A trap of an RV32 core: an error frame with pc and ra, then the end of the run. See start.S.
#include "device/player.h"
#include "ports/startup.h"

// In: where it happened, the return address, the stack pointer.
extern "C" [[noreturn]] void mote_trap(uint32_t pc, uint32_t ra, const uint32_t* stack) {
  const bool overflow = stack < mote_stack_low || stack > mote_stack_top;
  const mote::Link link = {mote_port_read, mote_port_write};
  if (overflow)
    mote::send_error(link, mote::wire::ErrorCode::stack_overflow, 0, 0);
  else
    mote::send_error(link, mote::wire::ErrorCode::fault, pc, ra);
  mote_stop();
}
