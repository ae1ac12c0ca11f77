// SPDX-License-Identifier: Apache-2.0
// Attention, and what stands around it in models of sequences: rotations by position, caches,
// causal convolutions with a state. Heads of queries that share one of keys are more rows of it.
// See rules.h.
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/import/convolution.h"
#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostSteps = 512;
constexpr int64_t kMostMask = int64_t(1) << 24;

ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }

void expect_floats(OperatorView& op, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (!op.is_float(op.input(i))) op.refuse("wrong-type", "its inputs must be float32");
}

// ---- attention ---------------------------------------------------------------------------------

// [batch, steps, heads size] as [batch, heads, steps, size].
ValueId with_heads(OperatorView& op, ValueId x, const std::string& heads) {
  const List shape = dims(op.shape(x));
  if (shape.size() == 4) return x;
  const int64_t count = op.integer(heads);
  if (shape.size() != 3 || count < 1 || shape[2] % count != 0)
    op.refuse("wrong-shape", "its inputs do not fit their heads");
  Movement move = op.move();
  return move.transpose(move.reshape(x, {shape[0], shape[1], count, shape[2] / count}),
                        {0, 2, 1, 3});
}

// The past in front, where there is one.
ValueId with_past(OperatorView& op, ValueId x, size_t past) {
  if (!op.has_input(past) || op.is_empty(past)) return x;
  return op.move().concatenate({op.input(past), x}, 2);
}

// Numbers where the mask is false become minus infinity.
ValueId masked(OperatorView& op, ValueId x, ValueId mask) {
  const double infinity = std::numeric_limits<double>::infinity();
  return op.add(where_op, {mask, x, number(op, -infinity)}, {}, "masked");
}

// Where a query may look by order alone: not ahead, not behind the end of a shorter mask.
ValueId with_order(OperatorView& op, ValueId x, int64_t past, int64_t known) {
  const Shape shape = op.shape(x);
  const int64_t queries = shape[2], keys = shape[3];
  const bool causal = op.integer("is_causal", 0) != 0;
  if (!causal && known == keys) return x;
  if (queries * keys > kMostMask) op.refuse("too-large", "its mask is too large");
  Bytes allowed;
  for (int64_t q = 0; q < queries; ++q)
    for (int64_t k = 0; k < keys; ++k) allowed.push_back(k < known && (!causal || k <= q + past));
  return masked(op, x,
                op.constant(ElementType::boolean, Shape{int32_t(queries), int32_t(keys)}, allowed));
}

// The mask added, or chosen by; x [batch, heads, queries, keys].
ValueId with_mask(OperatorView& op, ValueId x, int64_t past) {
  const int64_t keys = op.shape(x)[3];
  int64_t known = keys;
  if (op.has_input(3)) {
    ValueId mask = op.input(3);
    const size_t rank = op.shape(mask).size();
    if (rank < 2 || rank > 4) op.refuse("wrong-shape", "its mask must have 2 to 4 dimensions");
    known = op.shape(mask).back();
    List after(rank, 0);
    after.back() = keys - known;
    if (known > keys) op.refuse("wrong-shape", "its mask is longer than its keys");
    mask = op.move().pad(mask, List(rank, 0), after, "constant", 0);
    if (op.value(mask).type == ElementType::boolean)
      x = masked(op, x, mask);
    else
      x = op.add(add_op, {x, mask}, {}, "biased");
  }
  x = with_order(op, x, past, known);
  if (!op.has_input(6)) return x;
  const ValueId ends = op.input(6);
  std::vector<int64_t> places;
  for (int64_t k = 0; k < keys; ++k) places.push_back(k);
  const ValueId at = op.constant(ElementType::s64, Shape{int32_t(keys)}, places);
  const ValueId last =
      op.move().reshape(op.cast(ends, ElementType::s64), {op.value(ends).elements(), 1, 1, 1});
  return masked(op, x, op.add(less_op, {at, last}, {}, "padding"));
}

