// SPDX-License-Identifier: Apache-2.0
// One number of many, running sums, norms and softmax. See rules.h.
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// ---- reductions --------------------------------------------------------------------------------

// Axes are an input since opset 18, of ReduceSum since 13.
List given_axes(OperatorView& op) {
  const bool by_input = op.opset() >= (op.type() == "ReduceSum" ? 13 : 18);
  if (!by_input) return op.integers("axes");
  return op.has_input(1) ? op.integers(1) : List{};
}

struct Reduction {
  List axes;
  bool keep_dims = true;
  bool nothing = false;  // no dimension goes
};

Reduction reduction(OperatorView& op, ValueId x) {
  Reduction r;
  r.axes = given_axes(op);
  r.keep_dims = op.integer("keepdims", 1) != 0;
  const bool noop = op.integer("noop_with_empty_axes", 0) != 0;
  r.nothing = r.axes.empty() && noop;
  const size_t rank = op.shape(x).size();
  for (int64_t& axis : r.axes) axis = int64_t(op.dimension(axis, rank));
  if (r.axes.empty()) {
    r.axes.resize(rank);
    std::iota(r.axes.begin(), r.axes.end(), 0);
  }
  return r;
}

Attributes attributes(const Reduction& r) {
  return {{"axes", r.axes}, {"keep_dims", int64_t(r.keep_dims)}};
}

// A single number is a list of one here; ours need a dimension that goes.
ValueId with_dimension(OperatorView& op, ValueId x, Reduction& r) {
  if (!op.shape(x).empty()) return x;
  r.axes = {0};
  r.keep_dims = false;
  return op.move().reshape(x, {1});
}

void reduce(OperatorView& op, const char* function) {
  ValueId x = op.input(0);
  Reduction r = reduction(op, x);
  const std::string f = function;
  if (r.nothing && (f == "sum" || f == "max" || f == "min" || f == "prod" || f == "any"))
    return op.set(x);
  if (r.nothing) op.refuse("wrong-attribute", "it reduces no dimension at all", "leave it out");
  x = with_dimension(op, x, r);
  Attributes all = attributes(r);
  all["function"] = f;
  op.set(op.add(reduce_op, {x}, all));
}
bool is_boolean(OperatorView& op) { return op.value(op.input(0)).type == ElementType::boolean; }
void import_l1(OperatorView& op) { reduce(op, "l1"); }
void import_l2(OperatorView& op) { reduce(op, "l2"); }
void import_log_sum(OperatorView& op) { reduce(op, "log_sum"); }
void import_log_sum_exp(OperatorView& op) { reduce(op, "log_sum_exp"); }
void import_max(OperatorView& op) { reduce(op, is_boolean(op) ? "any" : "max"); }
void import_min(OperatorView& op) { reduce(op, is_boolean(op) ? "all" : "min"); }
void import_prod(OperatorView& op) { reduce(op, "prod"); }
void import_sum(OperatorView& op) { reduce(op, "sum"); }
void import_sum_square(OperatorView& op) { reduce(op, "sum_square"); }

void import_mean(OperatorView& op) {
  ValueId x = op.input(0);
  Reduction r = reduction(op, x);
  if (r.nothing) return op.set(x);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  x = with_dimension(op, x, r);
  op.set(op.add(mean_op, {x}, attributes(r)));
}

// ---- along an axis -----------------------------------------------------------------------------

void arg_extreme(OperatorView& op, const char* function) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer("axis", 0), op.shape(x).size()));
  op.set(op.add(arg_extreme_op, {x},
                {{"function", std::string(function)},
                 {"axis", axis},
                 {"keep_dims", op.integer("keepdims", 1)},
                 {"select_last_index", op.integer("select_last_index", 0)},
                 {"output_type", std::string("s64")}}));
}
void import_arg_max(OperatorView& op) { arg_extreme(op, "max"); }
void import_arg_min(OperatorView& op) { arg_extreme(op, "min"); }

void import_cumsum(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer(1), op.shape(x).size()));
  op.set(op.add(cumsum_op, {x},
                {{"axis", axis},
                 {"exclusive", op.integer("exclusive", 0)},
                 {"reverse", op.integer("reverse", 0)}}));
}

// `apply` over the last dimension. Before opset 13 all dimensions from `axis` on are one.
template <class Apply>
void along_last(OperatorView& op, Apply apply) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const List shape = dims(op.shape(x));
  const bool flat = op.opset() < 13;
  const size_t axis = op.dimension(op.integer("axis", flat ? 1 : -1), shape.size());
  Movement move = op.move();
  if (flat) {
    int64_t rows = 1;
    for (size_t d = 0; d < axis; ++d) rows *= shape[d];
    return op.set(
        move.reshape(apply(move.reshape(x, {rows, op.value(x).elements() / rows})), shape));
  }
  List perm(shape.size());
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[axis], perm.back());
  op.set(move.transpose(apply(move.transpose(x, perm)), perm));
}

