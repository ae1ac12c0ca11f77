// SPDX-License-Identifier: Apache-2.0
// The one table of rules that the families make. See rules.h.
#include "compiler/import/executorch/rules.h"

#include <algorithm>

namespace mote::executorch {
namespace {

std::span<const ImportRule> families(size_t i) {
  switch (i) {
    case 0:
      return layer_rules();
    case 1:
      return elementwise_rules();
    default:
      return movement_rules();
  }
}
constexpr size_t kFamilies = 3;

}  // namespace

const ImportRule* find_rule(const std::string& name) {
  for (size_t i = 0; i < kFamilies; ++i)
    for (const ImportRule& rule : families(i))
      if (rule.name == name) return &rule;
  return nullptr;
}

void check_zero_point(const CallView& call, ValueId x, int64_t zero_point) {
  const Quantization& q = call.value(x).quantization;
  if (q.scales.size() != 1 || int64_t(q.zero_point()) != zero_point)
    call.refuse("wrong-quantization",
                "it reads its input at the zero point " + std::to_string(zero_point) +
                    ", and the input has " + std::to_string(q.zero_point()),
                "the file is damaged; export it again");
}

}  // namespace mote::executorch

namespace mote {

std::vector<std::string> executorch_operators() {
  std::vector<std::string> names;
  for (size_t i = 0; i < executorch::kFamilies; ++i)
    for (const auto& rule : executorch::families(i)) names.emplace_back(rule.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace mote
