// SPDX-License-Identifier: Apache-2.0
// See image_layer.h.
#include "compiler/import/image_layer.h"

#include <algorithm>

namespace mote {
namespace {

constexpr int64_t kMostOutputs = int64_t(1) << 24;

bool all_are(const std::vector<int64_t>& list, int64_t number) {
  return std::all_of(list.begin(), list.end(), [=](int64_t n) { return n == number; });
}

}  // namespace

bool ImageWindow::dilated() const { return !all_are(dilation, 1); }

bool PlacedWindow::borders() const { return !all_are(before, 0) || !all_are(after, 0); }

void ImageLayer::refuse(const std::string& code, const std::string& message,
                        const std::string& remedy) const {
  fail(code, "\"" + name_ + "\"", message, remedy);
}

size_t ImageLayer::spatial_rank(ValueId x) const {
  const size_t rank = shape(x).size();
  if (rank < 3 || rank > 5)
    refuse("wrong-shape", "its input has " + std::to_string(rank) + " dimensions",
           "mote takes one to three spatial dimensions, behind batch and channels");
  return rank - 2;
}

ImageLayer::List ImageLayer::image_of(ValueId x) const {
  spatial_rank(x);
  return {shape(x).begin() + 2, shape(x).end()};
}

ImageLayer::List ImageLayer::numbers(const std::string& what, List list, size_t rank,
                                     int64_t least) const {
  if (list.empty()) list.assign(rank, least);
  if (list.size() != rank)
    refuse("wrong-attribute", "its " + what + " must have a number a spatial dimension");
  for (int64_t n : list)
    if (n < least || n > INT16_MAX)
      refuse("wrong-attribute", "its " + what + " must lie in " + std::to_string(least) + " .. " +
                                    std::to_string(INT16_MAX));
  return list;
}

ImageWindow ImageLayer::checked(ImageWindow w, size_t rank) const {
  w.kernel = numbers("kernel", w.kernel, rank, 1);
  w.stride = numbers("strides", w.stride, rank, 1);
  w.dilation = numbers("dilations", w.dilation, rank, 1);
  w.before = numbers("padding", w.before, rank, 0);
  w.after = numbers("padding", w.after, rank, 0);
  return w;
}

PlacedWindow ImageLayer::place(const ImageWindow& given, const List& image) const {
  using Padding = ImageWindow::Padding;
  PlacedWindow w{checked(given, image.size()), image, {}, {}};
  int64_t places = 1;
  for (size_t d = 0; d < w.rank(); ++d) {
    const int64_t in = image[d], stride = w.stride[d], reach = w.reach(d);
    const int64_t windows = (in + stride - 1) / stride;
    const int64_t same = std::max<int64_t>(0, (windows - 1) * stride + reach - in);
    if (w.padding != Padding::given) {
      w.before[d] = w.padding == Padding::same_upper ? same / 2 : same - same / 2;
      w.after[d] = same - w.before[d];
    }
    w.named.push_back(w.after[d]);
    const int64_t room = in + w.before[d] + w.after[d] - reach;
    if (room < 0) refuse("wrong-shape", "its window is larger than its input");
    int64_t out = room / stride + 1;
    if (w.ceil && room % stride != 0 && out * stride < in + w.before[d]) {
      w.after[d] += out * stride - room;
      ++out;
    }
    w.same = w.same && w.before[d] == same / 2 && w.after[d] == same - same / 2;
    w.out.push_back(out);
    if ((places *= out) > kMostOutputs) refuse("too-large", "its output is too large");
  }
  return w;
}

PlacedWindow ImageLayer::with_row(PlacedWindow w) {
  if (w.rank() != 1) return w;
  for (List* list : {&w.kernel, &w.stride, &w.dilation, &w.image, &w.out})
    list->insert(list->begin(), 1);
  for (List* list : {&w.before, &w.after, &w.named}) list->insert(list->begin(), 0);
  return w;
}

ValueId ImageLayer::channels_last(ValueId x) {
  const List d = dims(x);
  if (d.size() == 3) x = move().reshape(x, {d[0], d[1], 1, d[2]});
  List perm{0};
  for (size_t i = 2; i < shape(x).size(); ++i) perm.push_back(int64_t(i));
  perm.push_back(1);
  return move().transpose(x, perm);
}

ValueId ImageLayer::channels_first(ValueId y, size_t spatial) {
  const auto rank = int64_t(shape(y).size());
  List perm{0, rank - 1};
  for (int64_t d = 1; d + 1 < rank; ++d) perm.push_back(d);
  y = move().transpose(y, perm);
  const List d = dims(y);
  return spatial == 1 ? move().reshape(y, {d[0], d[1], d[3]}) : y;
}

ValueId ImageLayer::padded(ValueId x, const PlacedWindow& w, double number, size_t first) {
  List before(w.rank() + 2, 0), after = before;
  std::copy(w.before.begin(), w.before.end(), before.begin() + int64_t(first));
  std::copy(w.after.begin(), w.after.end(), after.begin() + int64_t(first));
  return move().pad(x, before, after, "constant", number);
}

Attributes ImageLayer::strides(const ImageWindow& w, bool same) {
  return {{"stride_h", w.stride[0]},
          {"stride_w", w.stride[1]},
          {"padding", std::string(same ? "same" : "valid")}};
}

}  // namespace mote
