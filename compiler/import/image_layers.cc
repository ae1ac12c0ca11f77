// SPDX-License-Identifier: Apache-2.0
// See image_layers.h.
#include "compiler/import/image_layers.h"

#include <algorithm>
#include <limits>

#include "ops/registry.h"

namespace mote {
namespace {

constexpr int64_t kMostOutputs = int64_t(1) << 24;

Attributes strides(const ImageWindow& w, bool same) {
  return {{"stride_h", w.stride[0]},
          {"stride_w", w.stride[1]},
          {"padding", std::string(same ? "same" : "valid")}};
}

Attributes pool(const ImageWindow& w, bool same) {
  Attributes attributes = strides(w, same);
  attributes["filter_h"] = w.kernel[0];
  attributes["filter_w"] = w.kernel[1];
  return attributes;
}

}  // namespace

void ImageLayers::refuse(const std::string& message, const std::string& remedy) const {
  fail("wrong-shape", "\"" + name_ + "\"", message, remedy);
}

size_t ImageLayers::spatial_rank(ValueId x) const {
  const size_t rank = shape(x).size();
  if (rank != 3 && rank != 4)
    refuse("its input has " + std::to_string(rank) + " dimensions",
           "mote takes one or two spatial dimensions, behind batch and channels");
  return rank - 2;
}

ValueId ImageLayers::to_nhwc(ValueId x) {
  const Shape d = shape(x);
  if (spatial_rank(x) == 1) x = move().reshape(x, {d[0], d[1], 1, d[2]});
  return move().transpose(x, {0, 2, 3, 1});
}

ValueId ImageLayers::to_nchw(ValueId y, size_t spatial) {
  y = move().transpose(y, {0, 3, 1, 2});
  const Shape d = shape(y);
  return spatial == 1 ? move().reshape(y, {d[0], d[1], d[3]}) : y;
}

ImageLayers::Placed ImageLayers::place(const ImageWindow& w, ValueId image) const {
  Placed p{};
  p.same = true;
  for (size_t d = 0; d < 2; ++d) {
    for (int64_t n : {w.kernel[d], w.stride[d], w.dilation[d]})
      if (n < 1 || n > INT16_MAX) refuse("its kernel, strides and dilations must be 1 .. 32767");
    for (int64_t n : {w.before[d], w.after[d]})
      if (n < 0 || n > INT16_MAX) refuse("its padding must lie in 0 .. 32767");
    const int64_t in = shape(image)[d + 1], reach = (w.kernel[d] - 1) * w.dilation[d] + 1;
    p.before[d] = w.before[d];
    p.after[d] = w.after[d];
    const int64_t room = in + w.before[d] + w.after[d] - reach;
    if (room < 0) refuse("its window is larger than its input");
    p.out[d] = room / w.stride[d] + 1;
    if (w.ceil && room % w.stride[d] != 0 && p.out[d] * w.stride[d] < in + w.before[d]) {
      ++p.out[d];
      p.after[d] += (p.out[d] - 1) * w.stride[d] - room;
    }
    const int64_t same_out = (in + w.stride[d] - 1) / w.stride[d];
    const int64_t same = std::max<int64_t>(0, (same_out - 1) * w.stride[d] + reach - in);
    p.same = p.same && p.before[d] == same / 2 && p.after[d] == same - same / 2;
  }
  if (p.out[0] * p.out[1] > kMostOutputs) refuse("its output is too large");
  return p;
}

ValueId ImageLayers::padded(ValueId x, const Placed& p, double number) {
  return move().pad(x, {0, p.before[0], p.before[1], 0}, {0, p.after[0], p.after[1], 0}, "constant",
                    number);
}

// Weights become [out, h, w, c / groups], or [1, h, w, out] where each channel is by itself.
ValueId ImageLayers::conv(ValueId x, ValueId weights, ValueId bias, const ImageWindow& given,
                          int64_t groups) {
  const size_t spatial = spatial_rank(x);
  Shape w = shape(weights);
  if (w.size() != spatial + 2) refuse("its weights have other dimensions than its input");
  if (spatial == 1) w = {w[0], w[1], 1, w[2]};
  const int64_t channels = shape(x)[1];
  if (groups < 1 || channels % groups != 0 || channels / groups != w[1] || w[0] % groups != 0)
    refuse("its channels do not fit its groups and weights");
  ImageWindow window = given;
  window.kernel[0] = w[2];
  window.kernel[1] = w[3];
  x = to_nhwc(x);
  const Placed p = place(window, x);
  if (!p.same) x = padded(x, p, 0);
  const bool depthwise = groups > 1 && groups == channels;
  weights = move().transpose(move().reshape(weights, {w[0], w[1], w[2], w[3]}),
                             depthwise ? List{1, 2, 3, 0} : List{0, 2, 3, 1});
  Attributes attributes = strides(window, p.same);
  attributes["dilation_h"] = window.dilation[0];
  attributes["dilation_w"] = window.dilation[1];
  return to_nchw(add(depthwise ? depthwise_conv_2d_op : conv_2d_op, {x, weights, bias}, attributes),
                 spatial);
}

// The whole answer first, (n - 1) stride + kernel, of which the borders are cut; what stays empty
// behind holds the bias alone.
ValueId ImageLayers::conv_transpose(ValueId x, ValueId weights, ValueId bias,
                                    const ImageWindow& window, const List& more) {
  const size_t spatial = spatial_rank(x);
  Shape w = shape(weights);
  if (w.size() != spatial + 2 || w[0] != shape(x)[1]) refuse("its weights do not fit its input");
  if (spatial == 1) w = {w[0], w[1], 1, w[2]};
  if (window.dilation[0] != 1 || window.dilation[1] != 1)
    refuse("a transposed convolution with dilations is not taken");
  x = to_nhwc(x);
  int64_t whole[2], extra[2];
  for (size_t d = 0; d < 2; ++d) {
    const int64_t added = more.at(d), stride = window.stride[d];
    if (stride < 1 || stride > INT16_MAX || added < 0 || added >= stride || window.before[d] < 0 ||
        window.after[d] < 0)
      refuse("its strides must be 1 .. 32767, what is added less than them");
    whole[d] = (shape(x)[d + 1] - 1) * stride + w[d + 2];
    extra[d] = std::max<int64_t>(0, added - window.after[d]);
    if (whole[d] + extra[d] > INT16_MAX) refuse("its output is too large");
  }
  weights = move().transpose(move().reshape(weights, {w[0], w[1], w[2], w[3]}), {1, 2, 3, 0});
  if (extra[0] + extra[1] > 0)  // zeros behind the kernel reach as far
    weights = move().pad(weights, {0, 0, 0, 0}, {0, extra[0], extra[1], 0}, "constant", 0);
  Attributes attributes = strides(window, false);
  attributes["output_h"] = whole[0] + extra[0];
  attributes["output_w"] = whole[1] + extra[1];
  ValueId y = add(transpose_conv_op, {x, weights, bias}, attributes);
  List begin{0, window.before[0], window.before[1], 0}, size{shape(y)[0], 0, 0, shape(y)[3]};
  for (size_t d = 0; d < 2; ++d) {
    const int64_t cut = std::max<int64_t>(0, window.after[d] - more[d]);
    size[d + 1] = whole[d] + extra[d] - window.before[d] - cut;
    if (size[d + 1] < 1) refuse("nothing is left of its output");
  }
  y = move().slice(y, begin, size, List(4, 1));
  return to_nchw(y, spatial);
}

ValueId ImageLayers::max_pool(ValueId x, const ImageWindow& window) {
  const size_t spatial = spatial_rank(x);
  const ElementType type = assembly_.graph().value(x).type;
  if (window.dilation[0] != 1 || window.dilation[1] != 1)
    refuse("a pool with dilations is not taken");
  if (type != ElementType::f32 && type != ElementType::s8)
    refuse(std::string("its input is ") + to_string(type), "use float32 or int8");
  x = to_nhwc(x);
  const Placed p = place(window, x);
  const double least =
      type == ElementType::f32 ? double(std::numeric_limits<float>::lowest()) : -128.0;
  if (!p.same) x = padded(x, p, least);
  return to_nchw(add(max_pool_2d_op, {x}, pool(window, p.same)), spatial);
}

ValueId ImageLayers::scaled(ValueId x, const Shape& factor_shape,
                            const std::vector<float>& factors) {
  const ValueId factor =
      assembly_.add_constant(name_ + "/counts", ElementType::f32, factor_shape, factors);
  return add(mul_op, {x, factor}, {}, "counted");
}

// The padded mean times kernel / count is the mean of the numbers that count. Those behind the
// named border, which make a last window whole, never count.
ValueId ImageLayers::counted(ValueId mean, const ImageWindow& w, const Placed& p,
                             const Shape& image, bool with_border) {
  std::vector<float> factors;
  const auto count = [&](size_t d, int64_t o) {
    const int64_t begin = with_border ? 0 : p.before[d];
    const int64_t end = p.before[d] + image[d + 1] + (with_border ? w.after[d] : 0);
    const int64_t from = o * w.stride[d];
    return std::max<int64_t>(1, std::min(end, from + w.kernel[d]) - std::max(begin, from));
  };
  for (int64_t r = 0; r < p.out[0]; ++r)
    for (int64_t c = 0; c < p.out[1]; ++c)
      factors.push_back(
          float(double(w.kernel[0] * w.kernel[1]) / double(count(0, r) * count(1, c))));
  return scaled(mean, {1, int32_t(p.out[0]), int32_t(p.out[1]), 1}, factors);
}

// Our padding "same" leaves the border out of the mean.
ValueId ImageLayers::average_pool(ValueId x, const ImageWindow& window, bool with_border,
                                  int64_t divisor) {
  const size_t spatial = spatial_rank(x);
  x = to_nhwc(x);
  const Shape image = shape(x);
  const Placed p = place(window, x);
  const bool borders = p.before[0] + p.before[1] + p.after[0] + p.after[1] > 0;
  const bool all_count = divisor == 0 && (!borders || (p.same && !with_border));
  if (all_count && p.same)
    return to_nchw(add(average_pool_2d_op, {x}, pool(window, true)), spatial);
  ValueId y = add(average_pool_2d_op, {padded(x, p, 0)}, pool(window, false));
  if (divisor != 0)
    y = scaled(y, {1}, {float(double(window.kernel[0] * window.kernel[1]) / double(divisor))});
  else if (borders)
    y = counted(y, window, p, image, with_border);
  return to_nchw(y, spatial);
}

}  // namespace mote
