// SPDX-License-Identifier: Apache-2.0
// Host half of flatten: window [length, axes] -> [axes * features]. See flatten.h.
#include "ops/dsp/flatten/flatten.h"

#include <bit>

#include "ops/dsp/signal_types.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kFeatureNames[7] = {"average", "minimum",  "maximum", "rms",
                                          "stdev",   "skewness", "kurtosis"};

int32_t features(const NodeView& node) {
  int32_t bits = 0;
  for (int i = 0; i < 7; ++i) bits |= int32_t(flag(node, kFeatureNames[i])) << i;
  if (bits == 0) node.refuse("no-features", "every statistic is switched off");
  return bits;
}

Inference infer(const NodeView& node) {
  const WindowShape window = window_shape(node);
  const int32_t count = window.axes * std::popcount(uint32_t(features(node)));
  return {{features_of(node.input(0), {count})}, {}};
}

KernelCall lower(const NodeView& node) {
  const WindowShape window = window_shape(node);
  const FlattenParams params{window.length, window.axes, features(node)};
  const Kernel kernel =
      node.input(0).type == ElementType::f32 ? MOTE_KERNEL(flatten_f32) : MOTE_KERNEL(flatten_s16);
  return make_kernel_call("ops/dsp/flatten/flatten.h", kernel, "FlattenParams", params)
      .input(0)
      .output();
}

// Two passes: squares and extremes, then second to fourth powers.
int64_t macs(const NodeView& node) { return 5 * node.input(0).elements(); }

}  // namespace

const OpDef flatten_op{
    .name = "flatten",
    .room = "dsp",
    .summary = "average, extremes, rms, deviation, skewness and kurtosis of each axis of a window",
    .attributes = {{"average", 1, "the mean"},
                   {"minimum", 1, "the smallest sample"},
                   {"maximum", 1, "the largest sample"},
                   {"rms", 1, "root of the mean square"},
                   {"stdev", 1, "standard deviation, divided by n"},
                   {"skewness", 1, "third standardised moment"},
                   {"kurtosis", 1, "fourth standardised moment less 3"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
