// SPDX-License-Identifier: Apache-2.0
// One number of many, running sums, norms and softmax. See rules.h.
#include <numeric>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// ---- reductions --------------------------------------------------------------------------------

struct Reduction {
  ValueId x;  // with one dimension at least
  List axes;
  bool keep_dims;
};

// No dimensions mean all. `x` as the type that `dtype` asks for.
Reduction reduction(CallView& op) {
  ValueId x = op.tensor("self");
  const std::optional<ElementType> wanted = op.type("dtype");
  if (wanted) x = op.cast(x, *wanted);
  Reduction r{x, op.integers("dim"), op.flag("keepdim", false)};
  const size_t rank = op.shape(x).size();
  for (int64_t& axis : r.axes) axis = int64_t(op.dimension(axis, rank));
  if (rank == 0) return {op.move().reshape(x, {1}), {0}, false};
  if (r.axes.empty()) {
    r.axes.resize(rank);
    std::iota(r.axes.begin(), r.axes.end(), 0);
  }
  return r;
}

Attributes over(const Reduction& r) {
  return {{"axes", r.axes}, {"keep_dims", int64_t(r.keep_dims)}};
}

ValueId reduced(CallView& op, const Reduction& r, const char* function) {
  Attributes attributes = over(r);
  attributes["function"] = std::string(function);
  return op.add(reduce_op, {r.x}, attributes);
}

// Sums of integers and truth values are int64.
template <bool kProduct>
void import_sum(CallView& op) {
  Reduction r = reduction(op);
  if (!op.is_float(r.x) && !op.has("dtype")) r.x = op.cast(r.x, ElementType::s64);
  op.set(reduced(op, r, kProduct ? "prod" : "sum"));
}
template <bool kMax>
void import_extreme(CallView& op) {
  const Reduction r = reduction(op);
  const bool truth = op.value(r.x).type == ElementType::boolean;
  op.set(reduced(op, r, truth ? (kMax ? "any" : "all") : (kMax ? "max" : "min")));
}
template <bool kAll>
void import_truth(CallView& op) {
  Reduction r = reduction(op);
  const ElementType type = op.value(r.x).type;
  if (type != ElementType::boolean)
    r.x = op.add(not_equal_op, {r.x, op.scalar(type, 0)}, {}, "truth");
  op.set(reduced(op, r, kAll ? "all" : "any"));
}

void expect_float(CallView& op, const Reduction& r) {
  if (!op.is_float(r.x)) op.refuse("wrong-type", "its input must be float32");
}

void import_mean(CallView& op) {
  const Reduction r = reduction(op);
  expect_float(op, r);
  op.set(op.add(mean_op, {r.x}, over(r)));
}

// The sum of squared distances to the mean over n - correction; 1 where nothing is said.
ValueId variance(CallView& op, const Reduction& r) {
  expect_float(op, r);
  double correction = op.flag("unbiased", true) ? 1 : 0;
  correction = op.number("correction", correction);
  int64_t count = 1;
  for (int64_t axis : r.axes) count *= op.shape(r.x).at(size_t(axis));
  if (!(double(count) - correction > 0)) op.refuse("wrong-argument", "it divides by nothing");
  Reduction kept = r;
  kept.keep_dims = true;
  const ValueId mean = op.add(mean_op, {r.x}, over(kept), "mean");
  const ValueId centred = op.add(sub_op, {r.x, mean}, {}, "centred");
  const ValueId squares = op.add(mul_op, {centred, centred}, {}, "squares");
  const ValueId y = op.add(mean_op, {squares}, over(r), "variance");
  const double factor = double(count) / (double(count) - correction);
  return factor == 1 ? y
                     : op.add(mul_op, {y, op.scalar(ElementType::f32, factor)}, {}, "corrected");
}
void import_variance(CallView& op) { op.set(variance(op, reduction(op))); }
void import_deviation(CallView& op) { op.set(op.unary("sqrt", variance(op, reduction(op)))); }
void import_variance_and_mean(CallView& op) {
  const Reduction r = reduction(op);
  op.set(0, variance(op, r));
  op.set(1, op.add(mean_op, {r.x}, over(r), "mean"));
}

void import_vector_norm(CallView& op) {
  const double order = op.number("ord", 2);
  const Reduction r = reduction(op);
  expect_float(op, r);
  if (order != 1 && order != 2) op.refuse("unsupported-argument", "its order is neither 1 nor 2");
  op.set(reduced(op, r, order == 1 ? "l1" : "l2"));
}

