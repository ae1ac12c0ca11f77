// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools of formats whose images are [n, c, h, w] (or [n, c, l], an image of one
// row), as our layers on [n, h, w, c]: each stands between two transposes, which a pass may remove.
// In: values of the graph being assembled. Out: a value in the order that came in. Knows no format.
#pragma once
#include "compiler/import/movement.h"

namespace mote {

// Sizes in the order h, w.
struct ImageWindow {
  int64_t kernel[2]{1, 1}, stride[2]{1, 1}, dilation[2]{1, 1};
  int64_t before[2]{}, after[2]{};  // numbers around the image
  bool ceil = false;                // a last window that is not whole counts, too
};

class ImageLayers {
 public:
  using List = std::vector<int64_t>;

  // Nodes are named after `name`.
  ImageLayers(Assembly& assembly, std::string name) : assembly_(assembly), name_(std::move(name)) {}

  // Spatial dimensions of x: 1 or 2.
  size_t spatial_rank(ValueId x) const;
  ValueId to_nhwc(ValueId x);
  ValueId to_nchw(ValueId y, size_t spatial);

  // Constant weights [out, c / groups, h, w], bias [out] or -1.
  ValueId conv(ValueId x, ValueId weights, ValueId bias, const ImageWindow& window, int64_t groups);
  // Constant weights [c, out, h, w]; before and after are cut from the answer, then `more` numbers
  // of each dimension are added behind.
  ValueId conv_transpose(ValueId x, ValueId weights, ValueId bias, const ImageWindow& window,
                         const List& more);
  ValueId max_pool(ValueId x, const ImageWindow& window);
  // Whether the border counts; divisor 0: as many numbers as count.
  ValueId average_pool(ValueId x, const ImageWindow& window, bool with_border, int64_t divisor);

 private:
  // A window on an image of a known size.
  struct Placed {
    int64_t before[2], after[2], out[2];
    bool same = true;  // the borders are those of our padding "same"
  };

  const Shape& shape(ValueId x) const { return assembly_.graph().value(x).shape; }
  Placed place(const ImageWindow& window, ValueId image) const;
  ValueId padded(ValueId x, const Placed& placed, double number);
  ValueId counted(ValueId mean, const ImageWindow& window, const Placed& placed, const Shape& image,
                  bool with_border);
  ValueId scaled(ValueId x, const Shape& factor_shape, const std::vector<float>& factors);
  Movement move() { return Movement(assembly_, name_); }
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes,
              const std::string& part = "") {
    return assembly_.add(op, part.empty() ? name_ : name_ + "/" + part, inputs, attributes);
  }
  [[noreturn]] void refuse(const std::string& message, const std::string& remedy = "") const;

  Assembly& assembly_;
  std::string name_;
};

}  // namespace mote