// softmax(cap(scale Q K') + mask) V. Output 3 is what it is after the step that the mode names.
void import_attention(OperatorView& op) {
  expect_floats(op, 3);
  Movement move = op.move();
  const bool flat = op.shape(op.input(0)).size() == 3;
  const ValueId q = with_heads(op, op.input(0), "q_num_heads");
  const ValueId k = with_past(op, with_heads(op, op.input(1), "kv_num_heads"), 4);
  const ValueId v = with_past(op, with_heads(op, op.input(2), "kv_num_heads"), 5);
  op.ignore("q_num_heads");
  op.ignore("kv_num_heads");
  const List a = dims(op.shape(q)), b = dims(op.shape(k)), c = dims(op.shape(v));
  if (a.size() != 4 || b.size() != 4 || c.size() != 4 || a[1] % b[1] != 0 || b[1] != c[1])
    op.refuse("wrong-shape", "its queries, keys and values do not fit");
  if (op.integer("softmax_precision", 1) != 1)
    op.refuse("wrong-attribute", "softmax_precision is not float32");
  const double scale = op.number("scale", 1 / std::sqrt(double(a[3])));
  const double cap = op.number("softcap", 0);
  const int64_t mode = op.integer("qk_matmul_output_mode", 0);
  const List grouped{a[0], b[1], a[1] / b[1] * a[2], a[3]};
  const ValueId scaled = op.add(mul_op, {q, number(op, scale)}, {}, "scaled");
  std::vector<ValueId> steps(4, -1);
  steps[0] = move.reshape(op.add(batch_matmul_op, {move.reshape(scaled, grouped), k},
                                 {{"adj_y", int64_t(1)}}, "product"),
                          {a[0], a[1], a[2], b[2]});
  steps[1] = steps[0];
  if (cap > 0) {
    const ValueId small = op.add(div_op, {steps[0], number(op, cap)}, {}, "small");
    steps[1] = op.add(mul_op, {op.add(tanh_op, {small}), number(op, cap)}, {}, "capped");
  }
  const int64_t past = op.has_input(4) && !op.is_empty(4) ? op.shape(op.input(4))[2] : 0;
  steps[2] = with_mask(op, steps[1], past);
  steps[3] = op.add(softmax_op, {steps[2]}, {}, "weights");
  const ValueId weights = move.reshape(steps[3], {a[0], b[1], grouped[2], b[2]});
  ValueId y = op.add(batch_matmul_op, {weights, v}, {}, "values");
  y = move.reshape(y, {a[0], a[1], a[2], c[3]});
  if (flat) y = move.reshape(move.transpose(y, {0, 2, 1, 3}), {a[0], a[2], a[1] * c[3]});
  op.set(0, y);
  if (op.has_output(1)) op.set(1, k);
  if (op.has_output(2)) op.set(2, v);
  if (mode < 0 || mode > 3) op.refuse("wrong-attribute", "qk_matmul_output_mode is unknown");
  if (op.has_output(3)) op.set(3, steps[size_t(mode)]);
}

// ---- rotations ---------------------------------------------------------------------------------

// Cosines or sines [batch, steps, half] of the positions.
ValueId by_position(OperatorView& op, size_t cache, bool heads_first) {
  ValueId x = op.input(cache);
  if (op.has_input(3))
    x = op.add(gather_op, {x, op.move().indices(op.input(3))}, {}, "by_position");
  List shape = dims(op.shape(x));
  if (shape.size() != 3) op.refuse("wrong-shape", "its caches do not fit its positions");
  shape.insert(shape.begin() + (heads_first ? 1 : 2), 1);
  return op.move().reshape(x, shape);
}

// Pairs of numbers turned: (a cos - b sin, a sin + b cos); the rest of each head stays.
void import_rotary_embedding(OperatorView& op) {
  expect_floats(op, 3);
  Movement move = op.move();
  ValueId x = op.input(0);
  const List shape = dims(op.shape(x));
  const int64_t heads = op.integer("num_heads", 0);
  if (shape.size() == 3) {
    if (heads < 1 || shape[2] % heads != 0) op.refuse("wrong-shape", "its heads do not fit");
    x = move.reshape(x, {shape[0], shape[1], heads, shape[2] / heads});
  } else if (shape.size() != 4) {
    op.refuse("wrong-shape", "its input must have three or four dimensions");
  }
  const bool interleaved = op.integer("interleaved", 0) != 0;
  const int64_t size = op.shape(x)[3], said = op.integer("rotary_embedding_dim", 0);
  const int64_t turned = said == 0 ? size : said;
  if (turned < 2 || turned > size || turned % 2 != 0)
    op.refuse("wrong-attribute", "rotary_embedding_dim does not fit its heads");
  List begin(4, 0), part = dims(op.shape(x)), step(4, 1);
  part[3] = turned / 2;
  step[3] = interleaved && turned > 2 ? 2 : 1;
  const ValueId a = move.slice(x, begin, part, step);
  begin[3] = interleaved ? 1 : turned / 2;
  const ValueId b = move.slice(x, begin, part, step);
  const ValueId cos = by_position(op, 1, shape.size() == 4);
  const ValueId sin = by_position(op, 2, shape.size() == 4);
  const auto product = [&](ValueId m, ValueId n) { return op.add(mul_op, {m, n}, {}, "product"); };
  const ValueId real = op.add(sub_op, {product(a, cos), product(b, sin)}, {}, "real");
  const ValueId imaginary = op.add(add_op, {product(a, sin), product(b, cos)}, {}, "imaginary");
  List whole = part;
  whole[3] = turned;
  ValueId y = interleaved ? move.reshape(move.stack({real, imaginary}, 4), whole)
                          : move.concatenate({real, imaginary}, 3);
  if (turned < size) y = move.concatenate({y, move.slice_axis(x, 3, turned, size - turned)}, 3);
  op.set(move.reshape(y, shape));
}

