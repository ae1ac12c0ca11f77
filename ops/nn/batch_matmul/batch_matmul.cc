// SPDX-License-Identifier: Apache-2.0
// Host half of batch_matmul: inputs (x [..., i, k], y [..., k, j]) of f32 | s8 | s16 -> [..., i, j]
// of the same type. Batch dimensions are broadcast. Either operand may be constant. See the header.
#include "ops/nn/batch_matmul/batch_matmul.h"

#include <algorithm>
#include <cmath>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr size_t kRank = 5;
constexpr int64_t kLargestDepthS8 = 32000;
constexpr int64_t kLargestDepthS16 = 1 << 16;

bool flag(const NodeView& node, const char* name) {
  const int64_t value = node.integer(name);
  if (value != 0 && value != 1)
    node.refuse("wrong-attribute", std::string(name) + " is " + std::to_string(value),
                "use 0 or 1");
  return value == 1;
}

// With ones in front.
Shape extended(const NodeView& node, size_t input) {
  Shape shape = node.input(input).shape;
  if (shape.size() < 2 || shape.size() > kRank)
    node.refuse("wrong-shape", "input " + std::to_string(input) + " must have 2 to 5 dimensions");
  shape.insert(shape.begin(), kRank - shape.size(), 1);
  return shape;
}

// Steps along the three batch dimensions of an operand.
void batch_steps(const Shape& shape, int32_t (&steps)[3]) {
  int32_t step = shape[3] * shape[4];
  for (size_t d = 3; d-- > 0; step *= shape[d]) steps[d] = shape[d] == 1 ? 0 : step;
}

BatchMatmulParams sizes(const NodeView& node) {
  const Shape x = extended(node, 0), y = extended(node, 1);
  const bool adj_x = flag(node, "adj_x"), adj_y = flag(node, "adj_y");
  BatchMatmulParams p{};
  for (size_t d = 0; d < 3; ++d) {
    if (x[d] != y[d] && x[d] != 1 && y[d] != 1)
      node.refuse("wrong-shape", "the operands' batches are neither equal nor 1");
    p.batches[d] = x[d] == 1 ? y[d] : x[d];
  }
  if (element_count(x) > INT32_MAX || element_count(y) > INT32_MAX)
    node.refuse("too-large", "an operand holds 2^31 elements or more");
  batch_steps(x, p.x_batch);
  batch_steps(y, p.y_batch);
  p.rows = x[adj_x ? 4 : 3];
  p.depth = x[adj_x ? 3 : 4];
  p.columns = y[adj_y ? 3 : 4];
  if (element_count({p.batches[0], p.batches[1], p.batches[2], p.rows, p.columns}) > INT32_MAX)
    node.refuse("too-large", "the product holds 2^31 elements or more");
  if (p.depth != y[adj_y ? 4 : 3])
    node.refuse("wrong-shape", "the rows of x are " + std::to_string(p.depth) +
                                   " long, the columns of y " + std::to_string(y[adj_y ? 4 : 3]));
  p.x_row = adj_x ? 1 : x[4];
  p.x_depth = adj_x ? x[4] : 1;
  p.y_depth = adj_y ? 1 : y[4];
  p.y_column = adj_y ? y[4] : 1;
  return p;
}

void check_scale(const NodeView& node, size_t input) {
  const Quantization& q = node.input(input).quantization;
  const bool s16 = node.input(input).type == ElementType::s16;
  if (q.scales.size() != 1 || !std::isfinite(q.scale()) || !(q.scale() > 0) ||
      std::abs(int64_t(q.zero_point())) > (s16 ? 0 : 128))
    node.refuse("wrong-quantization",
                "input " + std::to_string(input) +
                    " must have one positive scale and a zero point within its type, 0 for s16");
}

void check_types(const NodeView& node, const BatchMatmulParams& p) {
  const ElementType type = node.input(0).type;
  if (type != node.input(1).type ||
      (type != ElementType::f32 && type != ElementType::s8 && type != ElementType::s16))
    node.refuse("wrong-type",
                std::string("the operands are ") + to_string(type) + " and " +
                    to_string(node.input(1).type),
                "use f32, s8 or s16 for both");
  if (type == ElementType::f32) return;
  check_scale(node, 0);
  check_scale(node, 1);
  const double scale = double(float(node.number("output_scale")));
  const int64_t zero_point = node.integer("output_zero_point");
  if (!std::isfinite(scale) || !(scale > 0) ||
      (type == ElementType::s16 ? zero_point != 0 : zero_point < -128 || zero_point > 127))
    node.refuse("wrong-quantization",
                "output_scale must be positive and output_zero_point within "
                "the output's type, 0 for s16");
  if (p.depth > (type == ElementType::s16 ? kLargestDepthS16 : kLargestDepthS8))
    node.refuse("too-large", "sums of " + std::to_string(p.depth) + " products overflow");
}

