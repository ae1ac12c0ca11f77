// SPDX-License-Identifier: Apache-2.0
// See rules.h.
#include "compiler/import/pytorch/rules.h"

#include <algorithm>

namespace mote {
namespace pytorch {
namespace {

std::map<std::string_view, const ImportRule*> by_target() {
  std::map<std::string_view, const ImportRule*> all;
  for (const auto rules : all_rules())
    for (const ImportRule& rule : rules) all[rule.target] = &rule;
  return all;
}

const ImportRule* find_exact(std::string_view target) {
  static const std::map<std::string_view, const ImportRule*> all = by_target();
  const auto found = all.find(target);
  return found == all.end() ? nullptr : found->second;
}

// "aten.relu_.default": where the overload's dot is.
size_t overload_at(std::string_view target) {
  const size_t dot = target.rfind('.');
  return dot == std::string_view::npos ? target.size() : dot;
}

std::string without_suffix(const std::string& target, std::string_view suffix) {
  const size_t dot = overload_at(target);
  const std::string_view name = std::string_view(target).substr(0, dot);
  if (!name.ends_with(suffix)) return "";
  return std::string(name.substr(0, name.size() - suffix.size())) + target.substr(dot);
}

// Those whose answer PyTorch may leave in its input's memory.
constexpr std::string_view kViews[] = {
    "alias",     "chunk",      "contiguous", "detach",  "dropout",          "expand",
    "flatten",   "getitem",    "narrow",     "permute", "reshape",          "select",
    "slice",     "split",      "squeeze",    "t",       "split_with_sizes", "to",
    "unbind",    "transpose",  "unflatten",  "view",    "unsqueeze",        "view_as",
    "expand_as", "reshape_as", "movedim",    "numpy_T", "feature_dropout",  "_unsafe_view",
    "swapaxes"};

}  // namespace

std::vector<std::span<const ImportRule>> all_rules() {
  return {elementwise_rules(), activation_rules(), reduction_rules(), movement_rules(),
          constant_rules(),    layer_rules(),      resize_rules(),    attention_rules(),
          recurrent_rules(),   quantized_rules(),  cortex_m_rules(),  cortex_m_elementwise_rules()};
}

bool is_in_place(const std::string& target) {
  return !find_exact(target) && !without_suffix(target, "_").empty();
}

const ImportRule* find_rule(const std::string& target) {
  if (const ImportRule* rule = find_exact(target)) return rule;
  for (const char* suffix : {"_copy", "_"})
    if (const ImportRule* rule = find_exact(without_suffix(target, suffix))) return rule;
  return nullptr;
}

std::string_view schema_of(const std::string& target) {
  const ImportRule* rule = find_rule(target);
  return rule ? rule->schema : std::string_view();
}

bool may_be_view(const ImportRule& rule) {
  std::string_view name = rule.target.substr(0, overload_at(rule.target));
  name.remove_prefix(std::min(name.size(), name.find('.') + 1));
  return std::find(std::begin(kViews), std::end(kViews), name) != std::end(kViews);
}

}  // namespace pytorch

namespace {

// Sorted names of all targets, or of ExecuTorch's own.
std::vector<std::string> targets(bool of_executorch) {
  std::vector<std::string> names;
  for (const auto rules : pytorch::all_rules())
    for (const pytorch::ImportRule& rule : rules) {
      const bool own =
          rule.target.starts_with("cortex_m.") || rule.target.starts_with("dim_order_ops.");
      if (own == of_executorch) names.emplace_back(rule.target);
    }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> pytorch_operators() { return targets(false); }
std::vector<std::string> executorch_operators() { return targets(true); }

}  // namespace mote
