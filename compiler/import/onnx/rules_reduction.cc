// SPDX-License-Identifier: Apache-2.0
// One number of many, running sums and softmax. See rules.h.
#include <algorithm>
#include <limits>
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

// What a reduction of no numbers at all gives.
double of_nothing(OperatorView& op, const std::string& f) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (f == "prod" || f == "all") return 1;
  if (f == "log_sum" || f == "log_sum_exp") return -infinity;
  if (f != "max" && f != "min") return 0;
  const ElementType type = op.value(op.any_input(0)).type;
  if (type == ElementType::f32) return f == "max" ? -infinity : infinity;
  return with_element_type(type, [&](auto element) {
    using Limits = std::numeric_limits<decltype(element)>;
    return double(f == "max" ? Limits::lowest() : Limits::max());
  });
}

void reduce_nothing(OperatorView& op, const std::string& function) {
  const Value x = op.value(op.any_input(0));
  const Reduction r = reduction(op, op.any_input(0));
  Shape shape;
  for (int64_t d = 0; d < int64_t(x.shape.size()); ++d) {
    const bool goes = std::count(r.axes.begin(), r.axes.end(), d) > 0;
    if (!goes || r.keep_dims) shape.push_back(goes ? 1 : x.shape[size_t(d)]);
  }
  const double number = of_nothing(op, function);
  op.set(with_element_type(x.type, [&](auto element) {
    using T = decltype(element);
    return op.constant(x.type, shape, std::vector<T>(size_t(element_count(shape)), T(number)));
  }));
}

// Of one number each: where no dimension goes.
ValueId of_each(OperatorView& op, ValueId x, const std::string& f) {
  if (f == "l1" || f == "l2") return op.unary("abs", x);
  if (f == "sum_square") return op.add(mul_op, {x, x});
  return f == "log_sum" ? op.unary("log", x) : x;
}

void reduce(OperatorView& op, const char* function) {
  if (op.is_empty(0)) return reduce_nothing(op, function);
  ValueId x = op.input(0);
  Reduction r = reduction(op, x);
  const std::string f = function;
  if (r.nothing) return op.set(of_each(op, x, f));
  x = with_dimension(op, x, r);
  Attributes all = attributes(r);
  all["function"] = f;
  op.set(op.add(reduce_op, {x}, all));
}
bool is_boolean(OperatorView& op) { return op.value(op.any_input(0)).type == ElementType::boolean; }
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

constexpr ImportRule kRules[] = {
    {"ArgMax", import_arg_max},
    {"ArgMin", import_arg_min},
    {"CumSum", import_cumsum},
    {"Hardmax", import_hardmax},
    {"LogSoftmax", import_log_softmax},
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
