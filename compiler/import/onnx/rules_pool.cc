// SPDX-License-Identifier: Apache-2.0
// Pools, and what undoes them. See rules.h and compiler/import/image_pool.h.
#include <numeric>

#include "compiler/import/image_pool.h"
#include "compiler/import/onnx/window.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostNumbers = int64_t(1) << 24;

ImagePool pool_of(OperatorView& op) { return ImagePool(op.assembly(), op.name()); }

ImageWindow pool_window(OperatorView& op) {
  if (!op.has("kernel_shape")) op.refuse("wrong-attribute", "kernel_shape is missing");
  return window_of(op);
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

void import_max_pool(OperatorView& op) {
  const ValueId x = op.input(0);
  const ImageWindow w = pool_window(op);
  op.ignore("storage_order");  // of the places alone
  if (!op.has_output(1)) return op.set(pool_of(op).max(x, w));
  const Shape shape = op.shape(x);
  if (element_count(shape) > kMostNumbers) op.refuse("too-large", "its input is too large");
  const auto [best, at] = pool_of(op).max_with_places(x, places(op, shape), w);
  op.set(0, best);
  op.set(1, op.cast(at, ElementType::s64));
}

// The numbers go where the places say, within the tensor that the window would have come from;
// what a given shape has more is 0.
void import_max_unpool(OperatorView& op) {
  const ValueId x = op.input(0), at = op.input(1);
  if (op.shape(at) != op.shape(x)) op.refuse("wrong-shape", "its inputs are of different shapes");
  const size_t spatial = pool_of(op).spatial_rank(x);
  const ImageWindow w = pool_of(op).checked(window_of(op), spatial);
  List shape = dims(op.shape(x));
  int64_t count = shape[0] * shape[1];
  for (size_t d = 0; d < spatial; ++d) {
    int64_t& n = shape[d + 2];
    n = (n - 1) * w.stride[d] + w.kernel[d] - w.before[d] - w.after[d];
    if (n < 1 || n > kMostNumbers || (count *= n) > kMostNumbers)
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

void import_average_pool(OperatorView& op) {
  const bool with_pads = op.integer("count_include_pad", 0) != 0;
  if (!op.is_float(op.input(0))) op.refuse("wrong-type", "its input must be float32");
  op.set(pool_of(op).average(op.input(0), pool_window(op), with_pads));
}

// (sum |x|^p)^(1/p).
void import_lp_pool(OperatorView& op) {
  ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const int64_t p = op.integer("p", 2);
  if (p < 1 || p > 64) op.refuse("wrong-attribute", "p must lie in 1 .. 64");
  const auto power = [&](ValueId v, double e) {
    return op.add(pow_op, {v, op.scalar(ElementType::f32, e)}, {}, "power");
  };
  x = op.unary("abs", x);
  if (p > 1) x = power(x, double(p));
  x = pool_of(op).average(x, pool_window(op), true, 1);
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
