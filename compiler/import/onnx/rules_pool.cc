// SPDX-License-Identifier: Apache-2.0
// Pools. Over one or two dimensions without dilation they are ours, on images with channels last;
// others are sums, or maxima, of shifted slices, a dimension after the other. See rules.h.
#include <algorithm>
#include <limits>
#include <numeric>

#include "compiler/import/onnx/window.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostFactors = int64_t(1) << 24;

List spatial_dims(OperatorView& op, ValueId x) {
  const Shape& shape = op.shape(x);
  return {shape.begin() + 2, shape.end()};
}

Window pool_window(OperatorView& op, ValueId x) {
  const size_t spatial = spatial_rank(op, x);
  if (!op.has("kernel_shape")) op.refuse("wrong-attribute", "kernel_shape is missing");
  return window_of(op, spatial_dims(op, x), window_list(op, "kernel_shape", spatial, 1));
}

// Whether our layers over two dimensions compute it.
bool is_plain(const Window& w) { return w.rank() <= 2 && !w.dilated(); }

Attributes pool(const Window& w, bool same) {
  Attributes attributes = strides(w, same);
  attributes["filter_h"] = w.kernel[0];
  attributes["filter_w"] = w.kernel[1];
  return attributes;
}

double lowest(ElementType type) {
  return with_element_type(
      type, [](auto element) { return double(std::numeric_limits<decltype(element)>::lowest()); });
}

// ---- by slices: [n, c, spatial...] stay as they are --------------------------------------------

ValueId padded_first(OperatorView& op, ValueId x, const Window& w, double number) {
  List before{0, 0}, after{0, 0};
  before.insert(before.end(), w.before.begin(), w.before.end());
  after.insert(after.end(), w.after.begin(), w.after.end());
  return op.move().pad(x, before, after, "constant", number);
}

// Tap k of every window along spatial dimension d.
ValueId tap(OperatorView& op, ValueId x, const Window& w, size_t d, int64_t k) {
  const size_t rank = op.shape(x).size();
  List begin(rank, 0), size = dims(op.shape(x)), step(rank, 1);
  begin[d + 2] = k * w.dilation[d];
  size[d + 2] = w.out[d];
  step[d + 2] = w.out[d] == 1 ? 1 : w.stride[d];
  return op.move().slice(x, begin, size, step);
}

ValueId pool_by_slices(OperatorView& op, ValueId x, const Window& w, const OpDef& combine) {
  for (size_t d = w.rank(); d-- > 0;) {
    ValueId y = tap(op, x, w, d, 0);
    for (int64_t k = 1; k < w.kernel[d]; ++k)
      y = op.add(combine, {y, tap(op, x, w, d, k)}, {}, "pooled");
    x = y;
  }
  return x;
}

// ---- maxima ------------------------------------------------------------------------------------

// Where each number lies in the whole tensor; storage_order 1: as if the last dimension were the
// slower one of an image.
ValueId places(OperatorView& op, const Shape& shape) {
  const bool columns = op.integer("storage_order", 0) != 0;
  if (columns && shape.size() != 4)
    op.refuse("wrong-attribute", "storage_order 1 needs two spatial dimensions");
  const int64_t count = element_count(shape);
  std::vector<int32_t> all;
  all.reserve(size_t(count));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t w = columns ? i % shape[3] : 0, h = columns ? i / shape[3] % shape[2] : 0;
    const int64_t image = columns ? int64_t(shape[2]) * shape[3] : 1;
    all.push_back(int32_t(columns ? i / image * image + w * shape[2] + h : i));
  }
  return op.constant(ElementType::s32, shape, all);
}

// Of equal numbers the first counts: a later one has to be greater.
void max_pool_with_places(OperatorView& op, ValueId x, const Window& w) {
  const Shape shape = op.shape(x);
  if (element_count(shape) > kMostFactors) op.refuse("too-large", "its input is too large");
  ValueId at = padded_first(op, places(op, shape), w, 0);
  x = padded_first(op, x, w, lowest(op.value(x).type));
  for (size_t d = w.rank(); d-- > 0;) {
    ValueId best = tap(op, x, w, d, 0), where = tap(op, at, w, d, 0);
    for (int64_t k = 1; k < w.kernel[d]; ++k) {
      const ValueId next = tap(op, x, w, d, k);
      const ValueId more = op.add(greater_op, {next, best}, {}, "greater");
      where = op.add(where_op, {more, tap(op, at, w, d, k), where}, {}, "place");
      best = op.add(maximum_op, {next, best}, {}, "pooled");
    }
    x = best;
    at = where;
  }
  op.set(0, x);
  op.set(1, op.cast(at, ElementType::s64));
}

