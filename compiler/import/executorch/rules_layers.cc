// SPDX-License-Identifier: Apache-2.0
// Layers of ExecuTorch: weights, windows, matrix products, softmax. The cortex_m ones are
// CMSIS-NN's: y = clamp(requantize(bias + sum of (x + input_offset) * w, multiplier, shift) +
// output_offset). arm_nn_requantize (two roundings, its default) is
// multiply_by_quantized_multiplier (core/fixed_point.h). The file gives multiplier and shift and
// not the scales, so they become the layer's attributes "multipliers" and "shifts". Argument lists:
// backends/cortex_m/ops/operators.yaml.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <optional>

#include "compiler/import/executorch/rules.h"
#include "compiler/import/movement.h"

namespace mote::executorch {
namespace {

using List = CallView::List;

struct Requantization {
  int64_t input_offset;
  int64_t output_offset;
  List multipliers;
  List shifts;
  int64_t least;  // of the output
  int64_t most;
};

List widened(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

// "relu" where the limits are its own; others are applied behind the layer.
bool is_relu(const Requantization& r) { return r.most == 127 && r.least == r.output_offset; }

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
          {"activation", std::string(is_relu(r) ? "relu" : "none")},
          {"multipliers", r.multipliers},
          {"shifts", r.shifts}};
}

void set_limited(CallView& call, ValueId y, const Requantization& r) {
  call.set(is_relu(r) ? y : limited(call, y, r.least, r.most));
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

// The word for attribute "padding"; `x` is padded with `fill`, a quantised number, where neither
// word fits.
std::string place_windows(CallView& call, ValueId& x, const Windows& w,
                          std::optional<int64_t> fill) {
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
  if (!fill)
    call.refuse("wrong-padding", "its padding is neither none nor that of TensorFlow's \"same\"",
                "export the model with a padding layer of its own");
  const Quantization& q = call.value(x).quantization;
  const double real = double(*fill - q.zero_point()) * double(q.scale());
  x = Movement(call.assembly(), call.name() + "/pad").pad(x, before, after, "constant", real);
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
  check_zero_point(call, x, -r.input_offset);
  const ValueId weights = call.weights(1, weight_scales(call, x, r, axis));
  const Shape& kernel = call.tensor(1).sizes;
  if (kernel.size() != 4) call.refuse("wrong-shape", "its weights must have four dimensions");
  const Windows windows{
      {kernel[1], kernel[2]}, call.extents(3, 2), call.extents(4, 2), call.extents(5, 2)};
  Attributes attributes = layer_attributes(call, r);
  attributes["padding"] = place_windows(call, x, windows, -r.input_offset);
  attributes["stride_h"] = windows.stride[0], attributes["stride_w"] = windows.stride[1];
  attributes["dilation_h"] = windows.dilation[0], attributes["dilation_w"] = windows.dilation[1];
  set_limited(call, call.add(op, {x, weights, bias_of(call, 2)}, attributes), r);
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
  check_zero_point(call, x, -r.input_offset);
  const ValueId weights = call.weights(1, weight_scales(call, x, r, 0));
  if (!call.tensor(1).sizes.empty()) {
    call.spend(2 * int64_t(call.tensor(1).sizes[0]));
    r.multipliers.assign(size_t(call.tensor(1).sizes[0]), r.multipliers[0]);
    r.shifts.assign(r.multipliers.size(), r.shifts[0]);
  }
  const ValueId bias = linear_bias(call, r.input_offset);
  set_limited(call, call.add(fully_connected_op, {x, weights, bias}, layer_attributes(call, r)), r);
}

ValueId pool(CallView& call, const OpDef& op, const Windows& windows, std::optional<int64_t> fill) {
  ValueId x = call.image(0);
  const std::string padding = place_windows(call, x, windows, fill);
  return call.add(op, {x},
                  {{"filter_h", windows.kernel[0]},
                   {"filter_w", windows.kernel[1]},
                   {"stride_h", windows.stride[0]},
                   {"stride_w", windows.stride[1]},
                   {"padding", padding}});
}

// Arguments: x, kernel, stride, padding, ceil_mode, zero point, multiplier, shift, scratch. As
// arm_avgpool_s8 computes it, which does not look at the last four: the mean of what lies inside,
// halves away from zero.
void import_average_pool_2d(CallView& call) {
  call.expect_arguments(10);
  const Windows windows{call.extents(1, 2), call.extents(2, 2), call.extents(3, 2), {1, 1}};
  call.set(pool(call, average_pool_2d_op, windows, std::nullopt));
}

// Arguments: x, kernel, stride, padding, dilation, ceil_mode, zero points of input and output,
// least, most. As arm_max_pool_s8: padding does not take part, so the smallest number stands for
// it.
void import_max_pool_2d(CallView& call) {
  call.expect_arguments(11);
  const Windows windows{call.extents(1, 2), call.extents(2, 2), call.extents(3, 2), {1, 1}};
  if (call.extents(4, 2) != List{1, 1})
    call.refuse("wrong-arguments", "a pool with dilations is not taken");
  if (call.integer(6) != call.integer(7))
    call.refuse("wrong-quantization", "its input and output differ in zero point");
  check_zero_point(call, call.input(0), call.integer(6));
  const ValueId y = pool(call, max_pool_2d_op, windows, -128);
  call.set(limited(call, y, call.integer(8), call.integer(9)));
}

// ---- transposed convolution

// The output's size along one axis (0: height), which the call's numbers give.
int64_t transposed_extent(CallView& call, size_t axis, int64_t input) {
  const List stride = call.extents(3, 2), padding = call.extents(4, 2), more = call.extents(5, 2);
  return (input - 1) * stride[axis] - 2 * padding[axis] + call.tensor(1).sizes[axis + 1] +
         more[axis];
}

// Arguments: x, weights [out, kh, kw, in], bias, stride, padding, output padding, dilation, input
// offset, output offset, multipliers, shifts, least, most, two scratches. As
// arm_transpose_conv_wrapper_s8, which does not look at the dilation: the sums are computed without
// padding, from which the output is cut.
void import_transpose_conv_2d(CallView& call) {
  call.expect_arguments(16);
  const Requantization r{call.integer(7),
                         call.integer(8),
                         widened(call.constants_s32(9)),
                         widened(call.constants_s32(10)),
                         call.integer(11),
                         call.integer(12)};
  const List stride = call.extents(3, 2), padding = call.extents(4, 2);
  if (call.extents(6, 2) != List{1, 1})
    call.refuse("wrong-arguments", "a transposed convolution with dilations is not taken");
  const ValueId x = call.image(0);
  check_zero_point(call, x, -r.input_offset);
  const ValueId weights = call.weights(1, weight_scales(call, x, r, 0));
  const Shape& kernel = call.tensor(1).sizes;
  if (kernel.size() != 4) call.refuse("wrong-shape", "its weights must have four dimensions");
  const Shape in = call.value(x).shape, out = call.image_shape(call.output());
  List begin{0, 0, 0, 0}, size{out.begin(), out.end()};
  Attributes attributes = layer_attributes(call, r);
  for (size_t axis = 0; axis < 2; ++axis) {
    if (out[axis + 1] != transposed_extent(call, axis, in[axis + 1]))
      call.refuse("wrong-shape", "its output's size does not follow from its stride and padding");
    begin[axis + 1] = padding[axis];
    attributes[axis ? "output_w" : "output_h"] =
        std::max<int64_t>(kernel[axis + 1], padding[axis] + out[axis + 1]);
  }
  attributes["stride_h"] = stride[0], attributes["stride_w"] = stride[1];
  attributes["padding"] = std::string("valid");
  const ValueId whole = call.add(transpose_conv_op, {x, weights, bias_of(call, 2)}, attributes);
  const ValueId y =
      Movement(call.assembly(), call.name() + "/cut").slice(whole, begin, size, {1, 1, 1, 1});
  set_limited(call, y, r);
}

// ---- matrix products, softmax

// Arguments: x [n, i, k], its offset, y [n, j, k] (transposed), its offset, output offset,
// multiplier, shift, scratch. As arm_batch_matmul_s8.
void import_batch_matmul(CallView& call) {
  call.expect_arguments(9);
  for (const Tensor* tensor : {&call.tensor(0), &call.tensor(2), &call.output()})
    if (tensor->sizes.size() != 3 || memory_shape(*tensor) != tensor->sizes)
      call.refuse("wrong-shape", "its matrices must have three dimensions, in order in memory");
  std::array<ValueId, 2> operands;
  for (size_t i = 0; i < 2; ++i) {
    const int64_t offset = std::clamp<int64_t>(call.integer(2 * i + 1), -65536, 65536);
    operands[i] = call.operand(2 * i, per_tensor(1, int32_t(-offset)));
    check_zero_point(call, operands[i], -offset);
  }
  const Quantization out = call.output_quantization(call.integer(4));
  call.set(call.add(batch_matmul_op, {operands[0], operands[1]},
                    {{"adj_y", int64_t{1}},
                     {"output_scale", double(out.scale())},
                     {"output_zero_point", int64_t(out.zero_point())},
                     {"multipliers", List{call.integer(5)}},
                     {"shifts", List{call.integer(6)}}}));
}

// Arguments: x, dim, zero points of input and output, multiplier, shift, least difference. As
// arm_softmax_s8, whose output has scale 1/256 and zero point -128.
void import_softmax(CallView& call) {
  call.expect_arguments(8);
  const Tensor& x = call.tensor(0);
  const auto rank = int64_t(x.sizes.size());
  if ((call.integer(1) != -1 && call.integer(1) != rank - 1) || memory_shape(x) != x.sizes)
    call.refuse("wrong-arguments", "its sums must run over the last dimension, in order in memory",
                "export the model with a permute in front of it");
  if (call.integer(3) != -128)
    call.refuse("wrong-quantization", "the zero point of its output is not -128");
  check_zero_point(call, call.input(0), call.integer(2));
  const int64_t shift = call.integer(5);
  // What TFLite's CalculateInputRadius makes of the shift: five bits before the binary point.
  const bool known =
      shift >= 0 && shift <= 30 && call.integer(6) == -((int64_t{31} << 26) >> shift);
  if (!known)
    call.refuse("wrong-quantization", "its least difference does not follow from its shift",
                "export the model with a current ExecuTorch");
  call.set(call.add(softmax_op, {call.input(0)},
                    {{"multipliers", List{call.integer(4)}}, {"shifts", List{shift}}}));
}

constexpr ImportRule kRules[] = {
    {"cortex_m::quantized_avg_pool2d", import_average_pool_2d, KeepsScale::of_first},
    {"cortex_m::quantized_batch_matmul",
     import_batch_matmul,
     KeepsScale::no,
     {{{0, 1, true}, {2, 3, true}}}},
    {"cortex_m::quantized_conv2d", import_conv_2d, KeepsScale::no, {{{0, 6, true}}}},
    {"cortex_m::quantized_depthwise_conv2d",
     import_depthwise_conv_2d,
     KeepsScale::no,
     {{{0, 7, true}}}},
    {"cortex_m::quantized_linear", import_linear, KeepsScale::no, {{{0, 4, true}}}},
    {"cortex_m::quantized_max_pool2d", import_max_pool_2d, KeepsScale::of_first, {{{0, 6}}}},
    {"cortex_m::quantized_transpose_conv2d",
     import_transpose_conv_2d,
     KeepsScale::no,
     {{{0, 7, true}}}},
    {"cortex_m::softmax", import_softmax, KeepsScale::no, {{{0, 2}}}},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::executorch
