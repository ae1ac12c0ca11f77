// SPDX-License-Identifier: Apache-2.0
// The player: runs one emitted model over recordings that a host sends, and reports what it
// decided, the CRC of every layer's output and of the saved state, and the memory it touched. In:
// command frames from a Link. Out: report frames, one ack or error after each command
// (docs/formats/wire.md). The same file plays on a board, on an emulated core and on the host.
#pragma once
#include <stdint.h>

#include "core/model_interface.h"
#include "core/wire.h"
#include "device/link.h"
#include "device/stack_paint.h"

namespace mote {

// Memory that the image reserves; its sizes are written by runner/image.cc. `model` and
// `far_memory` count as the model's; the rest is the player's and may lie outside the memories of
// the board being stood for.
struct PlayerMemory {
  uint8_t* model;  // aligned to 16
  uint32_t model_bytes;
  int16_t* sample;  // one sample of the widest stream, where the model has no place for it
  uint32_t sample_values;
  uint8_t* scratch;  // outputs or saved state
  uint32_t scratch_bytes;
  uint32_t* layer_crc;
  uint32_t n_layers;
  uint8_t* frame;       // wire::kMaxFrame bytes
  uint8_t* far_memory;  // of the model, aligned to 16; null: it has none
  uint32_t far_bytes;
};

struct PlayerSetup {
  const mote_model_interface* model;
  const PlayerMemory* memory;
  Link link;
  StackRange stack;
  const char* port_name;
};

// Exit status of play(), and of ports whose core took a fault.
constexpr int32_t kPlayedToFinish = 0;
constexpr int32_t kLinkEnded = 4;  // before a finish command
constexpr int32_t kCoreFault = 5;

// Plays until a finish command or the end of the link.
int32_t play(const PlayerSetup& setup);

// Sends an error frame on a link whose player is in an unknown state: used by fault handlers.
void send_error(const Link& link, wire::ErrorCode code, uint32_t a, uint32_t b);

}  // namespace mote

// Runs once a decision, right after the push that made it: the mark for the counting plugin.
extern "C" void mote_mark_decision(void);
