// SPDX-License-Identifier: Apache-2.0
// Host half of svdf: inputs (x [batches, size] f32 | s8, features [filters, size], times [filters,
// memory], bias [units] or -1) -> [batches, units]. State: the last dot products of each filter, of
// the times' type. See the header.
#include "ops/nn/svdf/svdf.h"

#include <cmath>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/svdf/svdf.h";
constexpr int32_t kMostInputs = 65000;
constexpr int64_t kMostState = int64_t(1) << 28;

struct Sizes {
  int32_t batches, input_size, units, rank, memory;
  int32_t filters() const { return units * rank; }
};

Sizes sizes_of(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& features = node.input(1).shape;
  const Shape& times = node.input(2).shape;
  if (x.size() != 2 || features.size() != 2 || times.size() != 2 || features[1] != x[1] ||
      times[0] != features[0] || x[0] < 1 || x[1] < 1 || features[0] < 1 || times[1] < 1)
    node.refuse("wrong-shape",
                "the input must be [batches, size], the features [filters, size] and the times "
                "[filters, memory]");
  const int64_t rank = node.integer("rank");
  if (rank < 1 || rank > features[0] || features[0] % rank != 0)
    node.refuse("wrong-attribute", "rank must divide the number of filters");
  if (int64_t(x[0]) * features[0] > kMostState / times[1])
    node.refuse("too-large", "the state holds more than 2^28 numbers");
  return {x[0], x[1], int32_t(features[0] / rank), int32_t(rank), times[1]};
}

void check_types(const NodeView& node, const Sizes& sizes) {
  const bool f32 = node.input(0).type == ElementType::f32;
  const ElementType weights = f32 ? ElementType::f32 : ElementType::s8;
  const ElementType times = node.input(2).type;
  const bool times_fit = times == weights || (!f32 && times == ElementType::s16);
  if ((!f32 && node.input(0).type != ElementType::s8) || node.input(1).type != weights ||
      !times_fit)
    node.refuse("wrong-type", "svdf takes f32 alone, or s8 with s8 features and s8 or s16 times");
  const ElementType bias = f32 ? ElementType::f32 : ElementType::s32;
  if (node.has_input(3) && (node.input(3).type != bias || node.input(3).elements() != sizes.units))
    node.refuse("wrong-shape", "the bias must hold one number (s32 for s8) a unit");
}

void check_scale(const NodeView& node, const std::string& what, double scale, int64_t zero_point,
                 int64_t lowest) {
  if (!std::isfinite(scale) || !(scale > 0) || zero_point < lowest || zero_point > -lowest - 1)
    node.refuse("wrong-quantization",
                what + " must have one positive scale and a zero point that fits");
}

void check_input_scale(const NodeView& node, size_t i, const std::string& what, bool symmetric) {
  const Quantization& q = node.input(i).quantization;
  if (q.scales.size() != 1 || (symmetric && q.zero_point() != 0))
    node.refuse("wrong-quantization",
                what + " must have one scale" + (symmetric ? " and zero point 0" : ""));
  check_scale(node, what, double(q.scale()), q.zero_point(), -128);
}

void check_scales(const NodeView& node) {
  if (node.text("activation") != "none")
    node.refuse("wrong-attribute", "an s8 svdf has no fused activation");
  if (node.input(0).shape[1] > kMostInputs)
    node.refuse("too-large", "sums of more than 65,000 products overflow 32 bits");
  check_input_scale(node, 0, "the input", false);
  check_input_scale(node, 1, "the features", true);
  check_input_scale(node, 2, "the times", true);
  const int64_t state_zero = node.integer("state_zero_point");
  if (node.input(2).type == ElementType::s16 && state_zero != 0)
    node.refuse("wrong-quantization", "the zero point of an s16 state must be 0");
  check_scale(node, "the state", double(float(node.number("state_scale"))), state_zero, -128);
  check_scale(node, "the output", double(float(node.number("output_scale"))),
              node.integer("output_zero_point"), -128);
}

// TFLM's variables of int8 begin at their zero point, others at 0.
Inference infer(const NodeView& node) {
  const Sizes sizes = sizes_of(node);
  check_types(node, sizes);
  if (node.input(0).type != ElementType::f32) check_scales(node);
  StateSpec state{
      "history", node.input(2).type, {sizes.batches, sizes.filters(), sizes.memory}, {}};
  const int64_t zero_point = node.integer("state_zero_point");
  if (state.type == ElementType::s8 && zero_point != 0)
    state.initial.assign(size_t(element_count(state.shape)), uint8_t(int8_t(zero_point)));
  return {{like_input(node, {sizes.batches, sizes.units})}, {state}};
}

QuantizedMultiplier multiplier(const NodeView& node, double real) {
  if (!std::isfinite(real))
    node.refuse("wrong-quantization", "the scales are too far from each other");
  return quantize_multiplier(real);
}

KernelCall with_arguments(const NodeView& node, KernelCall call) {
  call.input(0).input(1).input(2);
  node.has_input(3) ? call.input(3) : call.null();
  return call.state(0).output();
}

// In double throughout, as the runtime answers (its source says float).
KernelCall lower_s8(const NodeView& node, const Sizes& s) {
  const Quantization& x = node.input(0).quantization;
  const Quantization& y = node.output().quantization;
  const auto state_scale = double(float(node.number("state_scale")));
  const QuantizedMultiplier to_state = multiplier(
      node, double(x.scale()) * double(node.input(1).quantization.scale()) / state_scale);
  const QuantizedMultiplier to_output = multiplier(
      node, state_scale * double(node.input(2).quantization.scale()) / double(y.scale()));
  const SvdfParams params{s.batches,
                          s.input_size,
                          s.units,
                          s.rank,
                          s.memory,
                          x.zero_point(),
                          int32_t(node.integer("state_zero_point")),
                          y.zero_point(),
                          to_state.multiplier,
                          to_state.shift,
                          to_output.multiplier,
                          to_output.shift};
  const Kernel kernel =
      node.input(2).type == ElementType::s16 ? MOTE_KERNEL(svdf_s8_s16) : MOTE_KERNEL(svdf_s8_s8);
  return with_arguments(node, make_kernel_call(kHeader, kernel, "SvdfParams", params));
}

KernelCall lower(const NodeView& node) {
  const Sizes s = sizes_of(node);
  if (node.input(0).type != ElementType::f32) return lower_s8(node, s);
  const ClampRange clamp = activation_range(node);
  const SvdfF32Params params{s.batches, s.input_size, s.units,  s.rank,
                             s.memory,  clamp.min,    clamp.max};
  return with_arguments(node,
                        make_kernel_call(kHeader, MOTE_KERNEL(svdf_f32), "SvdfF32Params", params));
}

int64_t macs(const NodeView& node) {
  const Sizes s = sizes_of(node);
  return int64_t(s.batches) * s.filters() * (int64_t(s.input_size) + s.memory);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all{
      {"rank", Attribute(int64_t{1}), "filters of one unit"},
      {"state_scale", Attribute(1.0), "scale of an integer state"},
      {"state_zero_point", Attribute(int64_t{0}), "zero point of an s8 state"}};
  for (AttributeSpec& spec : fused_activation_attributes()) all.push_back(std::move(spec));
  return all;
}

}  // namespace

const OpDef svdf_op{
    .name = "svdf",
    .room = "nn",
    .summary =
        "a layer over its last inputs, factored into features and time; f32, s8 with s8 or s16 "
        "state",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