void import_max_pool(OperatorView& op) {
  ValueId x = op.input(0);
  const Window w = pool_window(op, x);
  op.ignore("storage_order");  // of the places alone
  if (op.has_output(1)) return max_pool_with_places(op, x, w);
  const ElementType type = op.value(x).type;
  const double least = lowest(type);
  if (!is_plain(w) || (type != ElementType::f32 && type != ElementType::s8))
    return op.set(pool_by_slices(op, padded_first(op, x, w, least), w, maximum_op));
  const Window flat = with_row(w);
  x = to_channels_last(op, x, w.rank());
  if (!w.same) x = padded(op, x, flat, least);
  op.set(to_channels_first(op, op.add(max_pool_2d_op, {x}, pool(flat, w.same)), w.rank()));
}

// The numbers go where the places say, within the tensor that the window would have come from;
// what a given shape has more is 0.
void import_max_unpool(OperatorView& op) {
  const ValueId x = op.input(0), at = op.input(1);
  const size_t spatial = spatial_rank(op, x);
  if (op.shape(at) != op.shape(x)) op.refuse("wrong-shape", "its inputs are of different shapes");
  const List kernel = window_list(op, "kernel_shape", spatial, 1);
  const List stride = window_list(op, "strides", spatial, 1);
  const List pads = window_list(op, "pads", 2 * spatial, 0);
  List shape = dims(op.shape(x));
  int64_t count = shape[0] * shape[1];
  for (size_t d = 0; d < spatial; ++d) {
    int64_t& n = shape[d + 2];
    n = (n - 1) * stride[d] + kernel[d] - pads[d] - pads[d + spatial];
    if (n < 1 || n > kMostFactors || (count *= n) > kMostFactors)
      op.refuse("wrong-shape", "its output has no or too many elements");
  }
  const ElementType type = op.value(x).type;
  const ValueId zeros =
      op.constant(type, Shape{int32_t(count)}, Bytes(size_t(count) * size_t(element_bytes(type))));
  const int64_t n = op.value(x).elements();
  Movement move = op.move();
  const ValueId flat = op.add(scatter_elements_op,
                              {zeros, move.indices(move.reshape(at, {n})), move.reshape(x, {n})},
                              {{"axis", int64_t(0)}}, "flat");
  ValueId y = move.reshape(flat, shape);
  if (op.has_input(2)) {
    List wanted = op.integers(2), after(shape.size(), 0);
    if (wanted.size() != shape.size()) op.refuse("wrong-shape", "output_shape has another rank");
    for (size_t d = 0; d < shape.size(); ++d) after[d] = wanted[d] - shape[d];
    y = move.pad(y, List(shape.size(), 0), after, "constant", 0);
  }
  op.set(y);
}

// ---- means -------------------------------------------------------------------------------------

// How many numbers of each window count along dimension d.
List counted(const Window& w, size_t d, int64_t image, bool with_pads) {
  const int64_t begin = with_pads ? 0 : w.before[d];
  const int64_t end = w.before[d] + image + (with_pads ? w.counted[d] : 0);
  List counts;
  for (int64_t o = 0; o < w.out[d]; ++o) {
    int64_t count = 0;
    for (int64_t k = 0; k < w.kernel[d]; ++k) {
      const int64_t at = o * w.stride[d] + k * w.dilation[d];
      count += at >= begin && at < end;
    }
    counts.push_back(std::max<int64_t>(1, count));
  }
  return counts;
}

// For each window `whole` over the count of its numbers.
std::vector<float> factors(OperatorView& op, const Window& w, const List& image, bool with_pads,
                           double whole) {
  std::vector<double> all{whole};
  for (size_t d = 0; d < w.rank(); ++d) {
    std::vector<double> next;
    if (int64_t(all.size()) * w.out[d] > kMostFactors)
      op.refuse("too-large", "its output is too large");
    for (double f : all)
      for (int64_t n : counted(w, d, image[d], with_pads)) next.push_back(f / double(n));
    all = next;
  }
  return {all.begin(), all.end()};
}

