// SPDX-License-Identifier: Apache-2.0
// Layers with weights and pools. Images are [n, c, h, w] there and [n, h, w, c] here: each layer
// stands between two transposes, which a pass behind the importer may remove. See rules.h.
#include <algorithm>
#include <limits>

#include "compiler/import/onnx/rules.h"

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

// ---- windows -----------------------------------------------------------------------------------

// Two dimensions, in the order h, w; one is taken as an image of one row.
struct Window {
  int64_t kernel[2]{1, 1}, stride[2]{1, 1}, dilation[2]{1, 1};
  int64_t before[2]{}, after[2]{};  // numbers around the image
  int64_t counted[2]{};             // of those behind, the ones that the file names
  int64_t out[2]{};
  bool same = false;  // the borders are those of our padding "same"
};

int64_t at(OperatorView& op, const List& list, size_t d, size_t spatial, int64_t otherwise) {
  if (list.empty() || (spatial == 1 && d == 0)) return otherwise;
  if (list.size() != spatial) op.refuse("wrong-attribute", "it must have a number a dimension");
  const int64_t n = list[spatial == 1 ? 0 : d];
  if (n < 0 || n > INT16_MAX)
    op.refuse("wrong-attribute", "a number of its window is out of range");
  return n;
}

Window window_of(OperatorView& op, const List& image, size_t spatial, const List& kernel) {
  Window w;
  const List strides = op.integers("strides"), dilations = op.integers("dilations");
  List pads = op.integers("pads");
  const std::string auto_pad = op.text("auto_pad", "NOTSET");
  const bool ceil = op.integer("ceil_mode", 0) != 0;
  if (pads.empty()) pads.assign(2 * spatial, 0);
  if (pads.size() != 2 * spatial) op.refuse("wrong-attribute", "pads must be two a dimension");
  const List front(pads.begin(), pads.begin() + int64_t(spatial));
  const List back(pads.begin() + int64_t(spatial), pads.end());
  w.same = true;
  for (size_t d = 0; d < 2; ++d) {
    w.kernel[d] = at(op, kernel, d, spatial, 1);
    w.stride[d] = at(op, strides, d, spatial, 1);
    w.dilation[d] = at(op, dilations, d, spatial, 1);
    if (w.kernel[d] < 1 || w.stride[d] < 1 || w.dilation[d] < 1)
      op.refuse("wrong-attribute", "its kernel, strides and dilations must be at least 1");
    const int64_t in = image[d + 1], reach = (w.kernel[d] - 1) * w.dilation[d] + 1;
    const int64_t same_out = (in + w.stride[d] - 1) / w.stride[d];
    const int64_t same = std::max<int64_t>(0, (same_out - 1) * w.stride[d] + reach - in);
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      w.before[d] = auto_pad == "SAME_UPPER" ? same / 2 : same - same / 2;
      w.after[d] = same - w.before[d];
    } else if (auto_pad == "NOTSET") {
      w.before[d] = at(op, front, d, spatial, 0);
      w.after[d] = at(op, back, d, spatial, 0);
    } else if (auto_pad != "VALID") {
      op.refuse("wrong-attribute", "auto_pad is \"" + auto_pad + "\"");
    }
    w.counted[d] = w.after[d];
    const int64_t room = in + w.before[d] + w.after[d] - reach;
    if (room < 0) op.refuse("wrong-shape", "its window is larger than its input");
    w.out[d] = room / w.stride[d] + 1;
    if (ceil && auto_pad == "NOTSET" && room % w.stride[d] != 0 &&
        w.out[d] * w.stride[d] < in + w.before[d]) {
      ++w.out[d];
      w.after[d] += (w.out[d] - 1) * w.stride[d] - room;
    }
    w.same = w.same && w.before[d] == same / 2 && w.after[d] == same - same / 2;
  }
  return w;
}

ValueId to_nhwc(OperatorView& op, ValueId x, size_t spatial) {
  const List d = dims(op.shape(x));
  if (spatial == 1) x = op.move().reshape(x, {d[0], d[1], 1, d[2]});
  return op.move().transpose(x, {0, 2, 3, 1});
}
ValueId to_nchw(OperatorView& op, ValueId y, size_t spatial) {
  y = op.move().transpose(y, {0, 3, 1, 2});
  const List d = dims(op.shape(y));
  return spatial == 1 ? op.move().reshape(y, {d[0], d[1], d[3]}) : y;
}

size_t spatial_rank(OperatorView& op, ValueId x) {
  const size_t rank = op.shape(x).size();
  if (rank != 3 && rank != 4)
    op.refuse("wrong-shape", "its input has " + std::to_string(rank) + " dimensions",
              "mote takes one or two spatial dimensions");
  return rank - 2;
}

ValueId padded(OperatorView& op, ValueId x, const Window& w, double number) {
  return op.move().pad(x, {0, w.before[0], w.before[1], 0}, {0, w.after[0], w.after[1], 0},
                       "constant", number);
}

Attributes strides(const Window& w, bool same) {
  return {{"stride_h", w.stride[0]},
          {"stride_w", w.stride[1]},
          {"padding", std::string(same ? "same" : "valid")}};
}

