// SPDX-License-Identifier: Apache-2.0
// cortex_m's operators that take number by number, and its padding. See rules_cortex_m.h.
// quantized_add is arm_elementwise_add_s8: both operands 20 bits to the left, each by its own
// ratio, their sum by the output's; quantized_mul is arm_elementwise_mul_s8: one ratio. Multipliers
// and shifts come from the file and become attributes.
#include <algorithm>

#include "compiler/import/pytorch/rules_cortex_m.h"

namespace mote::pytorch {
namespace {

// ---- two operands

Quantization at_zero_point(int64_t zero_point) {
  return per_tensor(1, int32_t(std::clamp<int64_t>(zero_point, -65536, 65536)));
}

Attributes scaled_output(CallView& op) {
  const Quantization out = output_quantization(op, op.integer("output_zero_point"));
  return {{"output_scale", double(out.scale())}, {"output_zero_point", int64_t(out.zero_point())}};
}

void import_add(CallView& op) {
  std::vector<ValueId> operands;
  List multipliers, shifts;
  for (const std::string name : {"self", "other"}) {
    const int64_t zero = op.integer(name + "_zero_point");
    operands.push_back(op.tensor_with(name, at_zero_point(zero)));
    check_zero_point(op, operands.back(), zero);
    multipliers.push_back(op.integer(name + "_multiplier"));
    shifts.push_back(op.integer(name + "_shift"));
  }
  multipliers.push_back(op.integer("output_multiplier"));
  shifts.push_back(op.integer("output_shift"));
  Attributes attributes = scaled_output(op);
  attributes["multipliers"] = multipliers;
  attributes["shifts"] = shifts;
  const ValueId y = op.add(add_op, operands, attributes);
  op.set(limited(op, y, op.integer("activation_min"), op.integer("activation_max")));
}

// The zero points may be others than those of the layers before: hard swish is a product of x and
// of min(x, 3) read at a lower zero point (passes/decompose_hardswish_pass.py).
void import_mul(CallView& op) {
  std::vector<ValueId> operands;
  List zeros;
  for (const std::string name : {"self", "other"}) {
    zeros.push_back(op.integer(name + "_zero_point"));
    operands.push_back(op.tensor_with(name, at_zero_point(zeros.back())));
    if (op.value(operands.back()).quantization.scales.size() != 1)
      op.refuse("wrong-quantization", "it reads numbers without a scale");
  }
  Attributes attributes = scaled_output(op);
  attributes["multipliers"] = List{op.integer("output_multiplier")};
  attributes["shifts"] = List{op.integer("output_shift")};
  attributes["zero_points"] = zeros;
  op.set(op.add(mul_op, operands, attributes));
}

// Of two numbers of one scale; a constant is taken at the other operand's.
template <const OpDef& kOp>
void import_extreme(CallView& op) {
  const bool first_is_constant = op.is_constant_tensor("self");
  const Quantization q = op.value(op.tensor(first_is_constant ? "other" : "self")).quantization;
  const std::vector<ValueId> operands{op.tensor_with("self", q), op.tensor_with("other", q)};
  if (!(op.value(operands[0]).quantization == op.value(operands[1]).quantization))
    op.refuse("wrong-quantization", "the file does not say that its inputs have one scale",
              "export the model with both inputs quantised alike");
  op.set(op.add(kOp, operands));
}

// ---- one operand

// y = table[x + 128], 256 numbers. The file says no zero point of the output; what reads it does.
void import_activation(CallView& op) {
  const TensorMeta* said = op.output_meta(0);
  const Quantization out =
      said && !said->quantization.empty() ? said->quantization : per_tensor(1, 0);
  const ValueId table = op.weights("lut", per_tensor(1, 0));
  op.set(op.add(
      lookup_op, {op.tensor("input"), table},
      {{"output_scale", double(out.scale())}, {"output_zero_point", int64_t(out.zero_point())}}));
}

// As many before and behind each dimension.
void import_pad(CallView& op) {
  const ValueId x = op.tensor("input");
  const Value value = op.value(x);
  List before = op.integers("pre_pad"), after = op.integers("post_pad");
  for (const List& list : {before, after})
    for (int64_t n : list)
      if (list.size() != 4 || n < 0 || n > 65535)
        op.refuse("wrong-argument", "it must pad four dimensions by 0 .. 65535");
  const auto is_zero = [](int64_t n) { return n == 0; };
  if (std::all_of(before.begin(), before.end(), is_zero) &&
      std::all_of(after.begin(), after.end(), is_zero))
    return op.ignore("pad_value"), op.set(x);
  if (op.integer("pad_value") != int64_t(value.quantization.zero_point()))
    op.refuse("wrong-argument", "it pads with another number than the zero point");
  if (value.shape.size() != 4) op.refuse("wrong-shape", "its input must have four dimensions");
  op.set(op.move().pad(x, before, after, "constant", 0));
}

// ---- changes of type

ElementType quantized_type(CallView& op, ElementType type) {
  if (type != ElementType::s16 && type != ElementType::s8)
    op.refuse("wrong-type", "its quantised side must be int8 or int16");
  const int64_t most = type == ElementType::s16 ? 32767 : 127;
  if (op.integer("quant_min") != -most - 1 || op.integer("quant_max") != most)
    op.refuse("wrong-quantization", "its numbers are limited to a part of their type",
              "export the model with the type's whole range");
  op.ignore("dtype");
  return type;
}

void import_quantize(CallView& op) {
  const TensorMeta* said = op.output_meta(0);
  const ElementType type = quantized_type(op, said ? said->type : ElementType::s8);
  op.set(op.add(quantize_op, {op.tensor("input")},
                {{"output_scale", double(float(op.number("scale", 1)))},
                 {"output_zero_point", op.integer("zero_point")},
                 {"output_type", std::string(to_string(type))},
                 {"halves", std::string("even")}}));
}

void import_dequantize(CallView& op) {
  const ValueId x = op.tensor("input");
  quantized_type(op, op.value(x).type);
  const Quantization q = op.value(x).quantization;
  if (q.scale() != float(op.number("scale", 1)) ||
      int64_t(q.zero_point()) != op.integer("zero_point"))
    op.refuse("wrong-quantization",
              "its scale or zero point is not that of the tensor that it takes",
              "export the model again");
  op.set(op.add(dequantize_op, {x}));
}

constexpr std::string_view kQuantize = "input scale zero_point quant_min quant_max dtype";

constexpr ImportRule kRules[] = {
    {"cortex_m.dequantize_per_tensor.default", kQuantize, import_dequantize},
    {"cortex_m.maximum.default", "self other", import_extreme<maximum_op>},
    {"cortex_m.minimum.default", "self other", import_extreme<minimum_op>},
    {"cortex_m.pad.default", "input pre_pad post_pad pad_value", import_pad},
    {"cortex_m.quantize_per_tensor.default", kQuantize, import_quantize},
    {"cortex_m.quantized_activation.default", "input lut", import_activation},
    {"cortex_m.quantized_add.default",
     "self self_zero_point self_multiplier self_shift other other_zero_point other_multiplier "
     "other_shift output_zero_point output_multiplier output_shift activation_min activation_max",
     import_add},
    {"cortex_m.quantized_mul.default",
     "self self_zero_point other other_zero_point output_zero_point output_multiplier output_shift",
     import_mul},
};

}  // namespace

Quantization output_quantization(const CallView& op, int64_t zero_point) {
  if (zero_point < -32768 || zero_point > 32767)
    op.refuse("wrong-quantization", "the zero point " + std::to_string(zero_point) +
                                        " lies outside of the output's type");
  const TensorMeta* said = op.output_meta(0);
  return per_tensor(said ? said->quantization.scale() : 1.0f, int32_t(zero_point));
}

void check_zero_point(const CallView& op, ValueId x, int64_t zero_point) {
  const Quantization& q = op.value(x).quantization;
  if (q.scales.size() != 1 || int64_t(q.zero_point()) != zero_point)
    op.refuse("wrong-quantization",
              "it reads its input at the zero point " + std::to_string(zero_point) +
                  ", and the input has " + std::to_string(q.zero_point()),
              "the file is damaged; export it again");
}

ValueId limited(CallView& op, ValueId y, int64_t least, int64_t most) {
  if (least < -128 || most > 127 || least > most)
    op.refuse("wrong-activation",
              "its output is limited to " + std::to_string(least) + " .. " + std::to_string(most));
  const Quantization q = op.value(y).quantization;
  if (least > -128)
    y = op.add(maximum_op, {y, op.scalar(ElementType::s8, double(least), q)}, {}, "min");
  if (most < 127)
    y = op.add(minimum_op, {y, op.scalar(ElementType::s8, double(most), q)}, {}, "max");
  return y;
}

ValueId constant_s32(CallView& op, const std::string& what, const std::vector<int32_t>& numbers) {
  return op.assembly().add_constant(op.name() + "/" + what, ElementType::s32,
                                    {int32_t(numbers.size())}, numbers);
}

std::span<const ImportRule> cortex_m_elementwise_rules() { return kRules; }

}  // namespace mote::pytorch
