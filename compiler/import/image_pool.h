// SPDX-License-Identifier: Apache-2.0
// Pools over images [n, c, spatial...]. Over one or two dimensions without dilation they are our
// layers; others are sums, or maxima, of shifted slices, a dimension after the other. See
// image_layer.h.
#pragma once
#include "compiler/import/image_layer.h"

namespace mote {

class ImagePool : public ImageLayer {
 public:
  using ImageLayer::ImageLayer;

  ValueId max(ValueId x, const ImageWindow& window);
  // The maxima, and of `places`, a constant of x's shape, the numbers where they lie: of equal ones
  // the first.
  std::pair<ValueId, ValueId> max_with_places(ValueId x, ValueId places, const ImageWindow& window);
  // f32. The sum over `divisor`, or for 0 over how many numbers count: those of the border that the
  // window names, too, or not.
  ValueId average(ValueId x, const ImageWindow& window, bool with_border, int64_t divisor = 0);

 private:
  // Our layer; the answer has channels last.
  ValueId layer(ValueId x, const PlacedWindow& window, const OpDef& op, bool same, double border);
  ValueId by_slices(ValueId x, const PlacedWindow& w, const OpDef& combine);
  ValueId tap(ValueId x, const PlacedWindow& w, size_t d, int64_t k);
  ValueId shares(const PlacedWindow& w, bool with_border, double whole);
};

}  // namespace mote
