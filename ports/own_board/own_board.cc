// SPDX-License-Identifier: Apache-2.0
// Port `own_board`: the place where a user's own link goes. The functions are weak: an application
// that defines mote_port_open, mote_port_read and mote_port_write (a UART, USB, a debug channel)
// replaces them. As it stands there is no link, and the image is for sizes and hashes: NOT VERIFIED
// on silicon. Clocks stay as the chip's reset leaves them; a chip with a boot ROM needs its
// vendor's boot block.
#include <stdint.h>

#include "ports/port.h"

const char mote_port_name[] = "own_board";

extern "C" {

__attribute__((weak)) void mote_port_open(void) {}

__attribute__((weak)) uint32_t mote_port_read(uint8_t*, uint32_t) { return 0; }

__attribute__((weak)) void mote_port_write(const uint8_t*, uint32_t) {}

__attribute__((weak)) void mote_port_exit(int32_t) {
  for (;;) {
  }
}
}
