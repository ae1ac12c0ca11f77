// SPDX-License-Identifier: Apache-2.0
// See window.h.
#include "compiler/import/onnx/window.h"

#include <algorithm>

namespace mote::onnx {

bool Window::dilated() const {
  return std::any_of(dilation.begin(), dilation.end(), [](int64_t d) { return d != 1; });
}

bool Window::borders() const {
  const auto any = [](const List& list) {
    return std::any_of(list.begin(), list.end(), [](int64_t n) { return n != 0; });
  };
  return any(before) || any(after);
}

int64_t reach(const Window& w, size_t d) { return (w.kernel[d] - 1) * w.dilation[d] + 1; }

List window_list(OperatorView& op, const std::string& name, size_t spatial, int64_t otherwise) {
  List list = op.integers(name);
  if (list.empty()) list.assign(spatial, otherwise);
  if (list.size() != spatial)
    op.refuse("wrong-attribute", name + " must have a number a dimension");
  for (int64_t n : list)
    if (n < 0 || n > INT16_MAX)
      op.refuse("wrong-attribute", "a number of its " + name + " is out of range");
  return list;
}

Window window_of(OperatorView& op, const List& image, const List& kernel) {
  const size_t spatial = image.size();
  Window w;
  w.kernel = kernel;
  w.stride = window_list(op, "strides", spatial, 1);
  w.dilation = window_list(op, "dilations", spatial, 1);
  const List pads = window_list(op, "pads", 2 * spatial, 0);
  const std::string auto_pad = op.text("auto_pad", "NOTSET");
  const bool ceil = op.integer("ceil_mode", 0) != 0;
  w.before.assign(pads.begin(), pads.begin() + int64_t(spatial));
  w.after.assign(pads.begin() + int64_t(spatial), pads.end());
  if (auto_pad != "NOTSET") {
    w.before.assign(spatial, 0);
    w.after = w.before;
  }
  w.out.resize(spatial);
  w.counted.resize(spatial);
  for (size_t d = 0; d < spatial; ++d) {
    if (w.kernel[d] < 1 || w.kernel[d] > INT16_MAX || w.stride[d] < 1 || w.dilation[d] < 1)
      op.refuse("wrong-attribute", "its kernel, strides and dilations must be at least 1");
    const int64_t in = image[d], reach = onnx::reach(w, d);
    const int64_t same_out = (in + w.stride[d] - 1) / w.stride[d];
    const int64_t same = std::max<int64_t>(0, (same_out - 1) * w.stride[d] + reach - in);
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      w.before[d] = auto_pad == "SAME_UPPER" ? same / 2 : same - same / 2;
      w.after[d] = same - w.before[d];
    } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
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

Window with_row(Window w) {
  if (w.rank() != 1) return w;
  for (List* list : {&w.kernel, &w.stride, &w.dilation, &w.out}) list->insert(list->begin(), 1);
  for (List* list : {&w.before, &w.after, &w.counted}) list->insert(list->begin(), 0);
  return w;
}

size_t spatial_rank(OperatorView& op, ValueId x) {
  const size_t rank = op.shape(x).size();
  if (rank < 3 || rank > 5)
    op.refuse("wrong-shape", "its input has " + std::to_string(rank) + " dimensions",
              "mote takes one to three spatial dimensions");
  return rank - 2;
}

ValueId to_channels_last(OperatorView& op, ValueId x, size_t spatial) {
  const List d = dims(op.shape(x));
  if (spatial == 1) x = op.move().reshape(x, {d[0], d[1], 1, d[2]});
  List perm(std::max<size_t>(spatial, 2) + 2);
  for (size_t i = 1; i + 1 < perm.size(); ++i) perm[i] = int64_t(i) + 1;
  perm.back() = 1;
  return op.move().transpose(x, perm);
}

ValueId to_channels_first(OperatorView& op, ValueId y, size_t spatial) {
  const auto rank = int64_t(op.shape(y).size());
  List perm{0, rank - 1};
  for (int64_t d = 1; d + 1 < rank; ++d) perm.push_back(d);
  y = op.move().transpose(y, perm);
  const List d = dims(op.shape(y));
  return spatial == 1 ? op.move().reshape(y, {d[0], d[1], d[3]}) : y;
}

ValueId padded(OperatorView& op, ValueId x, const Window& w, double number) {
  List before{0}, after{0};
  before.insert(before.end(), w.before.begin(), w.before.end());
  after.insert(after.end(), w.after.begin(), w.after.end());
  before.push_back(0);
  after.push_back(0);
  return op.move().pad(x, before, after, "constant", number);
}

Attributes strides(const Window& w, bool same) {
  return {{"stride_h", w.stride[0]},
          {"stride_w", w.stride[1]},
          {"padding", std::string(same ? "same" : "valid")}};
}

}  // namespace mote::onnx
