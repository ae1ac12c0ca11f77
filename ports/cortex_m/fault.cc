// SPDX-License-Identifier: Apache-2.0
// C start-up of a Cortex-M: .data copied, .bss cleared, the stack painted, then main(). Faults send
// an error frame with pc and lr and end the run. The symbols come from runner/link_script.cc.
#include <stdint.h>

#include "device/player.h"
#include "ports/port.h"

extern "C" {
extern uint32_t mote_data_load[], mote_data_begin[], mote_data_end[];
extern uint32_t mote_bss_begin[], mote_bss_end[];
extern uint32_t mote_stack_low[], mote_stack_top[];
uint32_t* mote_stack_pointer(void);
uint32_t mote_stack_limit_fault(void);
int main();

[[noreturn]] static void stop(void) {
  mote_port_exit(mote::kCoreFault);
  for (;;) {
  }
}

[[noreturn]] void mote_start(void) {
  const uint32_t* from = mote_data_load;
  // volatile: no calls of a library, whose bytes would be counted as the model's
  for (volatile uint32_t* to = mote_data_begin; to < mote_data_end;) *to++ = *from++;
  for (volatile uint32_t* to = mote_bss_begin; to < mote_bss_end;) *to++ = 0;
  mote::paint(mote_stack_low, mote_stack_pointer());
  main();
  stop();
}

// `stacked` holds r0-r3, r12, lr, pc, xpsr, unless the stack had run out of its memory.
[[noreturn]] void mote_fault(const uint32_t* stacked) {
  const bool readable = stacked >= mote_stack_low && stacked + 8 <= mote_stack_top;
  const mote::Link link = {mote_port_read, mote_port_write};
  if (readable && !mote_stack_limit_fault())
    mote::send_error(link, mote::wire::ErrorCode::fault, stacked[6], stacked[5]);
  else
    mote::send_error(link, mote::wire::ErrorCode::stack_overflow, 0, 0);
  stop();
}
}

namespace mote {

StackRange port_stack() { return {mote_stack_low, mote_stack_top, mote_stack_pointer}; }

}  // namespace mote
