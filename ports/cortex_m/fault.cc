// SPDX-License-Identifier: Apache-2.0
// A fault of a Cortex-M: an error frame with pc and lr, then the end of the run. See vectors.S.
#include "device/player.h"
#include "ports/startup.h"

extern "C" {
uint32_t mote_stack_limit_fault(void);

// `stacked` holds r0-r3, r12, lr, pc, xpsr, unless the stack had run out of its memory.
[[noreturn]] void mote_fault(const uint32_t* stacked) {
  const bool readable = stacked >= mote_stack_low && stacked + 8 <= mote_stack_top;
  const mote::Link link = {mote_port_read, mote_port_write};
  if (readable && !mote_stack_limit_fault())
    mote::send_error(link, mote::wire::ErrorCode::fault, stacked[6], stacked[5]);
  else
    mote::send_error(link, mote::wire::ErrorCode::stack_overflow, 0, 0);
  mote_stop();
}
}
