// SPDX-License-Identifier: Apache-2.0
// C start-up of every core: .data copied, .bss cleared, the stack painted, then main(). The symbols
// come from runner/link_script.cc.
#include "ports/startup.h"

#include "device/player.h"

extern "C" {
extern uint32_t mote_data_load[], mote_data_begin[], mote_data_end[];
extern uint32_t mote_bss_begin[], mote_bss_end[];
uint32_t* mote_stack_pointer(void);
int main();

[[noreturn]] void mote_stop(void) {
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
  mote_stop();
}
}

namespace mote {

StackRange port_stack() { return {mote_stack_low, mote_stack_top, mote_stack_pointer}; }

}  // namespace mote