// ---- caches ------------------------------------------------------------------------------------

// Rows of each batch replaced from its index on; circular: round the end.
void import_tensor_scatter(OperatorView& op) {
  Movement move = op.move();
  const ValueId cache = op.input(0), update = op.input(1);
  const List shape = dims(op.shape(cache)), more = dims(op.shape(update));
  const size_t rank = shape.size(), axis = op.dimension(op.integer("axis", -2), rank);
  const std::string mode = op.text("mode", "linear");
  if (mode != "linear" && mode != "circular")
    op.refuse("wrong-attribute", "mode is \"" + mode + "\"");
  if (axis == 0 || more.size() != rank) op.refuse("wrong-shape", "its axis or update does not fit");
  const int64_t batches = shape[0], rows = more[axis];
  if (batches * rows > kMostMask) op.refuse("too-large", "its update is too large");
  std::vector<int32_t> next, batch;
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t r = 0; r < rows; ++r) batch.push_back(int32_t(b));
  for (int64_t r = 0; r < rows; ++r) next.push_back(int32_t(r));
  ValueId at = op.constant(ElementType::s32, Shape{1, int32_t(rows)}, next);
  const ValueId first = op.has_input(2) ? move.reshape(move.indices(op.input(2)), {batches, 1})
                                        : op.constant(ElementType::s32, Shape{int32_t(batches), 1},
                                                      Bytes(size_t(batches) * 4));
  at = op.add(add_op, {first, at}, {}, "rows");
  if (mode == "circular")
    at = op.add(floor_mod_op, {at, op.scalar(ElementType::s32, double(shape[axis]))}, {}, "round");
  const ValueId of = op.constant(ElementType::s32, Shape{int32_t(batches), int32_t(rows)}, batch);
  List perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[1], perm[axis]);
  const ValueId y = op.add(scatter_nd_op, {move.transpose(cache, perm), move.stack({of, at}, 2),
                                           move.transpose(update, perm)});
  op.set(move.transpose(y, perm));
}

// A convolution of each channel over what came before and now; the last numbers are the state.
void import_causal_conv(OperatorView& op) {
  expect_floats(op, 2);
  Movement move = op.move();
  const ValueId x = op.input(0);
  const List shape = dims(op.shape(x)), kernel = dims(op.shape(op.input(1)));
  if (shape.size() != 3 || kernel.size() != 3 || kernel[0] != shape[1] || kernel[1] != 1)
    op.refuse("wrong-shape", "its weights must be [channels, 1, kernel]");
  const int64_t kept = kernel[2] - 1;
  ValueId all = x;
  if (kept > 0 && op.has_input(3))
    all = move.concatenate({op.input(3), x}, 2);
  else if (kept > 0)
    all = move.pad(x, {0, 0, kept}, {0, 0, 0}, "constant", 0);
  ConvolutionWeights c;
  c.weights = op.constant_input(1);
  c.bias = op.has_input(2) ? op.constant_input(2) : -1;
  c.groups = shape[1];
  ValueId y = ImageConvolution(op.assembly(), op.name()).conv(all, c, {});
  const std::string activation = op.text("activation", "none");
  if (activation == "silu" || activation == "swish")
    y = op.unary("silu", y);
  else if (activation != "none")
    op.refuse("wrong-attribute", "activation is \"" + activation + "\"");
  op.set(0, y);
  if (!op.has_output(1)) return;
  if (kept == 0) return op.set_empty(1, ElementType::f32, {shape[0], shape[1], 0});
  op.set(1, move.slice_axis(all, 2, op.shape(all)[2] - kept, kept));
}

// ---- linear attention: a state [batch, heads, keys, values] of each step's ----------------------

struct Linear {
  int64_t batches = 0, steps = 0, heads = 0;
  bool gated = false, delta = false;
};

// Step t of input i as [batch, heads, rows, columns].
ValueId step_of(OperatorView& op, size_t i, int64_t t, const List& shape) {
  return op.move().reshape(op.move().slice_axis(op.input(i), 1, t, 1), shape);
}