// Weights [m, c / groups, h, w] become [m, h, w, c / groups], or [1, h, w, m] where each channel is
// by itself.
void import_conv(OperatorView& op) {
  ValueId x = op.input(0), weights = op.constant_input(1);
  if (!op.is_float(x) || !op.is_float(weights))
    op.refuse("wrong-type", "its inputs must be float32");
  const size_t spatial = spatial_rank(op, x);
  List shape = dims(op.shape(weights));
  if (shape.size() != spatial + 2) op.refuse("wrong-shape", "its weights have other dimensions");
  const List kernel(shape.begin() + 2, shape.end());
  if (op.has("kernel_shape") && op.integers("kernel_shape") != kernel)
    op.refuse("wrong-attribute", "kernel_shape differs from the weights");
  if (spatial == 1) shape = {shape[0], shape[1], 1, shape[2]};
  const int64_t groups = op.integer("group", 1), channels = op.shape(x)[1];
  if (groups < 1 || channels != shape[1] * groups || shape[0] % groups != 0)
    op.refuse("wrong-shape", "its channels do not fit its groups and weights");
  x = to_nhwc(op, x, spatial);
  const Window w = window_of(op, dims(op.shape(x)), spatial, kernel);
  if (!w.same) x = padded(op, x, w, 0);
  const bool depthwise = groups > 1 && groups == channels;
  weights = op.move().transpose(op.move().reshape(weights, shape),
                                depthwise ? List{1, 2, 3, 0} : List{0, 2, 3, 1});
  Attributes attributes = strides(w, w.same);
  attributes["dilation_h"] = w.dilation[0];
  attributes["dilation_w"] = w.dilation[1];
  const ValueId bias = op.has_input(2) ? op.constant_input(2) : -1;
  op.set(to_nchw(
      op, op.add(depthwise ? depthwise_conv_2d_op : conv_2d_op, {x, weights, bias}, attributes),
      spatial));
}

List pool_kernel(OperatorView& op, size_t spatial) {
  const List kernel = op.integers("kernel_shape");
  if (kernel.size() != spatial)
    op.refuse("wrong-attribute", "kernel_shape must be one a dimension");
  return kernel;
}

Attributes pool(const Window& w, bool same) {
  Attributes attributes = strides(w, same);
  attributes["filter_h"] = w.kernel[0];
  attributes["filter_w"] = w.kernel[1];
  return attributes;
}

void check_dilation(OperatorView& op, const Window& w) {
  if (w.dilation[0] != 1 || w.dilation[1] != 1)
    op.refuse("wrong-attribute", "a pool with dilations is not taken");
}

void import_max_pool(OperatorView& op) {
  ValueId x = op.input(0);
  op.ignore("storage_order");  // of the indices, which are not taken
  const size_t spatial = spatial_rank(op, x);
  x = to_nhwc(op, x, spatial);
  const Window w = window_of(op, dims(op.shape(x)), spatial, pool_kernel(op, spatial));
  check_dilation(op, w);
  if (op.value(x).type != ElementType::f32 && op.value(x).type != ElementType::s8)
    op.refuse("wrong-type", "its input must be float32 or int8");
  const double least = op.is_float(x) ? double(std::numeric_limits<float>::lowest()) : -128.0;
  if (!w.same) x = padded(op, x, w, least);
  op.set(to_nchw(op, op.add(max_pool_2d_op, {x}, pool(w, w.same)), spatial));
}

// How many numbers of each window count: the padded mean times kernel / count is the mean of those.
ValueId count_correction(OperatorView& op, const Window& w, const List& image, bool with_pads) {
  std::vector<float> factors;
  const auto counted = [&](size_t d, int64_t o) {
    const int64_t begin = with_pads ? 0 : w.before[d];
    const int64_t end = w.before[d] + image[d + 1] + (with_pads ? w.counted[d] : 0);
    const int64_t from = o * w.stride[d];
    return std::max<int64_t>(1, std::min(end, from + w.kernel[d]) - std::max(begin, from));
  };
  for (int64_t r = 0; r < w.out[0]; ++r)
    for (int64_t c = 0; c < w.out[1]; ++c)
      factors.push_back(
          float(double(w.kernel[0] * w.kernel[1]) / double(counted(0, r) * counted(1, c))));
  return op.constant(ElementType::f32, Shape{1, int32_t(w.out[0]), int32_t(w.out[1]), 1}, factors);
}

// Our padding "same" leaves the border out of the mean.
void import_average_pool(OperatorView& op) {
  ValueId x = op.input(0);
  const size_t spatial = spatial_rank(op, x);
  const bool with_pads = op.integer("count_include_pad", 0) != 0;
  x = to_nhwc(op, x, spatial);
  const List image = dims(op.shape(x));
  const Window w = window_of(op, image, spatial, pool_kernel(op, spatial));
  check_dilation(op, w);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const bool borders = w.before[0] + w.before[1] + w.after[0] + w.after[1] > 0;
  if (w.same && (!with_pads || !borders))
    return op.set(to_nchw(op, op.add(average_pool_2d_op, {x}, pool(w, true)), spatial));
  if (w.out[0] * w.out[1] > 1 << 24) op.refuse("too-large", "its output is too large");
  ValueId y = op.add(average_pool_2d_op, {padded(op, x, w, 0)}, pool(w, false));
  if (borders) y = op.add(mul_op, {y, count_correction(op, w, image, with_pads)}, {}, "counted");
  op.set(to_nchw(op, y, spatial));
}

constexpr ImportRule kRules[] = {
    {"AveragePool", import_average_pool},
    {"Conv", import_conv},
    {"Gemm", import_gemm},
    {"MatMul", import_matmul},
    {"MaxPool", import_max_pool},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::onnx
