// SPDX-License-Identifier: Apache-2.0
// See convolution.h.
#include "compiler/import/convolution.h"

#include <algorithm>

#include "ops/registry.h"

namespace mote {

// ---- convolutions ------------------------------------------------------------------------------

ImageLayer::List ImageConvolution::kernel_of(ValueId x, const ConvolutionWeights& c) const {
  const size_t spatial = spatial_rank(x);
  const List w = dims(c.weights);
  if (w.size() != spatial + 2)
    refuse("wrong-shape", "its weights have other dimensions than its input");
  if (c.groups < 1 || shape(x)[1] % c.groups != 0 || shape(x)[1] / c.groups != w[1] ||
      w[0] % c.groups != 0)
    refuse("wrong-shape", "its channels do not fit its groups and weights");
  return {w.begin() + 2, w.end()};
}

void ImageConvolution::set_kernel(ImageWindow& window, const List& kernel) const {
  if (!window.kernel.empty() && window.kernel != kernel)
    refuse("wrong-attribute", "its kernel differs from that of its weights");
  window.kernel = kernel;
}

ValueId ImageConvolution::conv(ValueId x, const ConvolutionWeights& c, ImageWindow window) {
  set_kernel(window, kernel_of(x, c));
  return convolve(x, c, place(window, image_of(x)));
}

ValueId ImageConvolution::convolve(ValueId x, const ConvolutionWeights& c,
                                   const PlacedWindow& window) {
  const size_t spatial = window.rank();
  x = channels_last(x);
  if (spatial == 3) return channels_first(convolve_volume(x, c, window), spatial);
  const PlacedWindow w = with_row(window);
  ConvolutionWeights flat = c;
  flat.weights = move().reshape(
      c.weights, {shape(c.weights)[0], shape(c.weights)[1], w.kernel[0], w.kernel[1]});
  if (!w.same) x = padded(x, w, 0, 1);
  return channels_first(convolve_image(x, flat, w, w.same), spatial);
}

// x [n, h, w, c], its borders filled but for "same". Weights [m, c / groups, h, w] become
// [m, h, w, c / groups], or [1, h, w, m] where each channel is by itself.
ValueId ImageConvolution::convolve_image(ValueId x, const ConvolutionWeights& c,
                                         const ImageWindow& w, bool same) {
  const bool depthwise = c.groups > 1 && c.groups == shape(x)[3];
  const ValueId weights =
      move().transpose(c.weights, depthwise ? List{1, 2, 3, 0} : List{0, 2, 3, 1});
  Attributes attributes = strides(w, same);
  attributes["dilation_h"] = w.dilation[0];
  attributes["dilation_w"] = w.dilation[1];
  return add(depthwise ? depthwise_conv_2d_op : conv_2d_op, {x, weights, c.bias}, attributes);
}

// x [n, d, h, w, c]: the sum over the kernel's first dimension of convolutions of slices, each of
// which is an image.
ValueId ImageConvolution::convolve_volume(ValueId x, const ConvolutionWeights& c,
                                          const PlacedWindow& w) {
  x = padded(x, w, 0, 1);
  ImageWindow rest = w;
  for (List* list : {&rest.stride, &rest.dilation}) list->erase(list->begin());
  const List volume = dims(x), kernel = dims(c.weights);
  List begin(5, 0), size = volume, step(5, 1);
  size[1] = w.out[0];
  step[1] = w.out[0] == 1 ? 1 : w.stride[0];
  ValueId sum = -1;
  for (int64_t k = 0; k < w.kernel[0]; ++k) {
    begin[1] = k * w.dilation[0];
    const ValueId images = move().reshape(move().slice(x, begin, size, step),
                                          {volume[0] * w.out[0], volume[2], volume[3], volume[4]});
    ConvolutionWeights one = c;
    one.weights = move().reshape(move().slice_axis(c.weights, 2, k, 1),
                                 {kernel[0], kernel[1], kernel[3], kernel[4]});
    if (k > 0) one.bias = -1;
    const ValueId part = convolve_image(images, one, rest, false);
    sum = sum < 0 ? part : add(add_op, {sum, part}, {}, "sum");
  }
  return move().reshape(sum, {volume[0], w.out[0], w.out[1], w.out[2], kernel[0]});
}

// ---- transposed convolutions -------------------------------------------------------------------

ImageConvolution::Transposed ImageConvolution::transposed(const TransposedWindow& given,
                                                          const List& image) const {
  using Padding = ImageWindow::Padding;
  Transposed t{checked(given, image.size()), {}, {}, {}};
  const ImageWindow& w = t.window;
  const List more = numbers("output padding", given.more, w.rank(), 0);
  const List wanted = numbers("output shape", given.wanted, w.rank(), 1);
  for (size_t d = 0; d < w.rank(); ++d) {
    t.whole.push_back((image[d] - 1) * w.stride[d] + w.reach(d));
    const int64_t most = t.whole[d] + more[d];
    int64_t begin = w.before[d], out = most - begin - w.after[d];
    if (!given.wanted.empty() || w.padding != Padding::given) {
      out = given.wanted.empty() ? image[d] * w.stride[d] : wanted[d];
      const int64_t cut = std::max<int64_t>(0, most - out);
      begin = w.padding == Padding::same_upper ? cut / 2 : cut - cut / 2;
    }
    if (out < 1 || out > INT16_MAX) refuse("wrong-shape", "its output has no or too many rows");
    t.begin.push_back(begin);
    t.out.push_back(out);
  }
  return t;
}

ValueId ImageConvolution::conv_transpose(ValueId x, const ConvolutionWeights& c,
                                         TransposedWindow window) {
  const List w = dims(c.weights), image = image_of(x);
  if (w.size() != image.size() + 2 || w[0] != shape(x)[1] || c.groups < 1 || w[0] % c.groups != 0)
    refuse("wrong-shape", "its weights do not fit its input and groups");
  set_kernel(window, {w.begin() + 2, w.end()});
  const Transposed t = transposed(window, image);
  const bool ours = image.size() < 3 && c.groups == 1 && !t.window.dilated();
  return ours ? transpose_image(x, c, t) : transpose_by_zeros(x, c, t);
}

// Our layer where there are no groups and dilations: it gives the whole, of which a part is taken.
ValueId ImageConvolution::transpose_image(ValueId x, const ConvolutionWeights& c, Transposed t) {
  const size_t spatial = t.out.size();
  List w = dims(c.weights);
  if (spatial == 1) {
    t.begin.insert(t.begin.begin(), 0);
    for (List* list : {&t.whole, &t.out, &t.window.stride}) list->insert(list->begin(), 1);
    w.insert(w.begin() + 2, 1);
  }
  const ValueId weights = move().transpose(move().reshape(c.weights, w), {1, 2, 3, 0});
  Attributes attributes = strides(t.window, false);
  attributes["output_h"] = std::max(t.whole[0], t.begin[0] + t.out[0]);
  attributes["output_w"] = std::max(t.whole[1], t.begin[1] + t.out[1]);
  const ValueId y = add(transpose_conv_op, {channels_last(x), weights, c.bias}, attributes);
  const List begin{0, t.begin[0], t.begin[1], 0},
      size{shape(y)[0], t.out[0], t.out[1], shape(y)[3]};
  return channels_first(move().slice(y, begin, size, List(4, 1)), spatial);
}

// Zeros between the numbers: a convolution with the kernel turned round computes the rest.
ValueId ImageConvolution::spread(ValueId x, const List& stride) {
  const List s = dims(x);
  List apart{s[0], s[1]}, joined = apart, zeros(2, 0), last(s.size(), 0);
  for (size_t d = 0; d < stride.size(); ++d) {
    apart.insert(apart.end(), {s[d + 2], 1});
    zeros.insert(zeros.end(), {0, stride[d] - 1});
    joined.push_back(s[d + 2] * stride[d]);
    last[d + 2] = 1 - stride[d];
  }
  x = move().pad(move().reshape(x, apart), List(apart.size(), 0), zeros, "constant", 0);
  return move().pad(move().reshape(x, joined), List(s.size(), 0), last, "constant", 0);
}

// [c, m / groups, kernel...] as the weights [m, c / groups, kernel...] of a convolution.
ValueId ImageConvolution::turned(ValueId weights, int64_t groups) {
  const List w = dims(weights);
  List split = w, joined = w, perm{0, 2, 1};
  split[0] /= groups;
  split.insert(split.begin(), groups);
  std::vector<size_t> axes;
  for (size_t d = 2; d < w.size(); ++d) {
    perm.push_back(int64_t(d) + 1);
    axes.push_back(d);
  }
  joined[0] = w[1] * groups;
  joined[1] = w[0] / groups;
  weights = move().transpose(move().reshape(weights, split), perm);
  return move().reverse(move().reshape(weights, joined), axes);
}

// As a convolution with stride 1 over the numbers spread apart.
ValueId ImageConvolution::transpose_by_zeros(ValueId x, ConvolutionWeights c, const Transposed& t) {
  x = spread(x, t.window.stride);
  c.weights = turned(c.weights, c.groups);
  PlacedWindow w{t.window, image_of(x), t.out, {}, false};
  for (size_t d = 0; d < w.rank(); ++d) {
    const int64_t reach = w.reach(d);
    w.stride[d] = 1;
    w.before[d] = reach - 1 - t.begin[d];
    w.after[d] = t.out[d] + reach - 1 - w.before[d] - w.image[d];
  }
  w.named = w.after;
  return convolve(x, c, w);
}

}  // namespace mote
