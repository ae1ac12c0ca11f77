// SPDX-License-Identifier: Apache-2.0
// Host half of standardize: inputs (features s16 | s32 | f32 of any shape, mean f32 [m], inv_std
// f32 [m]) -> f32 | s8 of the features' shape. m divides the element count. The integer form's
// tables are made here from mean and inv_std.
#include "ops/nn/standardize/standardize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/quantizer.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/standardize/standardize.h";
constexpr int32_t kLeftBitsS16 = 15;

bool gives_s8(const NodeView& node) {
  const std::string& output = node.text("output");
  if (output != "f32" && output != "s8")
    node.refuse("wrong-attribute", "output is '" + output + "'", "use f32 or s8");
  return output == "s8";
}

void check_table(const NodeView& node, size_t i, const char* name) {
  const Value& table = node.input(i);
  if (table.kind != ValueKind::constant || table.type != ElementType::f32)
    node.refuse("wrong-type", std::string(name) + " must be a constant of f32");
  for (int64_t j = 0; j < table.elements(); ++j) {
    const float value = table.as<float>()[j];
    if (!std::isfinite(value) || (i == 2 && value < 0))
      node.refuse("wrong-statistics",
                  std::string(name) + "[" + std::to_string(j) + "] is " + std::to_string(value),
                  "mean must be finite, inv_std finite and not negative");
  }
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::f32 && input.type != ElementType::s32 &&
      input.type != ElementType::s16)
    node.refuse("wrong-type", std::string("features are ") + to_string(input.type),
                "use s16, s32 or f32");
  if (input.quantization.zero_point() != 0)
    node.refuse("wrong-quantization", "features must have zero point 0");
  check_table(node, 1, "mean");
  check_table(node, 2, "inv_std");
  const int64_t period = node.input(1).elements();
  if (period < 1 || node.input(2).elements() != period || input.elements() % period != 0)
    node.refuse("wrong-shape",
                "mean and inv_std must have one length that divides the number of features");
  const double range = node.number("range");
  if (!(range > 0) || range > 1e30) node.refuse("wrong-attribute", "range must be positive");
  ValueType type{ElementType::f32, input.shape, {}, input.clock};
  if (gives_s8(node)) {
    type.type = ElementType::s8;
    type.quantization = per_tensor(float(range / 128), 0);
  }
  return {{type}, {}};
}

// What an integer kernel reads instead of mean and inv_std.
struct FixedTables {
  std::vector<int32_t> offsets;
  std::vector<int32_t> multipliers;
  std::vector<int32_t> shifts;
};

FixedTables fixed_tables(const NodeView& node, int32_t left_bits) {
  const double input_scale = std::ldexp(double(node.input(0).quantization.scale()), -left_bits);
  const double output_scale = node.output().quantization.scale();
  FixedTables tables;
  for (int64_t j = 0; j < node.input(1).elements(); ++j) {
    const double mean = node.input(1).as<float>()[j];
    const double inv_std = node.input(2).as<float>()[j];
    const QuantizedMultiplier m = quantize_multiplier(input_scale * inv_std / output_scale);
    const double offset =
        std::clamp(std::nearbyint(mean / input_scale), -2147483648.0, 2147483647.0);
    tables.offsets.push_back(int32_t(offset));
    // One bit less than TFLite's form, so that the 64-bit product leaves room for the rounding
    // term.
    tables.multipliers.push_back(int32_t((int64_t(m.multiplier) + 1) >> 1));
    tables.shifts.push_back(30 - m.shift);
  }
  return tables;
}

KernelCall lower_fixed(const NodeView& node) {
  const bool from_s16 = node.input(0).type == ElementType::s16;
  const int32_t left_bits = from_s16 ? kLeftBitsS16 : 0;
  const StandardizeParams params{int32_t(node.input(0).elements()),
                                 int32_t(node.input(1).elements()), left_bits};
  const FixedTables tables = fixed_tables(node, left_bits);
  KernelCall call = make_kernel_call(
      kHeader, from_s16 ? MOTE_KERNEL(standardize_s16_s8) : MOTE_KERNEL(standardize_s32_s8),
      "StandardizeParams", params);
  call.input(0);
  call.constant("offsets", ElementType::s32, tables.offsets);
  call.constant("multipliers", ElementType::s32, tables.multipliers);
  call.constant("shifts", ElementType::s32, tables.shifts);
  return call.output();
}

KernelCall lower_f32_s8(const NodeView& node, const StandardizeF32Params& params) {
  const double output_scale = node.output().quantization.scale();
  std::vector<float> factors, terms;
  const double largest = std::numeric_limits<float>::max();
  for (int64_t j = 0; j < node.input(1).elements(); ++j) {
    const double factor =
        node.input(0).quantization.scale() * double(node.input(2).as<float>()[j]) / output_scale;
    const double term =
        -double(node.input(1).as<float>()[j]) * node.input(2).as<float>()[j] / output_scale;
    factors.push_back(float(std::clamp(factor, -largest, largest)));
    terms.push_back(float(std::clamp(term, -largest, largest)));
  }
  KernelCall call =
      make_kernel_call(kHeader, MOTE_KERNEL(standardize_f32_s8), "StandardizeF32Params", params);
  call.input(0);
  call.constant("factors", ElementType::f32, factors);
  call.constant("terms", ElementType::f32, terms);
  return call.output();
}

KernelCall lower(const NodeView& node) {
  const ElementType type = node.input(0).type;
  const double range = node.number("range");
  const StandardizeF32Params params{
      int32_t(node.input(0).elements()), int32_t(node.input(1).elements()),
      node.input(0).quantization.scale(), float(-range), float(range * 127 / 128)};
  if (gives_s8(node))
    return type == ElementType::f32 ? lower_f32_s8(node, params) : lower_fixed(node);
  const Kernel kernel = type == ElementType::f32   ? MOTE_KERNEL(standardize_f32)
                        : type == ElementType::s32 ? MOTE_KERNEL(standardize_s32_f32)
                                                   : MOTE_KERNEL(standardize_s16_f32);
  return make_kernel_call(kHeader, kernel, "StandardizeF32Params", params)
      .input(0)
      .input(1)
      .input(2)
      .output();
}

int64_t macs(const NodeView& node) { return node.input(0).elements(); }

void quantize(Quantizer& quantizer, const NodeView& node) {
  Attributes attributes = node.node().attributes;
  attributes["output"] = std::string("s8");
  quantizer.replace(node, standardize_op,
                    {quantizer.input(node, 0), quantizer.input(node, 1), quantizer.input(node, 2)},
                    attributes);
}

// standardize_s16_f32 goes from the last element to the first.
std::vector<AccessOrder> order(const NodeView& node) {
  const bool backward = node.input(0).type == ElementType::s16 && !gives_s8(node);
  return backward ? std::vector<AccessOrder>{} : in_turn(node);
}

}  // namespace

const OpDef standardize_op{
    .name = "standardize",
    .room = "nn",
    .summary = "features minus mean over standard deviation; s16, s32, f32 to f32 or s8",
    .attributes = {{"output", Attribute(std::string("f32")), "f32 or s8"},
                   {"range", Attribute(4.0), "largest magnitude kept, in standard deviations"}},
    .infer = infer,
    .lower = lower,
    .order = order,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