void import_softmax(OperatorView& op) {
  along_last(op, [&](ValueId x) { return op.add(softmax_op, {x}); });
}
void import_log_softmax(OperatorView& op) {
  along_last(op, [&](ValueId x) { return op.add(log_softmax_op, {x}); });
}
void import_hardmax(OperatorView& op) {
  along_last(op, [&](ValueId x) {
    const int64_t depth = op.shape(x).back();
    const ValueId best =
        op.add(arg_extreme_op, {x}, {{"function", std::string("max")}, {"axis", int64_t(-1)}});
    const ValueId values = op.constant(ElementType::f32, Shape{2}, std::vector<float>{0, 1});
    return op.add(one_hot_op, {best, values}, {{"depth", depth}});
  });
}

// ---- norms -------------------------------------------------------------------------------------

ValueId normalized(OperatorView& op, ValueId x, const List& axes, double epsilon, bool centre) {
  return op.add(normalize_op, {x},
                {{"axes", axes}, {"epsilon", epsilon}, {"subtract_mean", int64_t(centre)}},
                "normalized");
}

List range(size_t from, size_t to) {
  List list;
  for (size_t i = from; i < to; ++i) list.push_back(int64_t(i));
  return list;
}

// One number a channel, for NCHW.
ValueId per_channel(OperatorView& op, ValueId parameter, size_t rank) {
  List shape(rank > 1 ? rank - 1 : 1, 1);
  shape[0] = op.value(parameter).elements();
  return op.move().reshape(parameter, shape);
}

ValueId scaled(OperatorView& op, ValueId x, ValueId scale, ValueId bias) {
  if (scale >= 0) x = op.add(mul_op, {x, scale}, {}, "scaled");
  if (bias >= 0) x = op.add(add_op, {x, bias}, {}, "shifted");
  return x;
}

// x a + b, a = scale / sqrt(var + epsilon), b = bias - mean a.
void import_batch_normalization(OperatorView& op) {
  if (op.integer("training_mode", 0) != 0)
    op.refuse("wrong-attribute", "it is in training mode", "export the model for inference");
  if (op.integer("spatial", 1) != 1) op.refuse("wrong-attribute", "spatial must be 1");
  op.ignore("momentum");
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  const ValueId epsilon = op.scalar(ElementType::f32, op.number("epsilon", double(1e-5f)));
  const ValueId deviation =
      op.unary("sqrt", op.add(add_op, {op.input(4), epsilon}, {}, "variance"));
  const ValueId a = op.add(div_op, {op.input(1), deviation}, {}, "factor");
  const ValueId shift = op.add(mul_op, {op.input(3), a}, {}, "mean");
  const ValueId b = op.add(sub_op, {op.input(2), shift}, {}, "offset");
  op.set(scaled(op, x, per_channel(op, a, rank), per_channel(op, b, rank)));
}

void import_instance_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  if (rank < 3) op.refuse("wrong-shape", "its input must have three dimensions or more");
  const double epsilon = op.number("epsilon", double(1e-5f));
  op.set(scaled(op, normalized(op, x, range(2, rank), epsilon, true),
                per_channel(op, op.input(1), rank), per_channel(op, op.input(2), rank)));
}

void import_group_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const List shape = dims(op.shape(x));
  const int64_t groups = op.integer("num_groups");
  op.ignore("stash_type");
  if (shape.size() < 2 || groups < 1 || shape[1] % groups != 0)
    op.refuse("wrong-shape", "its channels are no multiple of its groups");
  Movement move = op.move();
  List split{shape[0], groups, op.value(x).elements() / shape[0] / groups};
  ValueId y =
      normalized(op, move.reshape(x, split), {2}, op.number("epsilon", double(1e-5f)), true);
  if (op.opset() < 21) {  // a scale for each group
    y = scaled(op, y, move.reshape(op.input(1), {groups, 1}),
               move.reshape(op.input(2), {groups, 1}));
    return op.set(move.reshape(y, shape));
  }
  op.set(scaled(op, move.reshape(y, shape), per_channel(op, op.input(1), shape.size()),
                per_channel(op, op.input(2), shape.size())));
}

