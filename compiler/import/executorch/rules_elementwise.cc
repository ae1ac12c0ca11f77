// SPDX-License-Identifier: Apache-2.0
// Operators of ExecuTorch that take number by number. cortex_m::quantized_add is
// arm_elementwise_add_s8: both operands 20 bits to the left, each by its own ratio, their sum by
// the output's; quantized_mul is arm_elementwise_mul_s8: one ratio. Multipliers and shifts come
// from the file and become attributes. ExecuTorch's kernels walk over memory; mote broadcasts by
// the tensors' dimensions, and refuses operands that lie in different orders.
#include <algorithm>
#include <array>

#include "compiler/import/executorch/rules.h"
#include "compiler/import/movement.h"

namespace mote::executorch {
namespace {

using List = CallView::List;

// ---- two operands

// Whether all three lie in memory in the order of their dimensions, or all in one order.
bool walk_together(const CallView& call, const Tensor& a, const Tensor& b) {
  const Tensor& y = call.output();
  const auto in_order = [](const Tensor& t) { return memory_shape(t) == t.sizes; };
  if (in_order(y)) return in_order(a) && in_order(b);
  return a.sizes == y.sizes && b.sizes == y.sizes && lies_in_order(a, y.dim_order) &&
         lies_in_order(b, y.dim_order);
}

// Arguments `first` and `second` as values that numpy's rule may broadcast. A constant gets the
// quantisation of `quantizations`.
std::array<ValueId, 2> operands(CallView& call, std::array<size_t, 2> at,
                                const std::array<Quantization, 2>& quantizations) {
  const Tensor &a = call.tensor(at[0]), &b = call.tensor(at[1]);
  std::array<ValueId, 2> ids{call.operand(at[0], quantizations[0]),
                             call.operand(at[1], quantizations[1])};
  if (walk_together(call, a, b)) return ids;
  Movement move(call.assembly(), call.name() + "/image");
  for (size_t i = 0; i < 2; ++i) {
    if (element_count(call.tensor(at[i]).sizes) == 1) {
      ids[i] = move.reshape(ids[i], {1});
      continue;
    }
    const Shape wanted = call.image_shape(call.tensor(at[i]));
    ids[i] = move.reshape(ids[i], {wanted.begin(), wanted.end()});
  }
  return ids;
}

Quantization at_zero_point(int64_t zero_point) {
  return per_tensor(1, int32_t(std::clamp<int64_t>(zero_point, -65536, 65536)));
}

Attributes scaled_output(const CallView& call, int64_t zero_point) {
  const Quantization out = call.output_quantization(zero_point);
  return {{"output_scale", double(out.scale())}, {"output_zero_point", int64_t(out.zero_point())}};
}

// Arguments: a, its zero point, multiplier, shift; b and the same; zero point, multiplier, shift of
// the output; least, most.
void import_add(CallView& call) {
  call.expect_arguments(14);
  const auto [a, b] =
      operands(call, {0, 4}, {at_zero_point(call.integer(1)), at_zero_point(call.integer(5))});
  check_zero_point(call, a, call.integer(1));
  check_zero_point(call, b, call.integer(5));
  Attributes attributes = scaled_output(call, call.integer(8));
  attributes["multipliers"] = List{call.integer(2), call.integer(6), call.integer(9)};
  attributes["shifts"] = List{call.integer(3), call.integer(7), call.integer(10)};
  const ValueId y = call.add(add_op, {a, b}, attributes);
  call.set(limited(call, y, call.integer(11), call.integer(12)));
}

// Arguments: a, its zero point, b, its zero point; zero point, multiplier, shift of the output. The
// zero points may be others than those of the layers before: hard swish is a product of x and of
// min(x, 3) read at a lower zero point (passes/decompose_hardswish_pass.py).
void import_mul(CallView& call) {
  call.expect_arguments(8);
  const auto [a, b] =
      operands(call, {0, 2}, {at_zero_point(call.integer(1)), at_zero_point(call.integer(3))});
  for (ValueId id : {a, b})
    if (call.value(id).quantization.scales.size() != 1)
      call.refuse("wrong-quantization", "it reads numbers without a scale");
  Attributes attributes = scaled_output(call, call.integer(4));
  attributes["multipliers"] = List{call.integer(5)};
  attributes["shifts"] = List{call.integer(6)};
  attributes["zero_points"] = List{call.integer(1), call.integer(3)};
  call.set(call.add(mul_op, {a, b}, attributes));
}

// Of two numbers of one scale; a constant is taken at the other operand's.
void import_extreme(CallView& call, const OpDef& op) {
  call.expect_arguments(3);
  const size_t computed = call.tensor(0).is_constant ? 1 : 0;
  const Quantization q = call.value(call.input(computed)).quantization;
  const auto [a, b] = operands(call, {0, 1}, {q, q});
  if (!(call.value(a).quantization == call.value(b).quantization))
    call.refuse("wrong-quantization", "the file does not say that its inputs have one scale",
                "export the model with both inputs quantised alike");
  call.set(call.add(op, {a, b}, {}));
}
void import_minimum(CallView& call) { import_extreme(call, minimum_op); }
void import_maximum(CallView& call) { import_extreme(call, maximum_op); }

// ---- one operand

// Arguments: x, least, most; either may be missing.
void import_clamp(CallView& call) {
  call.expect_arguments(4);
  if (call.tensor(0).type != format::ScalarType::CHAR)
    call.refuse("wrong-type", "it limits numbers that are not CHAR",
                "quantise the model for cortex_m");
  const int64_t least = call.is_null(1) ? -128 : call.integer(1);
  const int64_t most = call.is_null(2) ? 127 : call.integer(2);
  call.set(limited(call, call.input(0), least, most));
}

// Arguments: x, table [256]: y = table[x + 128]. The file says no zero point of the output; what
// reads it does.
void import_activation(CallView& call) {
  call.expect_arguments(3);
  if (call.tensor(0).dim_order != call.output().dim_order)
    call.refuse("wrong-shape", "its input and output do not lie in memory in one order");
  const Quantization out = call.expected_quantization();
  const ValueId table = call.weights(1, per_tensor(1, 0));
  call.set(call.add(
      lookup_op, {call.input(0), table},
      {{"output_scale", double(out.scale())}, {"output_zero_point", int64_t(out.zero_point())}}));
}

// ---- changes of type

ElementType quantized_type(const CallView& call, const Tensor& tensor, size_t range) {
  const bool s16 = tensor.type == format::ScalarType::SHORT;
  if (!s16 && tensor.type != format::ScalarType::CHAR)
    call.refuse("wrong-type", "its quantised side must be CHAR or SHORT");
  const int64_t most = s16 ? 32767 : 127;
  if (call.integer(range) != -most - 1 || call.integer(range + 1) != most)
    call.refuse("wrong-quantization", "its numbers are limited to a part of their type",
                "export the model with the type's whole range");
  return s16 ? ElementType::s16 : ElementType::s8;
}

// Arguments: x, scale, zero point, least, most, type.
void import_quantize(CallView& call) {
  call.expect_arguments(7);
  const ElementType type = quantized_type(call, call.output(), 3);
  call.set(call.add(quantize_op, {call.input(0)},
                    {{"output_scale", double(float(call.real(1)))},
                     {"output_zero_point", call.integer(2)},
                     {"output_type", std::string(to_string(type))},
                     {"halves", std::string("even")}}));
}

void import_dequantize(CallView& call) {
  call.expect_arguments(7);
  quantized_type(call, call.tensor(0), 3);
  const ValueId x = call.input(0);
  const Quantization& q = call.value(x).quantization;
  if (q.scale() != float(call.real(1)) || int64_t(q.zero_point()) != call.integer(2))
    call.refuse("wrong-quantization",
                "its scale or zero point is not that of the tensor that it takes",
                "export the model again");
  call.set(call.add(dequantize_op, {x}, {}));
}

constexpr ImportRule kRules[] = {
    {"aten::clamp", import_clamp, KeepsScale::of_first},
    {"cortex_m::dequantize_per_tensor", import_dequantize, KeepsScale::no, {{{0, 2, false, 1}}}},
    {"cortex_m::maximum", import_maximum, KeepsScale::of_all},
    {"cortex_m::minimum", import_minimum, KeepsScale::of_all},
    {"cortex_m::quantize_per_tensor", import_quantize},
    {"cortex_m::quantized_activation", import_activation},
    {"cortex_m::quantized_add", import_add, KeepsScale::no, {{{0, 1}, {4, 5}}}},
    {"cortex_m::quantized_mul", import_mul, KeepsScale::no, {{{0, 1}, {2, 3}}}},
};

}  // namespace

ValueId limited(CallView& call, ValueId y, int64_t least, int64_t most) {
  if (least < -128 || most > 127 || least > most)
    call.refuse("wrong-activation", "its output is limited to " + std::to_string(least) + " .. " +
                                        std::to_string(most));
  const Quantization q = call.value(y).quantization;
  const auto number = [&](int64_t n) {
    return call.assembly().add_constant(call.name() + "/limit", ElementType::s8, {1},
                                        std::vector<int8_t>{int8_t(n)}, q);
  };
  if (least > -128) y = call.add(maximum_op, {y, number(least)}, {});
  if (most < 127) y = call.add(minimum_op, {y, number(most)}, {});
  return y;
}

std::span<const ImportRule> elementwise_rules() { return kRules; }

}  // namespace mote::executorch
