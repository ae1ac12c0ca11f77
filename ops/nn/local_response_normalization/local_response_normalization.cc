// SPDX-License-Identifier: Apache-2.0
// Host half of local_response_normalization: f32 -> f32 of the same shape. In an int8 network it
// stays float, between dequantize and quantize.
#include "ops/nn/local_response_normalization/local_response_normalization.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/axis.h"
#include "ops/nn/through_float.h"
#include "ops/registry.h"

namespace mote {
namespace {

float finite(const NodeView& node, const char* name) {
  const auto value = float(node.number(name));
  if (!std::isfinite(value))
    node.refuse("wrong-attribute", std::string(name) + " must be a finite number");
  return value;
}

// Neighbours beyond the dimension are none.
int32_t neighbours(const NodeView& node, const char* name, int32_t count) {
  const int64_t wanted = node.integer(name);
  if (wanted < 0) node.refuse("wrong-attribute", std::string(name) + " must be at least 0");
  return int32_t(std::min<int64_t>(wanted, count - 1));
}

LocalResponseNormalizationParams params_of(const NodeView& node) {
  const AlongAxis along = along_axis(node);
  return {along.outer,
          along.count,
          along.inner,
          neighbours(node, "before", along.count),
          neighbours(node, "after", along.count),
          finite(node, "bias"),
          finite(node, "alpha"),
          finite(node, "beta")};
}

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type != ElementType::f32)
    node.refuse("wrong-type", std::string("the input is ") + to_string(x.type), "use f32");
  params_of(node);
  return {{{x.type, x.shape, {}, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/nn/local_response_normalization/local_response_normalization.h",
                          MOTE_KERNEL(local_response_normalization_f32),
                          "LocalResponseNormalizationParams", params_of(node))
      .input(0)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantize_through_float(quantizer, node, local_response_normalization_op);
}

}  // namespace

const OpDef local_response_normalization_op{
    .name = "local_response_normalization",
    .room = "nn",
    .summary = "numbers over a power of the sum of their neighbours' squares; f32",
    .attributes = {axis_attribute(-1),
                   {"before", {}, "neighbours before each number"},
                   {"after", {}, "neighbours behind it"},
                   {"bias", Attribute(1.0), "added to the sum"},
                   {"alpha", Attribute(1.0), "factor of the sum"},
                   {"beta", Attribute(0.5), "the power"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
