// SPDX-License-Identifier: Apache-2.0
// The fixture model's layers and its table of functions. It uses what emitted code may use: float
// arithmetic, 64-bit division (libgcc), memcpy and memmove.
#include "model.h"

#include <string.h>

#include "core/model_interface.h"
#include "core/saved_state.h"

namespace fixture {
namespace {

struct Observer {
  mote_observer call;
  void* context;
  void operator()(uint32_t layer, const void* data, uint32_t bytes) const {
    if (call != nullptr) call(context, layer, data, bytes);
  }
};

__attribute__((noinline)) void layer_means(Model& m) {
  for (int a = 0; a < kAxes; ++a) {
    int64_t sum = 0;
    for (int i = 0; i < kWindow; ++i) sum += int64_t(m.window[i][a]) * 1000003;
    m.means[a] = int16_t(sum / (int64_t(kWindow) * 1000003) + m.offset % 7);
  }
}

__attribute__((noinline)) void layer_energy(Model& m) {
  float sum = 0.0f;
  for (int i = 0; i < kWindow; ++i)
    for (int a = 0; a < kAxes; ++a) {
      const float x = float(m.window[i][a]) * 0.0009765625f;
      sum = sum + x * x;
    }
  m.energy = m.energy * 0.7f + sum / 3.0f;
}

__attribute__((noinline)) void layer_dense(Model& m) {
  for (int c = 0; c < kClasses; ++c) {
    m.scores[c] = int32_t(m.energy);
    for (int a = 0; a < kAxes; ++a) m.scores[c] += kWeights[c][a] * m.means[a];
  }
}

__attribute__((noinline)) void layer_decide(Model& m) {
  m.best = uint8_t(m.scores[1] > m.scores[0]);
}

int32_t run(Model& m, Observer observe) {
  layer_means(m);
  observe(0, m.means, sizeof m.means);
  layer_energy(m);
  observe(1, &m.energy, sizeof m.energy);
  layer_dense(m);
  observe(2, m.scores, sizeof m.scores);
  layer_decide(m);
  observe(3, &m.best, sizeof m.best);
  return 1;
}

int32_t push(void* model, uint32_t stream, const int16_t* sample, Observer observe) {
  Model& m = *static_cast<Model*>(model);
  if (stream == 1) {
    m.offset = sample[0];
    return 0;
  }
  // A test puts a defect here.
  memmove(m.window[0], m.window[1], sizeof m.window - sizeof m.window[0]);
  memcpy(m.window[kWindow - 1], sample, sizeof m.window[0]);
  ++m.n_samples;
  return m.n_samples >= kWindow && m.n_samples % kHop == 0 ? run(m, observe) : 0;
}

int32_t push_missing_samples(void* model, uint32_t stream, uint32_t n, Observer observe) {
  if (stream == 1) return 0;
  int16_t held[kAxes];
  memcpy(held, static_cast<const Model*>(model)->window[kWindow - 1], sizeof held);
  int32_t decided = 0;
  for (uint32_t i = 0; i < n; ++i) decided |= push(model, stream, held, observe);
  return decided;
}

void reset(void* model) { *static_cast<Model*>(model) = Model{}; }

int32_t push_plain(void* model, uint32_t stream, const int16_t* sample) {
  return push(model, stream, sample, {nullptr, nullptr});
}

int32_t push_observed(void* model, uint32_t stream, const int16_t* sample, mote_observer observer,
                      void* context) {
  return push(model, stream, sample, {observer, context});
}

int32_t push_missing(void* model, uint32_t stream, uint32_t n, mote_observer observer,
                     void* context) {
  return push_missing_samples(model, stream, n, {observer, context});
}

void outputs(const void* model, uint8_t* to) {
  const Model& m = *static_cast<const Model*>(model);
  to[0] = m.best;
  memcpy(to + 1, m.scores, sizeof m.scores);
}

void save(const void* model, uint8_t* to) {
  const Model& m = *static_cast<const Model*>(model);
  memcpy(to, m.window, sizeof m.window);
  memcpy(to + sizeof m.window, &m.n_samples, 4);
  memcpy(to + sizeof m.window + 4, &m.offset, 4);
  memcpy(to + sizeof m.window + 8, &m.energy, 4);
  mote::seal_state(to, kStateBytes, kStateId);
}

int32_t load(void* model, const uint8_t* from) {
  if (!mote::is_sealed_state(from, kStateBytes, kStateId)) return 0;
  Model& m = *static_cast<Model*>(model);
  memcpy(m.window, from, sizeof m.window);
  memcpy(&m.n_samples, from + sizeof m.window, 4);
  memcpy(&m.offset, from + sizeof m.window + 4, 4);
  memcpy(&m.energy, from + sizeof m.window + 8, 4);
  return 1;
}

int32_t self_test(void* model) {
  reset(model);
  const int16_t sample[kAxes] = {100, -200, 300};
  int32_t decided = 0;
  for (int i = 0; i < kWindow; ++i) decided = push_plain(model, 0, sample);
  const Model& m = *static_cast<const Model*>(model);
  if (decided == 0 || m.means[0] != 100 || m.means[1] != -200) return 1;
  return m.scores[0] == 5200 && m.scores[1] == -3900 ? 0 : 3;
}

int16_t* input(void*) { return nullptr; }

const char* const kLayerNames[kLayers] = {"means", "energy", "dense", "decide"};
const uint32_t kStreamAxes[2] = {kAxes, 1};

}  // namespace
}  // namespace fixture

extern const mote_model_interface mote_model = {
    "fixture",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    sizeof(fixture::Model),
    fixture::kLayers,
    fixture::kLayerNames,
    2,
    fixture::kStreamAxes,
    fixture::kOutputBytes,
    fixture::kStateBytes + mote::kStateCheckBytes,
    fixture::reset,
    fixture::push_plain,
    fixture::push_observed,
    fixture::push_missing,
    fixture::outputs,
    fixture::save,
    fixture::load,
    fixture::self_test,
    fixture::input,
};