// S = e^decay S; S = S + k' beta (v - k S), or k' v.
ValueId next_state(OperatorView& op, ValueId state, const Linear& l, int64_t t) {
  const List shape = dims(op.shape(state));
  if (l.gated) {
    const int64_t rows = op.shape(op.input(4))[2] / l.heads;
    const ValueId decay = step_of(op, 4, t, {l.batches, l.heads, rows, 1});
    state = op.add(mul_op, {state, op.unary("exp", decay)}, {}, "decayed");
  }
  ValueId value = step_of(op, 2, t, {l.batches, l.heads, 1, shape[3]});
  if (l.delta) {
    const ValueId key = step_of(op, 1, t, {l.batches, l.heads, 1, shape[2]});
    const ValueId known = op.add(batch_matmul_op, {key, state}, {}, "known");
    const ValueId beta = step_of(op, 5, t, {l.batches, op.shape(op.input(5))[2], 1, 1});
    value = op.add(sub_op, {value, known}, {}, "news");
    value = op.add(mul_op, {value, beta}, {}, "delta");
  }
  const ValueId column = step_of(op, 1, t, {l.batches, l.heads, shape[2], 1});
  const ValueId outer = op.add(mul_op, {column, value}, {}, "outer");
  return op.add(add_op, {state, outer}, {}, "state");
}

void import_linear_attention(OperatorView& op) {
  expect_floats(op, 3);
  Movement move = op.move();
  const List q = dims(op.shape(op.input(0))), k = dims(op.shape(op.input(1))),
             v = dims(op.shape(op.input(2)));
  const std::string rule = op.text("update_rule", "gated_delta");
  if (rule != "linear" && rule != "gated" && rule != "delta" && rule != "gated_delta")
    op.refuse("wrong-attribute", "update_rule is \"" + rule + "\"");
  Linear l;
  l.heads = op.integer("kv_num_heads");
  const int64_t readers = op.integer("q_num_heads");
  op.ignore("chunk_size");
  if (q.size() != 3 || k.size() != 3 || v.size() != 3 || l.heads < 1 || readers < l.heads ||
      readers % l.heads != 0 || q[2] % readers != 0 || k[2] % l.heads != 0 || v[2] % l.heads != 0)
    op.refuse("wrong-shape", "its inputs do not fit their heads");
  l.batches = q[0], l.steps = q[1];
  l.gated = rule == "gated" || rule == "gated_delta";
  l.delta = rule == "delta" || rule == "gated_delta";
  const int64_t keys = k[2] / l.heads, values = v[2] / l.heads;
  if (l.steps > kMostSteps) op.refuse("too-large", "it has more than 512 steps");
  for (size_t i : {size_t(4), size_t(5)})
    if ((i == 4 ? l.gated : l.delta) && op.shape(op.input(i)).size() != 3)
      op.refuse("wrong-shape", "its decay or beta must have three dimensions");
  if (l.gated && op.shape(op.input(4))[2] % l.heads != 0)
    op.refuse("wrong-shape", "its decay does not fit its heads");
  const double scale = op.number("scale", 0);
  const ValueId factor = number(op, scale == 0 ? 1 / std::sqrt(double(keys)) : scale);
  const Shape shape{int32_t(l.batches), int32_t(l.heads), int32_t(keys), int32_t(values)};
  ValueId state = op.has_input(3) ? op.input(3)
                                  : op.constant(ElementType::f32, shape,
                                                Bytes(size_t(element_count(shape)) * 4));
  if (op.shape(state) != shape) op.refuse("wrong-shape", "its past state does not fit");
  std::vector<ValueId> rows;
  for (int64_t t = 0; t < l.steps; ++t) {
    state = next_state(op, state, l, t);
    const ValueId query = step_of(op, 0, t, {l.batches, l.heads, readers / l.heads, keys});
    const ValueId read = op.add(batch_matmul_op, {query, state}, {}, "read");
    rows.push_back(move.reshape(op.add(mul_op, {read, factor}, {}, "scaled"),
                                {l.batches, 1, readers * values}));
  }
  op.set(0, move.concatenate(rows, 1));
  if (op.has_output(1)) op.set(1, state);
}

constexpr ImportRule kRules[] = {
    {"Attention", import_attention, "float32"},
    {"CausalConvWithState", import_causal_conv, "float32, weights constant"},
    {"LinearAttention", import_linear_attention, "float32, up to 512 steps, unrolled"},
    {"RotaryEmbedding", import_rotary_embedding, "float32"},
    {"TensorScatter", import_tensor_scatter},
};

}  // namespace

std::span<const ImportRule> attention_rules() { return kRules; }

}  // namespace mote::onnx
