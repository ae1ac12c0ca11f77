// SPDX-License-Identifier: Apache-2.0
// ExecuTorch's operators as ours, one row each. The cortex_m ones are CMSIS-NN's: y =
// clamp(requantize(bias + sum of (x + input_offset) * w, multiplier, shift) + output_offset).
// arm_nn_requantize (two roundings, its default) is multiply_by_quantized_multiplier
// (core/fixed_point.h): a doubling high product and a rounding shift, halves away from zero. The
// file gives multiplier and shift and not the scales, so they become the layer's attributes
// "multipliers" and "shifts". Argument lists: backends/cortex_m/ops/operators.yaml.
#include <algorithm>
#include <cfloat>
#include <cmath>

#include "compiler/import/executorch/call_view.h"
#include "compiler/import/movement.h"

namespace mote::executorch {
namespace {

using List = CallView::List;

// ---- layers with weights

struct Requantization {
  int64_t input_offset;
  int64_t output_offset;
  List multipliers;
  List shifts;
  int64_t least;  // of the output
  int64_t most;
};

List widened(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

// "none" or "relu", whose bounds need no scale.
std::string activation(const CallView& call, const Requantization& r) {
  if (r.most == 127 && r.least == -128) return "none";
  if (r.most == 127 && r.least == r.output_offset) return "relu";
  call.refuse("wrong-activation",
              "its output is limited to " + std::to_string(r.least) + " .. " +
                  std::to_string(r.most) + ", and mote takes -128 .. 127 or zero point .. 127 here",
              "export the model with the activation as a layer of its own");
}

void check_input(const CallView& call, ValueId x, const Requantization& r) {
  const Quantization& q = call.value(x).quantization;
  if (q.scales.size() != 1 || int64_t(q.zero_point()) != -r.input_offset)
    call.refuse("wrong-quantization",
                "its input offset " + std::to_string(r.input_offset) +
                    " is not the negative zero point of its input, " +
                    std::to_string(q.zero_point()),
                "the file is damaged; export it again");
}

// Scales that tell the same as multipliers and shifts, rounded to float32.
Quantization weight_scales(const CallView& call, ValueId x, const Requantization& r, int32_t axis) {
  const double output = double(call.output_quantization(r.output_offset).scale());
  const double input = double(call.value(x).quantization.scale());
  if (r.multipliers.size() != r.shifts.size() || r.multipliers.empty())
    call.refuse("wrong-quantization", "it has not as many shifts as multipliers");
  Quantization q;
  for (size_t o = 0; o < r.multipliers.size(); ++o) {
    const auto shift = int(std::clamp<int64_t>(r.shifts[o], -100, 100));
    const double ratio = std::ldexp(double(r.multipliers[o]), shift - 31);
    q.scales.push_back(float(std::clamp(ratio * output / input, double(FLT_MIN), 1e30)));
    q.zero_points.push_back(0);
  }
  q.axis = axis;
  return q;
}

Attributes layer_attributes(const CallView& call, const Requantization& r) {
  const Quantization out = call.output_quantization(r.output_offset);
  return {{"output_scale", double(out.scale())},
          {"output_zero_point", int64_t(out.zero_point())},
          {"activation", activation(call, r)},
          {"multipliers", r.multipliers},
          {"shifts", r.shifts}};
}

ValueId bias_of(CallView& call, size_t i) {
  if (call.is_null(i)) return -1;
  const std::vector<int32_t> numbers = call.constants_s32(i);
  return call.assembly().add_constant(call.name() + "/bias", ElementType::s32,
                                      {int32_t(numbers.size())}, numbers);
}

// ---- windows

struct Windows {
  List kernel, stride, padding, dilation;  // height, width
};

// One axis: what TensorFlow's words "same" and "valid" would do with it.
struct WindowAxis {
  int64_t same_before;
  int64_t missing;  // behind the input's end, for the last window
};
WindowAxis window_axis(const Windows& w, size_t axis, int64_t input, int64_t output) {
  const int64_t span = (w.kernel[axis] - 1) * w.dilation[axis] + 1;
  const int64_t needed = (output - 1) * w.stride[axis] + span - input;
  return {std::max<int64_t>(0, needed) / 2, needed - w.padding[axis]};
}

// The word for attribute "padding"; `x` is padded with real zeros where neither word fits.
std::string place_windows(CallView& call, ValueId& x, const Windows& w, bool may_pad) {
  const Shape in = call.value(x).shape, out = call.image_shape(call.output());
  bool same = true, valid = true;
  List before{0, 0, 0, 0}, after = before;
  for (size_t axis = 0; axis < 2; ++axis) {
    if (w.stride[axis] < 1 || w.kernel[axis] < 1 || w.dilation[axis] < 1)
      call.refuse("wrong-arguments", "a kernel, stride or dilation is not at least 1");
    const int64_t input = in[axis + 1], output = out[axis + 1];
    const WindowAxis a = window_axis(w, axis, input, output);
    const int64_t covering = (input + w.stride[axis] - 1) / w.stride[axis];
    same = same && output == covering && w.padding[axis] == a.same_before;
    valid = valid && w.padding[axis] == 0 && a.missing <= 0;
    before[axis + 1] = w.padding[axis];
    after[axis + 1] = std::clamp<int64_t>(a.missing, 0, 65535);
  }
  if (valid) return "valid";
  if (same) return "same";
  if (!may_pad)
    call.refuse("wrong-padding", "its padding is neither none nor that of TensorFlow's \"same\"",
                "export the model with a padding layer of its own");
  x = Movement(call.assembly(), call.name() + "/pad").pad(x, before, after, "constant", 0);
  return "valid";
}

// Arguments: x, weights, bias, stride, padding, dilation[, depth multiplier], input offset, output
// offset, multipliers, shifts, least, most, scratch; `axis` is the output channel's in the weights.
void import_convolution(CallView& call, const OpDef& op, int32_t axis) {
  const size_t behind = axis == 3 ? 7 : 6;
  call.expect_arguments(behind + 8);
  const Requantization r{call.integer(behind),
                         call.integer(behind + 1),
                         widened(call.constants_s32(behind + 2)),
                         widened(call.constants_s32(behind + 3)),
                         call.integer(behind + 4),
                         call.integer(behind + 5)};
  ValueId x = call.image(0);
  check_input(call, x, r);
  const ValueId weights = call.weights(1, weight_scales(call, x, r, axis));
  const Shape& kernel = call.tensor(1).sizes;
  if (kernel.size() != 4) call.refuse("wrong-shape", "its weights must have four dimensions");
  const Windows windows{
      {kernel[1], kernel[2]}, call.extents(3, 2), call.extents(4, 2), call.extents(5, 2)};
  Attributes attributes = layer_attributes(call, r);
  attributes["padding"] = place_windows(call, x, windows, true);
  attributes["stride_h"] = windows.stride[0], attributes["stride_w"] = windows.stride[1];
  attributes["dilation_h"] = windows.dilation[0], attributes["dilation_w"] = windows.dilation[1];
  call.set(call.add(op, {x, weights, bias_of(call, 2)}, attributes));
}
void import_conv_2d(CallView& call) { import_convolution(call, conv_2d_op, 0); }
void import_depthwise_conv_2d(CallView& call) { import_convolution(call, depthwise_conv_2d_op, 3); }

// For cores with vector instructions the file gives bias + input_offset * (sum of a row of weights)
// instead of the bias.
ValueId linear_bias(CallView& call, int64_t input_offset) {
  if (call.is_null(3)) return bias_of(call, 2);
  std::vector<int32_t> sums = call.constants_s32(3);
  const Tensor& weights = call.tensor(1);
  if (weights.sizes.size() != 2 || int64_t(sums.size()) != weights.sizes[0])
    call.refuse("wrong-shape", "it has not one sum of weights for each output");
  for (size_t o = 0; o < sums.size(); ++o) {
    int64_t sum = 0;
    for (int32_t i = 0; i < weights.sizes[1]; ++i)
      sum += int8_t(weights.data[o * size_t(weights.sizes[1]) + size_t(i)]);
    sums[o] = int32_t(uint32_t(int64_t(sums[o]) - input_offset * sum));
  }
  return call.assembly().add_constant(call.name() + "/bias", ElementType::s32,
                                      {int32_t(sums.size())}, sums);
}

// Arguments: x, weights, bias, sums of weights, input offset, filter offset, output offset,
// multipliers, shifts, most, least. One multiplier serves all outputs.
void import_linear(CallView& call) {
  call.expect_arguments(12);
  if (call.integers(7).size() != 1 || call.integers(8).size() != 1)
    call.refuse("wrong-quantization", "it must have one multiplier and one shift");
  Requantization r{call.integer(4),  call.integer(6),  call.integers(7),
                   call.integers(8), call.integer(10), call.integer(9)};
  if (call.integer(5) != 0)
    call.refuse("wrong-quantization", "its weights have a zero point",
                "export the model with symmetric weights");
  if (std::abs(r.input_offset) > 65535)
    call.refuse("wrong-quantization", "its input offset is no zero point of an integer type");
  const ValueId x = call.input(0);
  check_input(call, x, r);
  const ValueId weights = call.weights(1, weight_scales(call, x, r, 0));
  if (!call.tensor(1).sizes.empty()) {
    call.spend(2 * int64_t(call.tensor(1).sizes[0]));
    r.multipliers.assign(size_t(call.tensor(1).sizes[0]), r.multipliers[0]);
    r.shifts.assign(r.multipliers.size(), r.shifts[0]);
  }
  call.set(call.add(fully_connected_op, {x, weights, linear_bias(call, r.input_offset)},
                    layer_attributes(call, r)));
}

// Arguments: x, kernel, stride, padding, ceil_mode, zero point, multiplier, shift, scratch. As
// arm_avgpool_s8 computes it, which does not look at the last four: the mean of what lies inside,
// halves away from zero.
void import_average_pool_2d(CallView& call) {
  call.expect_arguments(10);
  const Windows windows{call.extents(1, 2), call.extents(2, 2), call.extents(3, 2), {1, 1}};
  ValueId x = call.image(0);
  const std::string padding = place_windows(call, x, windows, false);
  call.set(call.add(average_pool_2d_op, {x},
                    {{"filter_h", windows.kernel[0]},
                     {"filter_w", windows.kernel[1]},
                     {"stride_h", windows.stride[0]},
                     {"stride_w", windows.stride[1]},
                     {"padding", padding}}));
}

// ---- numbers

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

// ---- movement

ValueId moved(CallView& call, const List& perm) {
  const Tensor &in = call.tensor(0), &out = call.output();
  List inverse(in.sizes.size()), full, order;
  for (size_t d = 0; d < in.dim_order.size(); ++d) {
    inverse[size_t(in.dim_order[d])] = int64_t(d);
    full.push_back(in.sizes[size_t(in.dim_order[d])]);
  }
  if (out.dim_order.size() != perm.size())
    call.refuse("wrong-shape", "its output has not as many dimensions as its input");
  for (int32_t d : out.dim_order) order.push_back(inverse[size_t(perm[size_t(d)])]);
  Movement movement(call.assembly(), call.name());
  return movement.transpose(movement.reshape(call.input(0), full), order);
}

void import_clone(CallView& call) {
  if (call.tensor(0).type != call.output().type || call.tensor(0).sizes != call.output().sizes)
    call.refuse("wrong-type", "it changes the type or the shape");
  List identity;
  for (size_t d = 0; d < call.tensor(0).sizes.size(); ++d) identity.push_back(int64_t(d));
  call.set(moved(call, identity));
}

void import_permute(CallView& call) {
  const auto rank = int64_t(call.tensor(0).sizes.size());
  if (int64_t(call.integers(1).size()) != rank)
    call.refuse("wrong-arguments", "its dims do not name each dimension once");
  List perm = call.integers(1), sorted;
  for (int64_t& d : perm) {
    if (d < 0) d += rank;
    sorted.push_back(d);
  }
  std::sort(sorted.begin(), sorted.end());
  for (size_t d = 0; d < sorted.size(); ++d)
    if (sorted[d] != int64_t(d))
      call.refuse("wrong-arguments", "its dims do not name each dimension once");
  call.set(moved(call, perm));
}

void import_view(CallView& call) {
  for (const Tensor* tensor : {&call.tensor(0), &call.output()})
    if (memory_shape(*tensor) != tensor->sizes)
      call.refuse("wrong-shape", "it reshapes a tensor that does not lie in memory in order",
                  "export the model with contiguous tensors there");
  call.set(call.input(0));
}

// Arguments: x, before, after, value; the lists in the order of memory, of four dimensions.
void import_pad(CallView& call) {
  call.expect_arguments(5);
  const ValueId x = call.input(0);
  List before = call.extents(1, 4), after = call.extents(2, 4);
  const auto is_zero = [](int64_t n) { return n == 0; };
  const bool nothing = std::all_of(before.begin(), before.end(), is_zero) &&
                       std::all_of(after.begin(), after.end(), is_zero);
  if (nothing) return call.set(x);
  const Value value = call.value(x);
  if (call.integer(3) != int64_t(value.quantization.zero_point()))
    call.refuse("wrong-arguments", "it pads with another number than the zero point");
  if (value.shape.size() != 4) call.refuse("wrong-shape", "its input must have four dimensions");
  call.set(Movement(call.assembly(), call.name()).pad(call.image(0), before, after, "constant", 0));
}

constexpr ImportRule kRules[] = {
    {"aten::clone", import_clone, true},
    {"aten::permute_copy", import_permute, true},
    {"aten::view_copy", import_view, true},
    {"cortex_m::dequantize_per_tensor", import_dequantize},
    {"cortex_m::pad", import_pad, true},
    {"cortex_m::quantize_per_tensor", import_quantize},
    {"cortex_m::quantized_avg_pool2d", import_average_pool_2d, true},
    {"cortex_m::quantized_conv2d", import_conv_2d},
    {"cortex_m::quantized_depthwise_conv2d", import_depthwise_conv_2d},
    {"cortex_m::quantized_linear", import_linear},
    {"cortex_m::transpose", import_permute, true},
    {"dim_order_ops::_clone_dim_order", import_clone, true},
};

}  // namespace

const ImportRule* find_rule(const std::string& name) {
  for (const ImportRule& rule : kRules)
    if (rule.name == name) return &rule;
  return nullptr;
}

}  // namespace mote::executorch

namespace mote {

std::vector<std::string> executorch_operators() {
  std::vector<std::string> names;
  for (const auto& rule : executorch::kRules) names.emplace_back(rule.name);
  return names;
}

}  // namespace mote
