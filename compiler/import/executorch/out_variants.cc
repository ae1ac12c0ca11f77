// SPDX-License-Identifier: Apache-2.0
// See out_variants.h. Most overloads follow from one rule: "X_out" is "X", "out" is "default".
#include "compiler/import/executorch/out_variants.h"

#include <algorithm>
#include <sstream>

#include "compiler/import/pytorch/program.h"

namespace mote::executorch {
namespace {

// The others, by PyTorch's schemas.
struct Row {
  std::string_view variant;
  std::string_view target;
};
constexpr Row kIrregular[] = {
    {"aten.add.out", "aten.add.Tensor"},
    {"aten.all.all_out", "aten.all.default"},
    {"aten.all.out", "aten.all.dim"},
    {"aten.any.all_out", "aten.any.default"},
    {"aten.any.out", "aten.any.dim"},
    {"aten.arange.start_out", "aten.arange.start_step"},
    {"aten.div.out", "aten.div.Tensor"},
    {"aten.div.out_mode", "aten.div.Tensor_mode"},
    {"aten.empty.out", "aten.empty.memory_format"},
    {"aten.max.dim_max", "aten.max.dim"},
    {"aten.max.out", "aten.max.other"},
    {"aten.max.unary_out", "aten.max.default"},
    {"aten.mean.dtype_out", "aten.mean.default"},
    {"aten.mean.out", "aten.mean.dim"},
    {"aten.min.dim_min", "aten.min.dim"},
    {"aten.min.out", "aten.min.other"},
    {"aten.min.unary_out", "aten.min.default"},
    {"aten.mul.out", "aten.mul.Tensor"},
    {"aten.prod.int_out", "aten.prod.dim_int"},
    {"aten.std.out", "aten.std.dim"},
    {"aten.sub.out", "aten.sub.Tensor"},
    {"aten.sum.IntList_out", "aten.sum.dim_IntList"},
    {"aten.topk.values", "aten.topk.default"},
    {"aten.var.out", "aten.var.dim"},
    {"quantized_decomposed.dequantize_per_tensor.Tensor_out",
     "quantized_decomposed.dequantize_per_tensor.tensor"},
    {"quantized_decomposed.quantize_per_tensor.Tensor_out",
     "quantized_decomposed.quantize_per_tensor.tensor"},
};

// What a functional operator is given to make its tensor, and one that is given the tensor is not.
constexpr std::string_view kOfNewTensors[] = {"dtype", "layout", "device", "pin_memory"};

}  // namespace

std::string functional_target(const std::string& name, const std::string& overload) {
  constexpr std::string_view kSuffix = "_out";
  const size_t colons = name.find("::");
  const bool spaced = colons != std::string::npos;
  const std::string base = spaced ? name.substr(0, colons) + "." + name.substr(colons + 2) : name;
  const std::string variant = base + "." + (overload.empty() ? "out" : overload);
  for (const Row& row : kIrregular)
    if (row.variant == variant) return std::string(row.target);
  if (overload.empty() || overload == "out") return base + ".default";
  if (!overload.ends_with(kSuffix)) return variant;
  return variant.substr(0, variant.size() - kSuffix.size());
}

ArgumentNames argument_names(const std::string& target) {
  ArgumentNames all;
  std::istringstream words{std::string(pytorch::schema_of(target))};
  for (std::string word; words >> word;) all.names.push_back(word);
  const auto first = std::search(all.names.begin(), all.names.end(), std::begin(kOfNewTensors),
                                 std::end(kOfNewTensors));
  all.typed_by_output = first != all.names.end();
  if (all.typed_by_output) all.names.erase(first, first + std::size(kOfNewTensors));
  return all;
}

bool is_in_place(const std::string& name) { return name.ends_with("_") && !name.ends_with("__"); }

}  // namespace mote::executorch
