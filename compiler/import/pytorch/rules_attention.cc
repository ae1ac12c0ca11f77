// SPDX-License-Identifier: Apache-2.0
// Attention. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// Low enough that its exponent is 0, and still finite where it is added to a score.
constexpr double kMasked = -1e30;

// Row q sees columns up to q.
ValueId causal_mask(CallView& op, int32_t rows, int32_t columns) {
  if (int64_t(rows) * columns > 1 << 22) op.refuse("too-large", "its mask is too large");
  std::vector<float> mask;
  for (int32_t q = 0; q < rows; ++q)
    for (int32_t k = 0; k < columns; ++k) mask.push_back(k <= q ? 0.0f : float(kMasked));
  return op.constant(ElementType::f32, Shape{rows, columns}, mask);
}

// A mask of truth values says which scores count; one of numbers is added.
ValueId masked(CallView& op, ValueId scores, ValueId mask) {
  if (op.is_float(mask)) return op.add(add_op, {scores, mask}, {}, "masked");
  if (op.value(mask).type != ElementType::boolean)
    op.refuse("wrong-type", "its mask is neither bool nor float32");
  const ValueId low = op.scalar(ElementType::f32, kMasked);
  return op.add(where_op, {mask, scores, low}, {}, "masked");
}

// softmax(query key' scale + mask) value.
void import_attention(CallView& op) {
  const ValueId q = op.float_tensor("query"), k = op.float_tensor("key");
  const ValueId v = op.float_tensor("value");
  if (op.number("dropout_p", 0) != 0)
    op.refuse("training-mode", "it drops numbers: the model is in training mode",
              "call model.eval() before exporting");
  if (op.shape(q).size() < 2 || op.shape(q).size() != op.shape(k).size() ||
      op.shape(k).size() != op.shape(v).size())
    op.refuse("wrong-shape", "query, key and value must have as many dimensions");
  op.ignore("enable_gqa");  // one key for several queries is refused by its shape
  const Shape shape = op.shape(q), keys = op.shape(k);
  const double scale = op.number("scale", 1 / std::sqrt(double(shape.back())));
  const int64_t width = std::max(shape.back(), op.shape(v).back());
  op.spend({q, k}, op.value(q).elements() / shape.back() * keys[keys.size() - 2] * width);
  const ValueId scaled = op.add(mul_op, {q, op.scalar(ElementType::f32, scale)}, {}, "query");
  ValueId scores = op.add(batch_matmul_op, {scaled, k}, {{"adj_y", int64_t(1)}}, "scores");
  if (op.has("attn_mask")) scores = masked(op, scores, op.tensor("attn_mask"));
  if (op.flag("is_causal", false))
    scores =
        op.add(add_op, {scores, causal_mask(op, shape[shape.size() - 2], keys[keys.size() - 2])},
               {}, "causal");
  const ValueId weights = op.add(softmax_op, {scores}, {}, "weights");
  op.set(op.add(batch_matmul_op, {weights, v}));
}

constexpr ImportRule kRules[] = {
    {"aten.scaled_dot_product_attention.default",
     "query key value attn_mask dropout_p is_causal scale enable_gqa", import_attention},
};

}  // namespace

std::span<const ImportRule> attention_rules() { return kRules; }

}  // namespace mote::pytorch