Inference infer(const NodeView& node) {
  const BatchMatmulParams p = sizes(node);
  check_types(node, p);
  Shape shape{p.batches[0], p.batches[1], p.batches[2], p.rows, p.columns};
  const size_t rank = std::max(node.input(0).shape.size(), node.input(1).shape.size());
  shape.erase(shape.begin(), shape.begin() + long(kRank - rank));
  ValueType type = like_input(node, std::move(shape));
  type.clock = joint_clock(node);
  return {{type}, {}};
}

// In double throughout, as the runtime answers (its source says float for the product).
void set_scales(const NodeView& node, BatchMatmulParams& p) {
  const Quantization& x = node.input(0).quantization;
  const Quantization& y = node.input(1).quantization;
  const Quantization& z = node.output().quantization;
  p.x_zero_point = x.zero_point(), p.y_zero_point = y.zero_point();
  p.output_zero_point = z.zero_point();
  if (has_given_ratios(node)) {
    const QuantizedMultiplier given = given_ratios(node, {0})[0];
    p.multiplier = given.multiplier, p.shift = given.shift;
    return;
  }
  const double real = double(x.scale()) * double(y.scale()) / double(z.scale());
  if (!std::isfinite(real))
    node.refuse("wrong-quantization", "the scales are too far from each other");
  const QuantizedMultiplier m = quantize_multiplier(real);
  if (node.input(0).type == ElementType::s16 && m.shift > 7)
    node.refuse("wrong-quantization", "the operands have more than 128 times the output's scale");
  p.multiplier = m.multiplier, p.shift = m.shift;
}

KernelCall lower(const NodeView& node) {
  BatchMatmulParams params = sizes(node);
  const ElementType type = node.input(0).type;
  if (type != ElementType::f32) set_scales(node, params);
  const Kernel kernel = type == ElementType::f32  ? MOTE_KERNEL(batch_matmul_f32)
                        : type == ElementType::s8 ? MOTE_KERNEL(batch_matmul_s8)
                                                  : MOTE_KERNEL(batch_matmul_s16);
  return make_kernel_call("ops/nn/batch_matmul/batch_matmul.h", kernel, "BatchMatmulParams", params)
      .input(0)
      .input(1)
      .output();
}

int64_t macs(const NodeView& node) { return node.output().elements() * sizes(node).depth; }

// A constant operand becomes int8 with one scale, max|w| / 127.
ValueId quantized_operand(Quantizer& quantizer, const NodeView& node, size_t i) {
  const Value& value = node.input(i);
  if (value.kind != ValueKind::constant) return quantizer.input(node, i);
  const float* numbers = value.as<float>();
  float peak = 0;
  for (int64_t k = 0; k < value.elements(); ++k) {
    if (!std::isfinite(numbers[k]))
      node.refuse("not-finite", "operand " + std::to_string(i) + " is not finite");
    peak = std::max(peak, std::fabs(numbers[k]));
  }
  const float scale = peak > 0 ? std::max(peak / 127, 1e-20f) : 1.0f / 127;
  std::vector<int8_t> steps;
  for (int64_t k = 0; k < value.elements(); ++k)
    steps.push_back(int8_t(std::clamp(std::round(numbers[k] / scale), -127.0f, 127.0f)));
  return quantizer.graph().add_constant(value.name, ElementType::s8, value.shape, steps,
                                        per_tensor(scale, 0));
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const ValueId x = quantized_operand(quantizer, node, 0);
  const ValueId y = quantized_operand(quantizer, node, 1);
  quantizer.replace(node, batch_matmul_op, {x, y},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all{{"adj_x", Attribute(int64_t{0}), "1: x lies transposed"},
                                 {"adj_y", Attribute(int64_t{0}), "1: y lies transposed"}};
  for (AttributeSpec& spec : output_quantization_attributes()) all.push_back(std::move(spec));
  for (AttributeSpec& spec : ratio_attributes("of a sum")) all.push_back(std::move(spec));
  return all;
}

}  // namespace

const OpDef batch_matmul_op{
    .name = "batch_matmul",
    .room = "nn",
    .summary = "matrix products over batches, of computed or constant operands; f32, s8, s16",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
