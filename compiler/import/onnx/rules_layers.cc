// SPDX-License-Identifier: Apache-2.0
// Layers with weights. Images are [n, c, h, w] there and [n, h, w, c] here: each layer
// stands between two transposes, which a pass behind the importer may remove. See rules.h.
#include <algorithm>

#include "compiler/import/onnx/convolution.h"

namespace mote::onnx {
namespace {

// ---- matrix products ---------------------------------------------------------------------------

// Of vectors, too: a row before, a column behind, which leave the result's shape again.
void import_matmul(OperatorView& op) {
  const ValueId a = op.input(0), b = op.input(1);
  const List x = dims(op.shape(a)), y = dims(op.shape(b));
  if (x.empty() || y.empty()) op.refuse("wrong-shape", "its inputs must have dimensions");
  if (!op.is_float(a)) op.refuse("wrong-type", "its inputs must be float32");
  Movement move = op.move();
  if (y.size() == 2 && op.is_constant(b) && !op.is_constant(a) && op.is_float(b) &&
      x.back() == y[0])
    return op.set(op.add(fully_connected_op, {a, move.transpose(b, {1, 0}), -1}));
  const ValueId rows = x.size() == 1 ? move.reshape(a, {1, x[0]}) : a;
  const ValueId columns = y.size() == 1 ? move.reshape(b, {y[0], 1}) : b;
  const ValueId product = op.add(batch_matmul_op, {rows, columns});
  List shape = dims(op.shape(product));
  if (y.size() == 1) shape.pop_back();
  if (x.size() == 1) shape.erase(shape.end() - (y.size() == 1 ? 1 : 2));
  op.set(move.reshape(product, shape));
}

ValueId times(OperatorView& op, ValueId x, double factor) {
  return factor == 1 ? x : op.add(mul_op, {x, op.scalar(ElementType::f32, factor)}, {}, "scaled");
}

// alpha A' B' + beta C.
void import_gemm(OperatorView& op) {
  Movement move = op.move();
  ValueId a = op.input(0), b = op.input(1), c = op.optional_input(2);
  if (!op.is_float(a) || op.shape(a).size() != 2 || op.shape(b).size() != 2)
    op.refuse("wrong-type", "its inputs must be matrices of float32");
  const double alpha = op.number("alpha", 1), beta = op.number("beta", 1);
  if (op.integer("transA", 0) != 0) a = move.transpose(a, {1, 0});
  const bool turned = op.integer("transB", 0) != 0;
  if (c >= 0) c = times(op, c, beta);
  if (!op.is_constant(b) || op.is_constant(a)) {
    const ValueId product =
        times(op, op.add(batch_matmul_op, {a, b}, {{"adj_y", int64_t(turned)}}, "product"), alpha);
    return op.set(c < 0 ? product : op.add(add_op, {product, c}));
  }
  b = times(op, turned ? b : move.transpose(b, {1, 0}), alpha);
  const bool bias = c >= 0 && op.is_constant(c) && op.value(c).elements() == op.shape(b)[0] &&
                    op.shape(c).back() == op.shape(b)[0];
  if (bias) c = move.reshape(c, {op.shape(b)[0]});
  const ValueId product = op.add(fully_connected_op, {a, b, bias ? c : -1});
  op.set(bias || c < 0 ? product : op.add(add_op, {product, c}));
}

// ---- convolutions ------------------------------------------------------------------------------

void check_kernel(OperatorView& op, const List& kernel) {
  if (op.has("kernel_shape") && op.integers("kernel_shape") != kernel)
    op.refuse("wrong-attribute", "kernel_shape differs from the weights");
}

Convolution weights_of(OperatorView& op) {
  Convolution c;
  c.weights = op.constant_input(1);
  c.bias = op.has_input(2) ? op.constant_input(2) : -1;
  c.groups = op.integer("group", 1);
  if (!op.is_float(op.input(0)) || !op.is_float(c.weights))
    op.refuse("wrong-type", "its inputs must be float32");
  return c;
}

void import_conv(OperatorView& op) {
  const ValueId x = op.input(0);
  const Convolution c = weights_of(op);
  const List kernel = kernel_of(op, x, c);
  check_kernel(op, kernel);
  const Shape& shape = op.shape(x);
  op.set(convolve(op, x, c, window_of(op, {shape.begin() + 2, shape.end()}, kernel)));
}

// Where the numbers of a transposed convolution go: output o is number o + begin of the whole
// ones, (in - 1) stride + reach; behind these there is the bias alone.
struct Transposed {
  Window window;  // kernel, stride, dilation
  List whole, begin, out;
};

// The borders that are cut: given, or what a given size leaves, the larger half in front unless
// auto_pad is SAME_UPPER.
void set_range(OperatorView& op, Transposed& t, const List& image) {
  const size_t spatial = image.size();
  const List pads = window_list(op, "pads", 2 * spatial, 0);
  const List more = window_list(op, "output_padding", spatial, 0);
  const std::string auto_pad = op.text("auto_pad", "NOTSET");
  const bool given = op.has("output_shape"), same = auto_pad.rfind("SAME_", 0) == 0;
  if (auto_pad != "NOTSET" && auto_pad != "VALID" && !same)
    op.refuse("wrong-attribute", "auto_pad is \"" + auto_pad + "\"");
  const List wanted = window_list(op, "output_shape", spatial, 0);
  for (size_t d = 0; d < spatial; ++d) {
    const int64_t stride = t.window.stride[d];
    t.whole.push_back((image[d] - 1) * stride + reach(t.window, d));
    const int64_t most = t.whole[d] + more[d];
    int64_t begin = pads[d], out = most - pads[d] - pads[d + spatial];
    if (auto_pad == "VALID") begin = 0, out = most;
    if (given || same) {
      out = given ? wanted[d] : image[d] * stride;
      const int64_t cut = std::max<int64_t>(0, most - out);
      begin = auto_pad == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
    }
    if (out < 1 || out > INT16_MAX) op.refuse("wrong-shape", "its output has no or too many rows");
    t.begin.push_back(begin);
    t.out.push_back(out);
  }
}

Transposed transposed(OperatorView& op, const List& image, const List& kernel) {
  Transposed t;
  Window& w = t.window;
  w.kernel = kernel;
  w.stride = window_list(op, "strides", image.size(), 1);
  w.dilation = window_list(op, "dilations", image.size(), 1);
  for (size_t d = 0; d < image.size(); ++d)
    if (w.kernel[d] < 1 || w.kernel[d] > INT16_MAX || w.stride[d] < 1 || w.dilation[d] < 1)
      op.refuse("wrong-attribute", "its kernel, strides and dilations must be at least 1");
  set_range(op, t, image);
  return t;
}

// Our layer where there are no groups and dilations: it gives the whole, of which a part is taken.
ValueId transpose_conv(OperatorView& op, ValueId x, const Convolution& c, Transposed t) {
  Movement move = op.move();
  const size_t spatial = t.window.rank();
  x = to_channels_last(op, x, spatial);
  List shape = dims(op.shape(c.weights));
  if (spatial == 1) {
    shape.insert(shape.begin() + 2, 1);
    t.begin.insert(t.begin.begin(), 0);
    for (List* list : {&t.whole, &t.out, &t.window.stride}) list->insert(list->begin(), 1);
  }
  const ValueId weights = move.transpose(move.reshape(c.weights, shape), {1, 2, 3, 0});
  Attributes attributes = strides(t.window, false);
  attributes["output_h"] = std::max(t.whole[0], t.begin[0] + t.out[0]);
  attributes["output_w"] = std::max(t.whole[1], t.begin[1] + t.out[1]);
  ValueId y = op.add(transpose_conv_op, {x, weights, c.bias}, attributes);
  y = move.slice_axis(move.slice_axis(y, 1, t.begin[0], t.out[0]), 2, t.begin[1], t.out[1]);
  return to_channels_first(op, y, spatial);
}

// Zeros between the numbers: a convolution with the kernel turned round computes the rest.
ValueId spread(OperatorView& op, ValueId x, const List& stride) {
  Movement move = op.move();
  const List shape = dims(op.shape(x));
  List apart{shape[0], shape[1]}, joined = apart, last(shape.size(), 0);
  List none(2, 0), zeros(2, 0);
  for (size_t d = 0; d < stride.size(); ++d) {
    apart.insert(apart.end(), {shape[d + 2], 1});
    zeros.insert(zeros.end(), {0, stride[d] - 1});
    none.insert(none.end(), {0, 0});
    joined.push_back(shape[d + 2] * stride[d]);
    last[d + 2] = 1 - stride[d];
  }
  x = move.reshape(move.pad(move.reshape(x, apart), none, zeros, "constant", 0), joined);
  return move.pad(x, List(shape.size(), 0), last, "constant", 0);
}

// [c, m / groups, kernel...] as the weights [m, c / groups, kernel...] of a convolution.
ValueId turned_weights(OperatorView& op, ValueId weights, int64_t groups) {
  Movement move = op.move();
  const List shape = dims(op.shape(weights));
  List split = shape, joined = shape, perm{0, 2, 1};
  split[0] /= groups;
  split.insert(split.begin(), groups);
  std::vector<size_t> axes;
  for (size_t d = 2; d < shape.size(); ++d) {
    perm.push_back(int64_t(d) + 1);
    axes.push_back(d);
  }
  joined[0] = shape[1] * groups;
  joined[1] = shape[0] / groups;
  return move.reverse(move.reshape(move.transpose(move.reshape(weights, split), perm), joined),
                      axes);
}

// As a convolution with stride 1 over the numbers spread apart.
ValueId transpose_conv_by_zeros(OperatorView& op, ValueId x, Convolution c, Transposed t) {
  x = spread(op, x, t.window.stride);
  c.weights = turned_weights(op, c.weights, c.groups);
  Window& w = t.window;
  w.out = t.out;
  w.same = false;
  for (size_t d = 0; d < w.rank(); ++d) {
    const int64_t reach = onnx::reach(w, d), have = op.shape(x)[d + 2];
    w.before.push_back(reach - 1 - t.begin[d]);
    w.after.push_back(t.out[d] + reach - 1 - w.before[d] - have);
    w.stride[d] = 1;
  }
  w.counted = w.after;
  return convolve(op, x, c, w);
}

void import_conv_transpose(OperatorView& op) {
  const ValueId x = op.input(0);
  const Convolution c = weights_of(op);
  const size_t spatial = spatial_rank(op, x);
  const List shape = dims(op.shape(c.weights)), in = dims(op.shape(x));
  if (shape.size() != spatial + 2 || shape[0] != in[1] || c.groups < 1 || in[1] % c.groups != 0)
    op.refuse("wrong-shape", "its weights do not fit its input and groups");
  const List kernel(shape.begin() + 2, shape.end());
  check_kernel(op, kernel);
  const Transposed t = transposed(op, {in.begin() + 2, in.end()}, kernel);
  const bool ours = spatial < 3 && c.groups == 1 && !t.window.dilated();
  op.set(ours ? transpose_conv(op, x, c, t) : transpose_conv_by_zeros(op, x, c, t));
}

constexpr ImportRule kRules[] = {
    {"Conv", import_conv, "float32, up to three dimensions, weights constant"},
    {"ConvTranspose", import_conv_transpose, "float32, up to three dimensions, weights constant"},
    {"Gemm", import_gemm, "float32"},
    {"MatMul", import_matmul, "float32"},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::onnx