void average_by_slices(OperatorView& op, ValueId x, const Window& w, bool with_pads) {
  Shape shape{1, 1};
  shape.insert(shape.end(), w.out.begin(), w.out.end());
  const ValueId shares =
      op.constant(ElementType::f32, shape, factors(op, w, spatial_dims(op, x), with_pads, 1));
  const ValueId sum = pool_by_slices(op, padded_first(op, x, w, 0), w, add_op);
  op.set(op.add(mul_op, {sum, shares}));
}

// Our padding "same" leaves the border out of the mean. Else the padded mean times kernel / count
// is the mean of the numbers that count.
void import_average_pool(OperatorView& op) {
  ValueId x = op.input(0);
  const bool with_pads = op.integer("count_include_pad", 0) != 0;
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const Window w = pool_window(op, x);
  if (!is_plain(w)) return average_by_slices(op, x, w, with_pads);
  List image = spatial_dims(op, x);
  if (w.rank() == 1) image.insert(image.begin(), 1);
  const Window flat = with_row(w);
  x = to_channels_last(op, x, w.rank());
  if (w.same && (!with_pads || !w.borders()))
    return op.set(
        to_channels_first(op, op.add(average_pool_2d_op, {x}, pool(flat, true)), w.rank()));
  ValueId y = op.add(average_pool_2d_op, {padded(op, x, flat, 0)}, pool(flat, false));
  if (w.borders()) {
    const Shape shape{1, int32_t(flat.out[0]), int32_t(flat.out[1]), 1};
    const double whole = double(flat.kernel[0] * flat.kernel[1]);
    const ValueId more =
        op.constant(ElementType::f32, shape, factors(op, flat, image, with_pads, whole));
    y = op.add(mul_op, {y, more}, {}, "counted");
  }
  op.set(to_channels_first(op, y, w.rank()));
}

// (sum |x|^p)^(1/p), the sum as a mean where our layer has one.
void import_lp_pool(OperatorView& op) {
  ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const int64_t p = op.integer("p", 2);
  if (p < 1 || p > 64) op.refuse("wrong-attribute", "p must lie in 1 .. 64");
  const Window w = pool_window(op, x);
  const auto power = [&](ValueId v, double e) {
    return op.add(pow_op, {v, op.scalar(ElementType::f32, e)}, {}, "power");
  };
  x = op.unary("abs", x);
  if (p > 1) x = power(x, double(p));
  if (is_plain(w)) {
    const Window flat = with_row(w);
    x = padded(op, to_channels_last(op, x, w.rank()), flat, 0);
    x = op.add(average_pool_2d_op, {x}, pool(flat, false), "mean");
    const double count = double(flat.kernel[0] * flat.kernel[1]);
    x = op.add(mul_op, {x, op.scalar(ElementType::f32, count)}, {}, "sum");
    x = to_channels_first(op, x, w.rank());
  } else {
    x = pool_by_slices(op, padded_first(op, x, w, 0), w, add_op);
  }
  op.set(p > 1 ? power(x, 1.0 / double(p)) : x);
}

// ---- of whole images ---------------------------------------------------------------------------

void global_pool(OperatorView& op, const OpDef& how, Attributes attributes) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  if (rank < 3) op.refuse("wrong-shape", "its input must have three dimensions or more");
  List axes(rank - 2);
  std::iota(axes.begin(), axes.end(), 2);
  attributes["axes"] = axes;
  attributes["keep_dims"] = int64_t(1);
  op.set(op.add(how, {x}, attributes));
}
void import_global_average_pool(OperatorView& op) { global_pool(op, mean_op, {}); }
void import_global_max_pool(OperatorView& op) {
  global_pool(op, reduce_op, {{"function", std::string("max")}});
}
void import_global_lp_pool(OperatorView& op) {
  const int64_t p = op.integer("p", 2);
  if (p != 1 && p != 2) op.refuse("wrong-attribute", "p must be 1 or 2");
  global_pool(op, reduce_op, {{"function", std::string(p == 1 ? "l1" : "l2")}});
}

constexpr ImportRule kRules[] = {
    {"AveragePool", import_average_pool, "float32"},
    {"GlobalAveragePool", import_global_average_pool, "float32"},
    {"GlobalLpPool", import_global_lp_pool, "float32; p 1 or 2"},
    {"GlobalMaxPool", import_global_max_pool},
    {"LpPool", import_lp_pool, "float32"},
    {"MaxPool", import_max_pool},
    {"MaxUnpool", import_max_unpool},
};

}  // namespace

std::span<const ImportRule> pool_rules() { return kRules; }

}  // namespace mote::onnx
