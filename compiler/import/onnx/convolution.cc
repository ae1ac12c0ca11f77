// SPDX-License-Identifier: Apache-2.0
// See convolution.h.
#include "compiler/import/onnx/convolution.h"

namespace mote::onnx {
namespace {

// x [n, h, w, c], its borders filled but for "same". Weights [m, c / groups, h, w] become
// [m, h, w, c / groups], or [1, h, w, m] where each channel is by itself.
ValueId convolve_image(OperatorView& op, ValueId x, const Convolution& c, const Window& w,
                       bool same) {
  const bool depthwise = c.groups > 1 && c.groups == op.shape(x)[3];
  const ValueId weights =
      op.move().transpose(c.weights, depthwise ? List{1, 2, 3, 0} : List{0, 2, 3, 1});
  Attributes attributes = strides(w, same);
  attributes["dilation_h"] = w.dilation[0];
  attributes["dilation_w"] = w.dilation[1];
  return op.add(depthwise ? depthwise_conv_2d_op : conv_2d_op, {x, weights, c.bias}, attributes);
}

Window without_first(const Window& w) {
  Window rest = w;
  for (List* list : {&rest.kernel, &rest.stride, &rest.dilation, &rest.before, &rest.after,
                     &rest.counted, &rest.out})
    list->erase(list->begin());
  return rest;
}

// x [n, d, h, w, c]: the sum over the kernel's first dimension of convolutions of slices, each of
// which is an image.
ValueId convolve_volume(OperatorView& op, ValueId x, const Convolution& c, const Window& w) {
  Movement move = op.move();
  x = padded(op, x, w, 0);
  const List shape = dims(op.shape(x)), kernel = dims(op.shape(c.weights));
  List begin(5, 0), size = shape, step(5, 1);
  size[1] = w.out[0];
  step[1] = w.out[0] == 1 ? 1 : w.stride[0];
  ValueId sum = -1;
  for (int64_t k = 0; k < w.kernel[0]; ++k) {
    begin[1] = k * w.dilation[0];
    const ValueId images = move.reshape(move.slice(x, begin, size, step),
                                        {shape[0] * w.out[0], shape[2], shape[3], shape[4]});
    Convolution one = c;
    one.weights = move.reshape(move.slice_axis(c.weights, 2, k, 1),
                               {kernel[0], kernel[1], kernel[3], kernel[4]});
    if (k > 0) one.bias = -1;
    const ValueId part = convolve_image(op, images, one, without_first(w), false);
    sum = sum < 0 ? part : op.add(add_op, {sum, part}, {}, "sum");
  }
  return move.reshape(sum, {shape[0], w.out[0], w.out[1], w.out[2], kernel[0]});
}

}  // namespace

List kernel_of(OperatorView& op, ValueId x, const Convolution& c) {
  const size_t spatial = spatial_rank(op, x);
  const List shape = dims(op.shape(c.weights));
  if (shape.size() != spatial + 2) op.refuse("wrong-shape", "its weights have other dimensions");
  if (c.groups < 1 || op.shape(x)[1] != shape[1] * c.groups || shape[0] % c.groups != 0)
    op.refuse("wrong-shape", "its channels do not fit its groups and weights");
  return {shape.begin() + 2, shape.end()};
}

ValueId convolve(OperatorView& op, ValueId x, const Convolution& c, const Window& window) {
  const size_t spatial = window.rank();
  x = to_channels_last(op, x, spatial);
  if (spatial == 3) return to_channels_first(op, convolve_volume(op, x, c, window), spatial);
  const Window w = with_row(window);
  Convolution flat = c;
  const List shape = dims(op.shape(c.weights));
  if (spatial == 1) flat.weights = op.move().reshape(c.weights, {shape[0], shape[1], 1, shape[2]});
  if (!window.same) x = padded(op, x, w, 0);
  return to_channels_first(op, convolve_image(op, x, flat, w, window.same), spatial);
}

}  // namespace mote::onnx