// ---- along a dimension -------------------------------------------------------------------------

// Without a dimension over all numbers in order.
ValueId arg_extreme(CallView& op, const char* function) {
  ValueId x = op.tensor("self");
  const bool flat = !op.has("dim") || op.shape(x).empty();
  const List shape = dims(op.shape(x));
  const bool keep = op.flag("keepdim", false);
  const size_t axis = op.dimension(op.integer("dim", 0), shape.size());
  if (flat) x = op.move().reshape(x, {op.value(x).elements()});
  const ValueId y = op.add(arg_extreme_op, {x},
                           {{"function", std::string(function)},
                            {"axis", int64_t(flat ? 0 : axis)},
                            {"keep_dims", int64_t(keep && !flat)},
                            {"output_type", std::string("s64")}},
                           "index");
  return flat && keep ? op.move().reshape(y, List(shape.size(), 1)) : y;
}
void import_arg_max(CallView& op) { op.set(arg_extreme(op, "max")); }
void import_arg_min(CallView& op) { op.set(arg_extreme(op, "min")); }
template <bool kMax>
void import_extreme_and_index(CallView& op) {
  const char* function = kMax ? "max" : "min";
  if (op.has_output(0)) op.set(0, reduced(op, reduction(op), function));
  if (op.has_output(1)) op.set(1, arg_extreme(op, function));
  op.ignore("dim");
  op.ignore("keepdim");
}

void import_cumsum(CallView& op) {
  const Reduction r = reduction(op);
  ValueId x = r.x;
  if (!op.is_float(x) && !op.has("dtype")) x = op.cast(x, ElementType::s64);
  const List shape = dims(op.shape(op.tensor("self")));
  op.set(op.move().reshape(op.add(cumsum_op, {x}, {{"axis", r.axes.at(0)}}), shape));
}

// Swaps dimension `axis` and the last, by itself.
ValueId with_last(CallView& op, ValueId x, size_t axis) {
  List perm(op.shape(x).size());
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm.at(axis), perm.back());
  return op.move().transpose(x, perm);
}

void import_top_k(CallView& op) {
  const ValueId x = op.tensor("self");
  const size_t axis = op.dimension(op.integer("dim", -1), op.shape(x).size());
  if (op.shape(x).empty()) op.refuse("wrong-shape", "its input has no dimension");
  op.spend({x}, op.value(x).elements() * op.integer("k"));
  op.ignore("sorted");  // sorted numbers are one of the orders that it allows
  const std::vector<ValueId> best =
      op.add_all(top_k_op, {with_last(op, x, axis)},
                 {{"k", op.integer("k")}, {"smallest", int64_t(!op.flag("largest", true))}});
  if (op.has_output(0)) op.set(0, with_last(op, best[0], axis));
  if (op.has_output(1)) op.set(1, op.cast(with_last(op, best[1], axis), ElementType::s64));
}

template <const OpDef& kOp>
void import_softmax(CallView& op) {
  op.ignore("half_to_float");
  ValueId x = op.tensor("self");
  const std::optional<ElementType> wanted = op.type("dtype");
  if (wanted) x = op.cast(x, *wanted);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const List shape = dims(op.shape(x));
  const size_t axis = op.dimension(op.integer("dim"), shape.size());
  if (shape.empty()) x = op.move().reshape(x, {1});
  op.set(op.move().reshape(with_last(op, op.add(kOp, {with_last(op, x, axis)}), axis), shape));
}

// ---- norms -------------------------------------------------------------------------------------

ValueId normalized(CallView& op, ValueId x, const List& axes, double epsilon, bool centre) {
  return op.add(normalize_op, {x},
                {{"axes", axes}, {"epsilon", epsilon}, {"subtract_mean", int64_t(centre)}},
                "normalized");
}

List range(size_t from, size_t to) {
  List list;
  for (size_t i = from; i < to; ++i) list.push_back(int64_t(i));
  return list;
}

ValueId scaled(CallView& op, ValueId x, ValueId scale, ValueId bias) {
  if (scale >= 0) x = op.add(mul_op, {x, scale}, {}, "scaled");
  if (bias >= 0) x = op.add(add_op, {x, bias}, {}, "shifted");
  return x;
}

