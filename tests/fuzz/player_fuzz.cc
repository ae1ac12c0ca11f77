// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as the commands of a host to the player, with a model of two streams whose
// outputs and saved state are larger than one frame. See wire_bytes.h.
#include <cstring>

#include "core/saved_state.h"
#include "device/player.cc"
#include "tests/fuzz/wire_bytes.h"

namespace {

constexpr uint32_t kState = 1500, kSaved = kState + mote::kStateCheckBytes, kOutputs = 2000;
constexpr uint32_t kStateId = 7;
constexpr const char* kLayers[] = {"sum", "decide"};
constexpr uint32_t kAxes[] = {3, 1};

struct Model {
  uint8_t state[kState];
  uint8_t outputs[kOutputs];
};
Model& of(void* model) { return *static_cast<Model*>(model); }

int32_t push(void* model, uint32_t stream, const int16_t* sample) {
  for (uint32_t i = 0; i < kAxes[stream]; ++i)
    of(model).state[i] = uint8_t(of(model).state[i] + sample[i]);
  return of(model).state[0] % 4 == 0;
}

int32_t push_observed(void* model, uint32_t stream, const int16_t* sample, mote_observer observer,
                      void* context) {
  const int32_t decided = push(model, stream, sample);
  observer(context, decided, of(model).state, 100);
  return decided;
}

const mote_model_interface kModel = {
    "fuzz",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    sizeof(Model),
    2,
    kLayers,
    2,
    kAxes,
    kOutputs,
    kSaved,
    [](void* model) { std::memset(model, 0, sizeof(Model)); },
    push,
    push_observed,
    [](void*, uint32_t, uint32_t n, mote_observer, void*) { return int32_t(n % 2); },
    [](const void* model, uint8_t* to) {
      std::memcpy(to, static_cast<const Model*>(model)->outputs, kOutputs);
    },
    [](const void* model, uint8_t* to) {
      std::memcpy(to, static_cast<const Model*>(model)->state, kState);
      mote::seal_state(to, kState, kStateId);
    },
    [](void* model, const uint8_t* from) {
      if (!mote::is_sealed_state(from, kState, kStateId)) return 0;
      std::memcpy(of(model).state, from, kState);
      return 1;
    },
    [](void*) { return 0; },
    [](void*) -> int16_t* { return nullptr; }};

std::string commands;
size_t taken = 0;

uint32_t read_link(uint8_t* to, uint32_t n) {
  const size_t m = std::min<size_t>(n, commands.size() - taken);
  std::memcpy(to, commands.data() + taken, m);
  taken += m;
  return uint32_t(m);
}

// What the player writes must be readable: ASan looks at every byte.
void write_link(const uint8_t* from, uint32_t n) {
  static volatile uint32_t crc;
  crc = mote::crc32(crc, from, n);
}

}  // namespace

void mote::fuzz::read_bytes(const Bytes& bytes) {
  commands = link_bytes(bytes);
  taken = 0;
  alignas(16) static uint8_t model[sizeof(Model) + 16];
  static int16_t sample[3];
  static uint8_t scratch[kOutputs];
  static uint32_t layer_crc[2];
  static uint8_t frame[wire::kMaxFrame];
  const PlayerMemory memory = {model,           sizeof model, sample, 3,    scratch,
                               sizeof(scratch), layer_crc,    2,      frame};
  play({&kModel, &memory, {read_link, write_link}, {}, "fuzz"});
}
