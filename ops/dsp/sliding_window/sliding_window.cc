// SPDX-License-Identifier: Apache-2.0
// Host half of sliding_window: [1.., hop, row...] -> [1.., rows, row...] at the same clock, from
// the `first`-th hop on. See sliding_window.h.
#include "ops/dsp/sliding_window/sliding_window.h"

#include <algorithm>

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  const int64_t axis = node.integer("axis"), rows = node.integer("rows");
  const int64_t first = node.integer("first");
  const auto rank = int64_t(x.shape.size());
  if (axis < 0 || axis >= rank ||
      std::any_of(x.shape.begin(), x.shape.begin() + axis, [](int32_t d) { return d != 1; }))
    node.refuse("wrong-shape", "the dimensions before axis " + std::to_string(axis) +
                                   " must be there and be 1: rows lie one after the other");
  if (rows < x.shape[size_t(axis)] || rows > INT32_MAX || first < 1 || first > INT32_MAX)
    node.refuse("wrong-window", "rows must be at least those that come, and first at least 1");
  Shape window = x.shape;
  window[size_t(axis)] = int32_t(rows);
  Clock clock = x.clock;
  clock.phase = clock.phase + make_rational(first - 1, 1) * clock.period;
  std::vector<StateSpec> states{{"window", x.type, window, {}}};
  if (first > 1) {
    const auto missing = uint32_t(first - 1);
    states.push_back({"missing",
                      ElementType::s32,
                      {1},
                      {uint8_t(missing), uint8_t(missing >> 8), uint8_t(missing >> 16),
                       uint8_t(missing >> 24)}});
  }
  return {{{x.type, window, x.quantization, clock}}, states};
}

KernelCall lower(const NodeView& node) {
  const char* header = "ops/dsp/sliding_window/sliding_window.h";
  const SlidingWindowParams params{int32_t(node.output().bytes()), int32_t(node.input(0).bytes())};
  if (node.integer("first") == 1)
    return make_kernel_call(header, MOTE_KERNEL(sliding_window), "SlidingWindowParams", params)
        .input(0)
        .state(0);
  return make_kernel_call(header, MOTE_KERNEL(sliding_window_later), "SlidingWindowParams", params)
      .input(0)
      .state(0)
      .state(1);
}

}  // namespace

const OpDef sliding_window_op{
    .name = "sliding_window",
    .room = "dsp",
    .summary = "the last `rows` rows of a time series, at every hop",
    .attributes = {{"axis", {}, "the dimension of time; those before it are 1"},
                   {"rows", {}, "rows in a window"},
                   {"first", Attribute(int64_t{1}), "the hop that hands on the first window"}},
    .infer = infer,
    .lower = lower,
    .alias = Alias::state_view,
};

}  // namespace mote