// One number a channel, dimension 1 of x.
ValueId per_channel(CallView& op, ValueId parameter, ValueId x) {
  const size_t rank = op.shape(x).size();
  if (parameter < 0) return -1;
  List shape(rank > 1 ? rank - 1 : 1, 1);
  shape[0] = op.value(parameter).elements();
  return op.move().reshape(parameter, shape);
}

// x a + b, a = weight / sqrt(variance + epsilon), b = bias - mean a.
void import_batch_norm(CallView& op) {
  op.ignore("momentum");
  if (op.flag("training", false))
    op.refuse("training-mode", "it takes the batch's own mean: the model is in training mode",
              "call model.eval() before exporting");
  const ValueId x = op.float_tensor("input"), mean = op.float_tensor("running_mean");
  const ValueId weight = op.optional_tensor("weight"), bias = op.optional_tensor("bias");
  const ValueId epsilon = op.scalar(ElementType::f32, op.number("eps", 1e-5));
  const ValueId more = op.add(add_op, {op.float_tensor("running_var"), epsilon}, {}, "variance");
  ValueId a = op.unary("rsqrt", more);
  if (weight >= 0) a = op.add(mul_op, {weight, a}, {}, "factor");
  const ValueId zero = bias >= 0 ? bias : op.scalar(ElementType::f32, 0);
  const ValueId b = op.add(sub_op, {zero, op.add(mul_op, {mean, a}, {}, "mean")}, {}, "offset");
  op.set(scaled(op, x, per_channel(op, a, x), per_channel(op, b, x)));
}

// By the batch's own mean and variance, channel by channel.
void import_batch_norm_of_batch(CallView& op) {
  op.ignore("momentum");
  if (!op.flag("training", true))
    op.refuse("wrong-argument", "it has no running mean, and is not in training mode");
  const ValueId x = op.float_tensor("input");
  List axes = range(0, op.shape(x).size());
  if (axes.size() < 2) op.refuse("wrong-shape", "its input must have two dimensions or more");
  axes.erase(axes.begin() + 1);
  op.set(scaled(op, normalized(op, x, axes, op.number("eps", 1e-5), true),
                per_channel(op, op.optional_tensor("weight"), x),
                per_channel(op, op.optional_tensor("bias"), x)));
}

void import_instance_norm(CallView& op) {
  op.ignore("momentum");
  op.ignore("running_mean");
  op.ignore("running_var");
  if (!op.flag("use_input_stats", true))
    op.refuse("unsupported-argument", "it takes running statistics", "use a batch norm");
  const ValueId x = op.float_tensor("input");
  const size_t rank = op.shape(x).size();
  if (rank < 3) op.refuse("wrong-shape", "its input must have three dimensions or more");
  op.set(scaled(op, normalized(op, x, range(2, rank), op.number("eps", 1e-5), true),
                per_channel(op, op.optional_tensor("weight"), x),
                per_channel(op, op.optional_tensor("bias"), x)));
}

// Over the channels of a group and all that lies behind them.
void group_norm(CallView& op, int64_t groups) {
  const ValueId x = op.float_tensor("input");
  const List shape = dims(op.shape(x));
  if (shape.size() < 2 || groups < 1 || shape[1] % groups != 0)
    op.refuse("wrong-shape", "its channels are no multiple of its groups");
  const List split{shape[0], groups, op.value(x).elements() / shape[0] / groups};
  const ValueId y = normalized(op, op.move().reshape(x, split), {2}, op.number("eps", 1e-5), true);
  op.set(scaled(op, op.move().reshape(y, shape), per_channel(op, op.optional_tensor("weight"), x),
                per_channel(op, op.optional_tensor("bias"), x)));
}
void import_group_norm(CallView& op) { group_norm(op, op.integer("num_groups")); }
void import_native_group_norm(CallView& op) {
  for (const char* name : {"N", "C", "HxW"}) op.ignore(name);  // the input's own
  group_norm(op, op.integer("group"));
}