// Outputs 1 and 2, where something reads them: the mean, and one over the deviation.
void set_statistics(OperatorView& op, ValueId x, const List& axes, double epsilon) {
  if (!op.has_output(1) && !op.has_output(2)) return;
  const Attributes over{{"axes", axes}, {"keep_dims", int64_t(1)}};
  const ValueId mean = op.add(mean_op, {x}, over, "mean");
  if (op.has_output(1)) op.set(1, mean);
  if (!op.has_output(2)) return;
  const ValueId centred = op.add(sub_op, {x, mean}, {}, "centred");
  const ValueId squares = op.add(mul_op, {centred, centred}, {}, "squares");
  const ValueId variance = op.add(mean_op, {squares}, over, "variance");
  const ValueId more = op.scalar(ElementType::f32, epsilon);
  op.set(2, op.unary("rsqrt", op.add(add_op, {variance, more}, {}, "more")));
}

void layer_norm(OperatorView& op, bool centre) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  const size_t axis = op.dimension(op.integer("axis", -1), rank);
  op.ignore("stash_type");
  const double epsilon = op.number("epsilon", double(1e-5f));
  const ValueId y = normalized(op, x, range(axis, rank), epsilon, centre);
  if (centre) set_statistics(op, x, range(axis, rank), epsilon);
  op.set(scaled(op, y, op.input(1), centre ? op.optional_input(2) : -1));
}
void import_layer_normalization(OperatorView& op) { layer_norm(op, true); }
void import_rms_normalization(OperatorView& op) { layer_norm(op, false); }

void import_mean_variance_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  List axes = op.integers("axes", {0, 2, 3});
  for (int64_t& axis : axes) axis = int64_t(op.dimension(axis, op.shape(x).size()));
  op.set(normalized(op, x, axes, 1e-9, true));
}

void import_lp_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer("axis", -1), op.shape(x).size()));
  const int64_t p = op.integer("p", 2);
  if (p != 1 && p != 2) op.refuse("wrong-attribute", "p must be 1 or 2");
  const ValueId norm = op.add(reduce_op, {x},
                              {{"function", std::string(p == 1 ? "l1" : "l2")},
                               {"axes", List{axis}},
                               {"keep_dims", int64_t(1)}},
                              "norm");
  const ValueId least = op.scalar(ElementType::f32, 1e-30);  // zeros stay zeros
  op.set(op.add(div_op, {x, op.add(maximum_op, {norm, least}, {}, "divisor")}));
}

void import_lrn(OperatorView& op) {
  const int64_t size = op.integer("size");
  if (size < 1 || size > 32767) op.refuse("wrong-attribute", "size must lie in 1 .. 32767");
  op.set(op.add(local_response_normalization_op, {op.input(0)},
                {{"axis", int64_t(1)},
                 {"before", (size - 1) / 2},
                 {"after", size / 2},
                 {"bias", op.number("bias", 1)},
                 {"alpha", op.number("alpha", double(0.0001f)) / double(size)},
                 {"beta", op.number("beta", 0.75)}}));
}

void global_pool(OperatorView& op, const OpDef& how, Attributes attributes) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  if (rank < 3) op.refuse("wrong-shape", "its input must have three dimensions or more");
  attributes["axes"] = range(2, rank);
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
    {"ArgMax", import_arg_max},
    {"ArgMin", import_arg_min},
    {"BatchNormalization", import_batch_normalization},
    {"CumSum", import_cumsum},
    {"GlobalAveragePool", import_global_average_pool},
    {"GlobalLpPool", import_global_lp_pool},
    {"GlobalMaxPool", import_global_max_pool},
    {"GroupNormalization", import_group_normalization},
    {"Hardmax", import_hardmax},
    {"InstanceNormalization", import_instance_normalization},
    {"LRN", import_lrn},
    {"LayerNormalization", import_layer_normalization},
    {"LogSoftmax", import_log_softmax},
    {"LpNormalization", import_lp_normalization},
    {"MeanVarianceNormalization", import_mean_variance_normalization},
    {"RMSNormalization", import_rms_normalization},
    {"ReduceL1", import_l1},
    {"ReduceL2", import_l2},
    {"ReduceLogSum", import_log_sum},
    {"ReduceLogSumExp", import_log_sum_exp},
    {"ReduceMax", import_max},
    {"ReduceMean", import_mean},
    {"ReduceMin", import_min},
    {"ReduceProd", import_prod},
    {"ReduceSum", import_sum},
    {"ReduceSumSquare", import_sum_square},
    {"Softmax", import_softmax},
};

}  // namespace

std::span<const ImportRule> reduction_rules() { return kRules; }

}  // namespace mote::onnx
