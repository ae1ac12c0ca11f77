// SPDX-License-Identifier: Apache-2.0
// What a port gives the player: a link to the host, a name, and the stack it runs on. One folder a
// port; runner/image.cc chooses the files to link, there is no #if.
#pragma once
#include <stdint.h>

#include "device/stack_paint.h"

extern "C" {
extern const char mote_port_name[];
void mote_port_open(void);
uint32_t mote_port_read(uint8_t* to, uint32_t n);       // as mote::Link::read
void mote_port_write(const uint8_t* from, uint32_t n);  // as mote::Link::write
[[noreturn]] void mote_port_exit(int32_t status);
}

namespace mote {

StackRange port_stack();

}  // namespace mote
