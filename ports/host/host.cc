// SPDX-License-Identifier: Apache-2.0
// Port `host`: the player as a program of the host, commands from standard input, reports to
// standard output. The one port that uses the hosted C library. Its stack is not painted.
#include <stdio.h>
#include <stdlib.h>

#include "ports/port.h"

const char mote_port_name[] = "host";

void mote_port_open(void) { setvbuf(stdin, nullptr, _IONBF, 0); }

uint32_t mote_port_read(uint8_t* to, uint32_t n) { return uint32_t(fread(to, 1, n, stdin)); }

void mote_port_write(const uint8_t* from, uint32_t n) {
  if (fwrite(from, 1, n, stdout) != n || fflush(stdout) != 0) exit(1);
}

void mote_port_exit(int32_t status) { exit(status); }

namespace mote {

StackRange port_stack() { return {nullptr, nullptr, nullptr}; }

}  // namespace mote
