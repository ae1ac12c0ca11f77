// SPDX-License-Identifier: Apache-2.0
// cortex_m's layers: weights, windows, matrix products, softmax. See rules_cortex_m.h. They are
// CMSIS-NN's: y = clamp(requantize(bias + sum of (x + input_offset) * w, multiplier, shift) +
// output_offset). arm_nn_requantize (two roundings, its default) is
// multiply_by_quantized_multiplier (core/fixed_point.h). The file gives multiplier and shift and
// not the scales, so they become the layer's attributes "multipliers" and "shifts". Argument lists:
// backends/cortex_m/ops/operators.yaml.
#include "compiler/import/pytorch/rules_cortex_m.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace mote::pytorch {
namespace {

struct Requantization {
  int64_t input_offset;
  int64_t output_offset;
  List multipliers;
  List shifts;
  int64_t least;  // of the output
  int64_t most;
};

List widened(const std::vector<int32_t>& numbers) { return {numbers.begin(), numbers.end()}; }

// The arguments of these names, which all convolutions have.
Requantization requantization(CallView& op) {
  return {op.integer("input_offset"),
          op.integer("output_offset"),
          widened(op.numbers_s32("requantize_multipliers")),
          widened(op.numbers_s32("requantize_shifts")),
          op.integer("activation_min"),
          op.integer("activation_max")};
}

// "relu" where the limits are its own; others are applied behind the layer.
bool is_relu(const Requantization& r) { return r.most == 127 && r.least == r.output_offset; }

// Scales that tell the same as multipliers and shifts, rounded to float32.
Quantization weight_scales(const CallView& op, ValueId x, const Requantization& r, int32_t axis) {
  const double output = double(output_quantization(op, r.output_offset).scale());
  const double input = double(op.value(x).quantization.scale());
  if (r.multipliers.size() != r.shifts.size() || r.multipliers.empty())
    op.refuse("wrong-quantization", "it has not as many shifts as multipliers");
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

Attributes layer_attributes(const CallView& op, const Requantization& r) {
  const Quantization out = output_quantization(op, r.output_offset);
  return {{"output_scale", double(out.scale())},
          {"output_zero_point", int64_t(out.zero_point())},
          {"activation", std::string(is_relu(r) ? "relu" : "none")},
          {"multipliers", r.multipliers},
          {"shifts", r.shifts}};
}

void set_limited(CallView& op, ValueId y, const Requantization& r) {
  op.set(is_relu(r) ? y : limited(op, y, r.least, r.most));
}

ValueId bias_of(CallView& op) {
  return op.has("bias") ? constant_s32(op, "bias", op.numbers_s32("bias")) : -1;
}

// ---- windows

struct Windows {
  List kernel, stride, padding, dilation;  // height, width
};

// Exactly two integers in 0 .. 65535.
List extents(CallView& op, const std::string& name) {
  const List list = op.integers(name);
  const bool valid = list.size() == 2 && std::all_of(list.begin(), list.end(), [](int64_t n) {
                       return n >= 0 && n <= 65535;
                     });
  if (!valid)
    op.refuse("wrong-argument", "argument \"" + name + "\" must hold two numbers in 0 .. 65535");
  return list;
}

ValueId image(CallView& op) {
  const ValueId x = op.tensor("input");
  if (op.shape(x).size() != 4) op.refuse("wrong-shape", "its input must have four dimensions");
  return x;
}
Shape output_image(const CallView& op) {
  const TensorMeta* said = op.output_meta(0);
  if (!said || said->shape.size() != 4)
    op.refuse("wrong-shape", "its output must have four dimensions");
  return said->shape;
}

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
std::string place_windows(CallView& op, ValueId& x, const Windows& w, std::optional<int64_t> fill) {
  const Shape in = op.shape(x), out = output_image(op);
  bool same = true, valid = true;
  List before{0, 0, 0, 0}, after = before;
  for (size_t axis = 0; axis < 2; ++axis) {
    if (w.stride[axis] < 1 || w.kernel[axis] < 1 || w.dilation[axis] < 1)
      op.refuse("wrong-argument", "a kernel, stride or dilation is not at least 1");
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
    op.refuse("wrong-padding", "its padding is neither none nor that of TensorFlow's \"same\"",
              "export the model with a padding layer of its own");
  const Quantization& q = op.value(x).quantization;
  const double real = double(*fill - q.zero_point()) * double(q.scale());
  x = Movement(op.assembly(), op.name() + "/pad").pad(x, before, after, "constant", real);
  return "valid";
}

// `axis` is the output channel's in the weights.
void import_convolution(CallView& op, const OpDef& layer, int32_t axis) {
  const Requantization r = requantization(op);
  ValueId x = image(op);
  check_zero_point(op, x, -r.input_offset);
  const ValueId weights = op.weights("weight", weight_scales(op, x, r, axis));
  const Shape kernel = op.shape(weights);
  if (kernel.size() != 4) op.refuse("wrong-shape", "its weights must have four dimensions");
  const Windows windows{{kernel[1], kernel[2]},
                        extents(op, "stride"),
                        extents(op, "padding"),
                        extents(op, "dilation")};
  Attributes attributes = layer_attributes(op, r);
  attributes["padding"] = place_windows(op, x, windows, -r.input_offset);
  attributes["stride_h"] = windows.stride[0], attributes["stride_w"] = windows.stride[1];
  attributes["dilation_h"] = windows.dilation[0], attributes["dilation_w"] = windows.dilation[1];
  set_limited(op, op.add(layer, {x, weights, bias_of(op)}, attributes), r);
}
void import_conv_2d(CallView& op) { import_convolution(op, conv_2d_op, 0); }
void import_depthwise_conv_2d(CallView& op) {
  op.ignore("depth_multiplier");  // the shapes say it
  import_convolution(op, depthwise_conv_2d_op, 3);
}

// For cores with vector instructions the file gives bias + input_offset * (sum of a row of weights)
// instead of the bias.
ValueId linear_bias(CallView& op, ValueId weights, int64_t input_offset) {
  if (!op.has("kernel_sum")) return bias_of(op);
  op.ignore("bias");
  std::vector<int32_t> sums = op.numbers_s32("kernel_sum");
  const Value w = op.value(weights);
  if (w.shape.size() != 2 || int64_t(sums.size()) != w.shape[0])
    op.refuse("wrong-shape", "it has not one sum of weights for each output");
  for (size_t o = 0; o < sums.size(); ++o) {
    int64_t sum = 0;
    for (int32_t i = 0; i < w.shape[1]; ++i)
      sum += w.as<int8_t>()[o * size_t(w.shape[1]) + size_t(i)];
    sums[o] = int32_t(uint32_t(int64_t(sums[o]) - input_offset * sum));
  }
  return constant_s32(op, "bias", sums);
}

// One multiplier serves all outputs.
void import_linear(CallView& op) {
  Requantization r{op.integer("input_offset"),
                   op.integer("output_offset"),
                   op.integers("requantize_multipliers"),
                   op.integers("requantize_shifts"),
                   op.integer("activation_min"),
                   op.integer("activation_max")};
  if (r.multipliers.size() != 1 || r.shifts.size() != 1)
    op.refuse("wrong-quantization", "it must have one multiplier and one shift");
  if (op.integer("filter_offset") != 0)
    op.refuse("wrong-quantization", "its weights have a zero point",
              "export the model with symmetric weights");
  if (std::abs(r.input_offset) > 65535)
    op.refuse("wrong-quantization", "its input offset is no zero point of an integer type");
  const ValueId x = op.tensor("input");
  check_zero_point(op, x, -r.input_offset);
  const ValueId weights = op.weights("weights", weight_scales(op, x, r, 0));
  if (!op.shape(weights).empty()) {
    op.spend_numbers(2 * int64_t(op.shape(weights)[0]));
    r.multipliers.assign(size_t(op.shape(weights)[0]), r.multipliers[0]);
    r.shifts.assign(r.multipliers.size(), r.shifts[0]);
  }
  const ValueId bias = linear_bias(op, weights, r.input_offset);
  set_limited(op, op.add(fully_connected_op, {x, weights, bias}, layer_attributes(op, r)), r);
}

ValueId pool(CallView& op, const OpDef& layer, const Windows& windows,
             std::optional<int64_t> fill) {
  ValueId x = image(op);
  const std::string padding = place_windows(op, x, windows, fill);
  return op.add(layer, {x},
                {{"filter_h", windows.kernel[0]},
                 {"filter_w", windows.kernel[1]},
                 {"stride_h", windows.stride[0]},
                 {"stride_w", windows.stride[1]},
                 {"padding", padding}});
}
Windows pool_windows(CallView& op) {
  op.ignore("ceil_mode");  // the output's size says it
  return {extents(op, "kernel_size"), extents(op, "stride"), extents(op, "padding"), {1, 1}};
}

// As arm_avgpool_s8 computes it, which does not look at the last arguments: the mean of what lies
// inside, halves away from zero.
void import_average_pool_2d(CallView& op) {
  for (const char* name : {"zero_point", "multiplier", "shift"}) op.ignore(name);
  op.set(pool(op, average_pool_2d_op, pool_windows(op), std::nullopt));
}

// As arm_max_pool_s8: padding does not take part, so the smallest number stands for it.
void import_max_pool_2d(CallView& op) {
  if (extents(op, "dilation") != List{1, 1})
    op.refuse("wrong-argument", "a pool with dilations is not taken");
  const int64_t zero = op.integer("input_zero_point");
  if (zero != op.integer("output_zero_point"))
    op.refuse("wrong-quantization", "its input and output differ in zero point");
  check_zero_point(op, op.tensor("input"), zero);
  const ValueId y = pool(op, max_pool_2d_op, pool_windows(op), -128);
  op.set(limited(op, y, op.integer("activation_min"), op.integer("activation_max")));
}

// ---- transposed convolution

// As arm_transpose_conv_wrapper_s8, which does not look at the dilation: the sums are computed
// without padding, from which the output is cut. Weights [out, kh, kw, in].
void import_transpose_conv_2d(CallView& op) {
  const Requantization r = requantization(op);
  const List stride = extents(op, "stride"), padding = extents(op, "padding"),
             more = extents(op, "output_padding");
  if (extents(op, "dilation") != List{1, 1})
    op.refuse("wrong-argument", "a transposed convolution with dilations is not taken");
  const ValueId x = image(op);
  check_zero_point(op, x, -r.input_offset);
  const ValueId weights = op.weights("weight", weight_scales(op, x, r, 0));
  const Shape kernel = op.shape(weights);
  if (kernel.size() != 4) op.refuse("wrong-shape", "its weights must have four dimensions");
  const Shape in = op.shape(x), out = output_image(op);
  List begin{0, 0, 0, 0};
  Attributes attributes = layer_attributes(op, r);
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t wanted =
        (in[axis + 1] - 1) * stride[axis] - 2 * padding[axis] + kernel[axis + 1] + more[axis];
    if (out[axis + 1] != wanted)
      op.refuse("wrong-shape", "its output's size does not follow from its stride and padding");
    begin[axis + 1] = padding[axis];
    attributes[axis ? "output_w" : "output_h"] =
        std::max<int64_t>(kernel[axis + 1], padding[axis] + out[axis + 1]);
  }
  attributes["stride_h"] = stride[0], attributes["stride_w"] = stride[1];
  attributes["padding"] = std::string("valid");
  const ValueId whole = op.add(transpose_conv_op, {x, weights, bias_of(op)}, attributes);
  set_limited(op, op.move().slice(whole, begin, dims(out), {1, 1, 1, 1}), r);
}

// ---- matrix products, softmax

// x [n, i, k], y [n, j, k] (transposed). As arm_batch_matmul_s8.
void import_batch_matmul(CallView& op) {
  std::vector<ValueId> operands;
  for (const char* name : {"lhs", "rhs"}) {
    const int64_t offset = op.integer(std::string(name) + "_offset");
    const int64_t zero = -std::clamp<int64_t>(offset, -65536, 65536);
    operands.push_back(op.tensor_with(name, per_tensor(1, int32_t(zero))));
    check_zero_point(op, operands.back(), zero);
    if (op.shape(operands.back()).size() != 3)
      op.refuse("wrong-shape", "its matrices must have three dimensions");
  }
  const Quantization out = output_quantization(op, op.integer("output_offset"));
  op.set(op.add(batch_matmul_op, operands,
                {{"adj_y", int64_t{1}},
                 {"output_scale", double(out.scale())},
                 {"output_zero_point", int64_t(out.zero_point())},
                 {"multipliers", List{op.integer("output_multiplier")}},
                 {"shifts", List{op.integer("output_shift")}}}));
}

// As arm_softmax_s8, whose output has scale 1/256 and zero point -128.
void import_softmax(CallView& op) {
  const ValueId x = op.tensor("input");
  const auto rank = int64_t(op.shape(x).size());
  if (op.integer("dim") != -1 && op.integer("dim") != rank - 1)
    op.refuse("wrong-argument", "its sums must run over the last dimension",
              "export the model with a permute in front of it");
  if (op.integer("output_zero_point") != -128)
    op.refuse("wrong-quantization", "the zero point of its output is not -128");
  check_zero_point(op, x, op.integer("input_zero_point"));
  const int64_t shift = op.integer("input_shift");
  // What TFLite's CalculateInputRadius makes of the shift: five bits before the binary point.
  const bool known =
      shift >= 0 && shift <= 30 && op.integer("diff_min") == -((int64_t{31} << 26) >> shift);
  if (!known)
    op.refuse("wrong-quantization", "its least difference does not follow from its shift",
              "export the model with a current ExecuTorch");
  op.set(op.add(softmax_op, {x},
                {{"multipliers", List{op.integer("input_multiplier")}}, {"shifts", List{shift}}}));
}

constexpr ImportRule kRules[] = {
    {"cortex_m.quantized_avg_pool2d.default",
     "input kernel_size stride padding ceil_mode zero_point multiplier shift scratch",
     import_average_pool_2d},
    {"cortex_m.quantized_batch_matmul.default",
     "lhs lhs_offset rhs rhs_offset output_offset output_multiplier output_shift scratch",
     import_batch_matmul},
    {"cortex_m.quantized_conv2d.default",
     "input weight bias stride padding dilation input_offset output_offset requantize_multipliers "
     "requantize_shifts activation_min activation_max scratch",
     import_conv_2d},
    {"cortex_m.quantized_depthwise_conv2d.default",
     "input weight bias stride padding dilation depth_multiplier input_offset output_offset "
     "requantize_multipliers requantize_shifts activation_min activation_max scratch",
     import_depthwise_conv_2d},
    {"cortex_m.quantized_linear.default",
     "input weights bias kernel_sum input_offset filter_offset output_offset "
     "requantize_multipliers requantize_shifts activation_max activation_min",
     import_linear},
    {"cortex_m.quantized_max_pool2d.default",
     "input kernel_size stride padding dilation ceil_mode input_zero_point output_zero_point "
     "activation_min activation_max",
     import_max_pool_2d},
    {"cortex_m.quantized_transpose_conv2d.default",
     "input weight bias stride padding output_padding dilation input_offset output_offset "
     "requantize_multipliers requantize_shifts activation_min activation_max scratch "
     "output_scratch",
     import_transpose_conv_2d},
    {"cortex_m.softmax.default",
     "input dim input_zero_point output_zero_point input_multiplier input_shift diff_min",
     import_softmax},
};

}  // namespace

std::span<const ImportRule> cortex_m_rules() { return kRules; }

}  // namespace mote::pytorch
