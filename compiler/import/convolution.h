// SPDX-License-Identifier: Apache-2.0
// Convolutions and transposed ones over images [n, c, spatial...] as our layers over two
// dimensions. See image_layer.h.
#pragma once
#include "compiler/import/image_layer.h"

namespace mote {

// Constants.
struct ConvolutionWeights {
  ValueId weights = -1;  // [m, c / groups, kernel...]; transposed: [c, m / groups, kernel...]
  ValueId bias = -1;     // [m] or -1
  int64_t groups = 1;
};

// Borders of the answer are cut.
struct TransposedWindow : ImageWindow {
  List more;  // numbers that the answer has behind
  List
      wanted;  // its extents, in place of borders; the odd number is cut in front unless same_upper
};

class ImageConvolution : public ImageLayer {
 public:
  using ImageLayer::ImageLayer;

  // The kernel's extents; refuses weights that do not fit x.
  List kernel_of(ValueId x, const ConvolutionWeights& c) const;
  // The window's kernel, where it has one, must be that of the weights.
  ValueId conv(ValueId x, const ConvolutionWeights& c, ImageWindow window);
  ValueId conv_transpose(ValueId x, const ConvolutionWeights& c, TransposedWindow window);

 private:
  // Where the numbers of a transposed convolution go: output o is number o + begin of the whole
  // ones, (in - 1) stride + reach; behind these there is the bias alone.
  struct Transposed {
    ImageWindow window;
    List whole, begin, out;
  };

  void set_kernel(ImageWindow& window, const List& kernel) const;
  ValueId convolve(ValueId x, const ConvolutionWeights& c, const PlacedWindow& window);
  ValueId convolve_image(ValueId x, const ConvolutionWeights& c, const ImageWindow& w, bool same);
  ValueId convolve_volume(ValueId x, const ConvolutionWeights& c, const PlacedWindow& w);
  Transposed transposed(const TransposedWindow& given, const List& image) const;
  ValueId transpose_image(ValueId x, const ConvolutionWeights& c, Transposed t);
  ValueId transpose_by_zeros(ValueId x, ConvolutionWeights c, const Transposed& t);
  ValueId spread(ValueId x, const List& stride);
  ValueId turned(ValueId weights, int64_t groups);
};

}  // namespace mote
