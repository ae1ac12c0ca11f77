// SPDX-License-Identifier: Apache-2.0
// What the start-up code of a core shares: where the stack lies, by runner/link_script.cc, and the
// end of a run that failed.
#pragma once
#include <stdint.h>

#include "ports/port.h"

extern "C" {
extern uint32_t mote_stack_low[], mote_stack_top[];
[[noreturn]] void mote_stop(void);
}
