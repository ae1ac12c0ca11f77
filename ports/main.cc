// SPDX-License-Identifier: Apache-2.0
// The player image's main: one model, one player, one link.
#include "device/player.h"
#include "ports/port.h"

extern const mote::PlayerMemory mote_player_memory;  // written by runner/image.cc

int main() {
  mote_port_open();
  mote_port_exit(mote::play({&mote_model,
                             &mote_player_memory,
                             {mote_port_read, mote_port_write},
                             mote::port_stack(),
                             mote_port_name}));
}
