// SPDX-License-Identifier: Apache-2.0
// Numbers by index: where they come from or go to. See rules.h.
#include <algorithm>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

ValueId indices(OperatorView& op, size_t i) { return op.move().indices(op.input(i)); }

void import_gather(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer("axis", 0), op.shape(x).size()));
  op.set(op.add(gather_op, {x, indices(op, 1)}, {{"axis", axis}, {"from_last", int64_t(1)}}));
}

void import_gather_elements(OperatorView& op) {
  op.set(op.add(gather_elements_op, {op.input(0), indices(op, 1)},
                {{"axis", op.integer("axis", 0)}, {"from_last", int64_t(1)}}));
}

void import_gather_nd(OperatorView& op) {
  op.set(op.add(gather_nd_op, {op.input(0), indices(op, 1)},
                {{"batch_dims", op.integer("batch_dims", 0)}, {"from_last", int64_t(1)}}));
}

void import_scatter_elements(OperatorView& op) {
  op.set(op.add(scatter_elements_op, {op.input(0), indices(op, 1), op.input(2)},
                {{"axis", op.integer("axis", 0)},
                 {"from_last", int64_t(1)},
                 {"reduction", op.text("reduction", "none")}}));
}

void import_scatter_nd(OperatorView& op) {
  op.set(op.add(scatter_nd_op, {op.input(0), indices(op, 1), op.input(2)},
                {{"from_last", int64_t(1)}, {"reduction", op.text("reduction", "none")}}));
}

// The numbers of a dimension that a constant condition names; of all, flattened, without an axis.
void import_compress(OperatorView& op) {
  ValueId x = op.input(0);
  size_t axis = 0;
  if (op.has("axis"))
    axis = op.dimension(op.integer("axis", 0), op.shape(x).size());
  else
    x = op.move().reshape(x, {op.value(x).elements()});
  std::vector<int32_t> chosen;
  const List condition = op.integers(1);
  for (size_t i = 0; i < condition.size(); ++i)
    if (condition[i] != 0) chosen.push_back(int32_t(i));
  if (chosen.empty()) op.refuse("empty-tensor", "nothing is left of its input");
  if (chosen.back() >= op.shape(x)[axis]) op.refuse("wrong-shape", "its condition is too long");
  const ValueId list = op.constant(ElementType::s32, Shape{int32_t(chosen.size())}, chosen);
  op.set(op.add(gather_op, {x, list}, {{"axis", int64_t(axis)}}));
}

// A number of any type.
int64_t one_hot_depth(OperatorView& op) {
  if (!op.is_float(op.constant_input(1))) return op.integer(1);
  const std::vector<double> depth = op.floats(1);
  if (depth.size() != 1 || !(depth[0] >= 1) || !(depth[0] <= INT32_MAX))
    op.refuse("wrong-input", "its depth must be one number of at least 1");
  return int64_t(depth[0]);
}

void import_one_hot(OperatorView& op) {
  const ValueId values = op.input(2), index = op.input(0);
  const ValueId whole = op.is_float(index) ? op.cast(index, ElementType::s32) : index;
  op.set(op.add(
      one_hot_op, {op.move().indices(whole), values},
      {{"depth", one_hot_depth(op)}, {"axis", op.integer("axis", -1)}, {"from_last", int64_t(1)}}));
}

// Ours works along the last dimension and gives s32 indices.
void import_top_k(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size(), axis = op.dimension(op.integer("axis", -1), rank);
  const int64_t k = op.opset() < 10 ? op.integer("k") : op.integer(1);
  const int64_t smallest = op.integer("largest", 1) == 0;
  op.ignore("sorted");  // sorted numbers are one of the orders that it allows
  List perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[axis], perm.back());
  Movement move = op.move();
  const std::vector<ValueId> best =
      op.add_all(top_k_op, {move.transpose(x, perm)}, {{"k", k}, {"smallest", smallest}});
  if (op.has_output(0)) op.set(0, move.transpose(best[0], perm));
  if (op.has_output(1)) op.set(1, op.cast(move.transpose(best[1], perm), ElementType::s64));
}

constexpr ImportRule kRules[] = {
    {"Compress", import_compress},
    {"Gather", import_gather},
    {"GatherElements", import_gather_elements},
    {"GatherND", import_gather_nd},
    {"OneHot", import_one_hot},
    {"Scatter", import_scatter_elements},
    {"ScatterElements", import_scatter_elements},
    {"ScatterND", import_scatter_nd},
    {"TopK", import_top_k},
};

}  // namespace

std::span<const ImportRule> index_rules() { return kRules; }

}  // namespace mote::onnx
