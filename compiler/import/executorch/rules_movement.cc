// SPDX-License-Identifier: Apache-2.0
// Operators of ExecuTorch that move numbers unchanged, by the tensors' dimensions: where they lie
// in memory is what the file's dim_order says.
#include <algorithm>

#include "compiler/import/executorch/rules.h"
#include "compiler/import/movement.h"

namespace mote::executorch {
namespace {

using List = CallView::List;

ValueId moved(CallView& call, const List& perm) {
  const Tensor &in = call.tensor(0), &out = call.output();
  List inverse(in.sizes.size()), full, order;
  for (size_t d = 0; d < in.dim_order.size(); ++d) {
    inverse[size_t(in.dim_order[d])] = int64_t(d);
    full.push_back(in.sizes[size_t(in.dim_order[d])]);
  }
  if (out.dim_order.size() != perm.size())
    call.refuse("wrong-shape", "its output has not as many dimensions as its input");
  for (int32_t d : out.dim_order) order.push_back(inverse[size_t(perm[size_t(d)])]);
  Movement movement(call.assembly(), call.name());
  return movement.transpose(movement.reshape(call.input(0), full), order);
}

void import_clone(CallView& call) {
  if (call.tensor(0).type != call.output().type || call.tensor(0).sizes != call.output().sizes)
    call.refuse("wrong-type", "it changes the type or the shape");
  List identity;
  for (size_t d = 0; d < call.tensor(0).sizes.size(); ++d) identity.push_back(int64_t(d));
  call.set(moved(call, identity));
}

void import_permute(CallView& call) {
  const auto rank = int64_t(call.tensor(0).sizes.size());
  if (int64_t(call.integers(1).size()) != rank)
    call.refuse("wrong-arguments", "its dims do not name each dimension once");
  List perm = call.integers(1), sorted;
  for (int64_t& d : perm) {
    if (d < 0) d += rank;
    sorted.push_back(d);
  }
  std::sort(sorted.begin(), sorted.end());
  for (size_t d = 0; d < sorted.size(); ++d)
    if (sorted[d] != int64_t(d))
      call.refuse("wrong-arguments", "its dims do not name each dimension once");
  call.set(moved(call, perm));
}

void import_view(CallView& call) {
  for (const Tensor* tensor : {&call.tensor(0), &call.output()})
    if (memory_shape(*tensor) != tensor->sizes)
      call.refuse("wrong-shape", "it reshapes a tensor that does not lie in memory in order",
                  "export the model with contiguous tensors there");
  call.set(call.input(0));
}

// Arguments: x, before, after, value; the lists in the order of memory, of four dimensions.
void import_pad(CallView& call) {
  call.expect_arguments(5);
  const ValueId x = call.input(0);
  List before = call.extents(1, 4), after = call.extents(2, 4);
  const auto is_zero = [](int64_t n) { return n == 0; };
  const bool nothing = std::all_of(before.begin(), before.end(), is_zero) &&
                       std::all_of(after.begin(), after.end(), is_zero);
  if (nothing) return call.set(x);
  const Value value = call.value(x);
  if (call.integer(3) != int64_t(value.quantization.zero_point()))
    call.refuse("wrong-arguments", "it pads with another number than the zero point");
  if (value.shape.size() != 4) call.refuse("wrong-shape", "its input must have four dimensions");
  call.set(Movement(call.assembly(), call.name()).pad(call.image(0), before, after, "constant", 0));
}

// Arguments: tensors, dimension. All must have one scale, which the operator itself checks.
void import_concatenate(CallView& call) {
  call.expect_arguments(3);
  const std::vector<int32_t>& order = call.output().dim_order;
  int64_t dim = call.integer(1);
  if (dim < 0) dim += int64_t(order.size());
  const auto axis = std::find(order.begin(), order.end(), dim);
  if (axis == order.end()) call.refuse("wrong-arguments", "it has no such dimension");
  call.set(Movement(call.assembly(), call.name())
               .concatenate(call.inputs(0, order), axis - order.begin()));
}

constexpr ImportRule kRules[] = {
    {"aten::cat", import_concatenate, KeepsScale::of_all},
    {"aten::clone", import_clone, KeepsScale::of_first},
    {"aten::permute_copy", import_permute, KeepsScale::of_first},
    {"aten::squeeze_copy", import_view, KeepsScale::of_first},
    {"aten::unsqueeze_copy", import_view, KeepsScale::of_first},
    {"aten::view_copy", import_view, KeepsScale::of_first},
    {"cortex_m::pad", import_pad, KeepsScale::of_first},
    {"cortex_m::transpose", import_permute, KeepsScale::of_first},
    {"dim_order_ops::_clone_dim_order", import_clone, KeepsScale::of_first},
};

}  // namespace

std::span<const ImportRule> movement_rules() { return kRules; }

}  // namespace mote::executorch
