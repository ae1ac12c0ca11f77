// SPDX-License-Identifier: Apache-2.0
// What convolutions and pools of formats share whose images are [n, c, spatial...], of one to three
// spatial dimensions: windows that move over them, and the way to our layers on [n, h, w, c], which
// stand between two transposes that a pass may remove. Knows no format.
#pragma once
#include "compiler/import/movement.h"

namespace mote {

// A number for each spatial dimension. Lists left empty: 1 each, and nothing around the image.
struct ImageWindow {
  using List = std::vector<int64_t>;
  enum class Padding { given, same_upper, same_lower };  // same: the odd number behind, or in front

  List kernel, stride, dilation;
  List before, after;  // numbers around the image, where they are given
  Padding padding = Padding::given;
  bool ceil = false;  // a last window that is not whole counts, too

  size_t rank() const { return kernel.size(); }
  int64_t reach(size_t d) const { return (kernel[d] - 1) * dilation[d] + 1; }
  bool dilated() const;
};

// A window on an image of known extents.
struct PlacedWindow : ImageWindow {
  List image, out;
  List named;        // numbers behind the image, without those that make a last window whole
  bool same = true;  // the borders are those of our padding "same"

  bool borders() const;
};

class ImageLayer {
 public:
  using List = ImageWindow::List;

  // Nodes are named after `name`.
  ImageLayer(Assembly& assembly, std::string name) : assembly_(assembly), name_(std::move(name)) {}

  // Spatial dimensions of x; refuses other numbers of them than 1 to 3.
  size_t spatial_rank(ValueId x) const;
  // With a number for each of `rank` dimensions; refuses other numbers and those out of range.
  ImageWindow checked(ImageWindow window, size_t rank) const;
  PlacedWindow place(const ImageWindow& window, const List& image) const;

 protected:
  const Shape& shape(ValueId x) const { return assembly_.graph().value(x).shape; }
  List dims(ValueId x) const { return {shape(x).begin(), shape(x).end()}; }
  // The spatial extents of x.
  List image_of(ValueId x) const;
  // `list`, or `least` each; refuses other numbers than least .. 32767, one a dimension.
  List numbers(const std::string& what, List list, size_t rank, int64_t least) const;

  // One dimension becomes an image of one row.
  static PlacedWindow with_row(PlacedWindow window);
  ValueId channels_last(ValueId x);
  ValueId channels_first(ValueId y, size_t spatial);
  // The borders filled with `number`; the first spatial dimension is `first`.
  ValueId padded(ValueId x, const PlacedWindow& window, double number, size_t first);
  // Of our layers over two dimensions.
  static Attributes strides(const ImageWindow& window, bool same);

  Assembly& assembly() { return assembly_; }
  const std::string& name() const { return name_; }
  Movement move() { return Movement(assembly_, name_); }
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs,
              const Attributes& attributes = {}, const std::string& part = "") {
    return assembly_.add(op, part.empty() ? name_ : name_ + "/" + part, inputs, attributes);
  }
  [[noreturn]] void refuse(const std::string& code, const std::string& message,
                           const std::string& remedy = "") const;

 private:
  Assembly& assembly_;
  std::string name_;
};

}  // namespace mote