void last_dimensions_norm(CallView& op, bool centre, double otherwise) {
  const ValueId x = op.float_tensor("input");
  const List normal = op.integers("normalized_shape"), shape = dims(op.shape(x));
  if (normal.empty() || normal.size() > shape.size() ||
      !std::equal(normal.rbegin(), normal.rend(), shape.rbegin()))
    op.refuse("wrong-shape", "normalized_shape is not the end of its input's shape");
  const List axes = range(shape.size() - normal.size(), shape.size());
  const ValueId y = normalized(op, x, axes, op.number("eps", otherwise), centre);
  op.set(scaled(op, y, op.optional_tensor("weight"), centre ? op.optional_tensor("bias") : -1));
}
void import_layer_norm(CallView& op) { last_dimensions_norm(op, true, 1e-5); }
void import_rms_norm(CallView& op) { last_dimensions_norm(op, false, 1.1920928955078125e-07); }

constexpr std::string_view kWhole = "self dtype", kDims = "self dim keepdim dtype";
constexpr std::string_view kDim = "self dim keepdim", kCorrected = "self dim correction keepdim";
constexpr std::string_view kUnbiased = "self dim unbiased keepdim";

constexpr ImportRule kRules[] = {
    {"aten._log_softmax.default", "self dim half_to_float", import_softmax<log_softmax_op>},
    {"aten._native_batch_norm_legit.no_stats", "input weight bias training momentum eps",
     import_batch_norm_of_batch},
    {"aten._native_batch_norm_legit_no_training.default",
     "input weight bias running_mean running_var momentum eps", import_batch_norm},
    {"aten._safe_softmax.default", "self dim dtype", import_softmax<softmax_op>},
    {"aten._softmax.default", "self dim half_to_float", import_softmax<softmax_op>},
    {"aten.all.default", "self", import_truth<true>},
    {"aten.all.dim", kDim, import_truth<true>},
    {"aten.all.dims", kDim, import_truth<true>},
    {"aten.amax.default", kDim, import_extreme<true>},
    {"aten.amin.default", kDim, import_extreme<false>},
    {"aten.any.default", "self", import_truth<false>},
    {"aten.any.dim", kDim, import_truth<false>},
    {"aten.any.dims", kDim, import_truth<false>},
    {"aten.argmax.default", kDim, import_arg_max},
    {"aten.argmin.default", kDim, import_arg_min},
    {"aten.batch_norm.default",
     "input weight bias running_mean running_var training momentum eps cudnn_enabled",
     import_batch_norm},
    {"aten.cumsum.default", "self dim dtype", import_cumsum},
    {"aten.group_norm.default", "input num_groups weight bias eps cudnn_enabled",
     import_group_norm},
    {"aten.instance_norm.default",
     "input weight bias running_mean running_var use_input_stats momentum eps cudnn_enabled",
     import_instance_norm},
    {"aten.layer_norm.default", "input normalized_shape weight bias eps cudnn_enable",
     import_layer_norm},
    {"aten.linalg_vector_norm.default", "self ord dim keepdim dtype", import_vector_norm},
    {"aten.log_softmax.int", "self dim dtype", import_softmax<log_softmax_op>},
    {"aten.max.default", "self", import_extreme<true>},
    {"aten.max.dim", kDim, import_extreme_and_index<true>},
    {"aten.mean.default", kWhole, import_mean},
    {"aten.mean.dim", kDims, import_mean},
    {"aten.min.default", "self", import_extreme<false>},
    {"aten.min.dim", kDim, import_extreme_and_index<false>},
    {"aten.native_group_norm.default", "input weight bias N C HxW group eps",
     import_native_group_norm},
    {"aten.native_layer_norm.default", "input normalized_shape weight bias eps", import_layer_norm},
    {"aten.prod.default", kWhole, import_sum<true>},
    {"aten.prod.dim_int", kDims, import_sum<true>},
    {"aten.rms_norm.default", "input normalized_shape weight eps", import_rms_norm},
    {"aten.softmax.int", "self dim dtype", import_softmax<softmax_op>},
    {"aten.std.correction", kCorrected, import_deviation},
    {"aten.std.dim", kUnbiased, import_deviation},
    {"aten.sum.default", kWhole, import_sum<false>},
    {"aten.sum.dim_IntList", kDims, import_sum<false>},
    {"aten.topk.default", "self k dim largest sorted", import_top_k},
    {"aten.var.correction", kCorrected, import_variance},
    {"aten.var.dim", kUnbiased, import_variance},
    {"aten.var_mean.correction", kCorrected, import_variance_and_mean},
};

}  // namespace

std::span<const ImportRule> reduction_rules() { return kRules; }

}  // namespace mote::pytorch
