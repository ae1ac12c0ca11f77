// SPDX-License-Identifier: Apache-2.0
// See kernel_choice.h.
#include "graph/kernel_choice.h"

#include <algorithm>
#include <cctype>

namespace mote {
namespace {

constexpr const char* kCompressed = "compressed";  // the attribute that asks an operator for it

// Of template arguments numbers tell kernels apart; types are what follows from a layer's numbers.
std::string name_of(const Kernel& kernel) {
  const std::string function = kernel.function;
  const size_t open = function.find('<');
  std::string name = function.substr(0, open);
  for (size_t at = open; at < function.size();) {
    const size_t begin = function.find_first_not_of("<, ", at);
    if (begin >= function.size() || !std::isdigit(uint8_t(function[begin]))) break;
    at = function.find_first_of(",>", begin);
    name += "_" + function.substr(begin, at - begin);
  }
  return name;
}

// Hands a kernel and its smaller form to `take` until it says that it has one.
template <class Take>
bool offer(KernelCandidate kernel, Take take) {
  std::optional<KernelCandidate> smaller;
  if (kernel.call.smaller) {
    smaller = smaller_form(kernel.call);
    smaller->is_compressed = kernel.is_compressed;
  }
  return take(std::move(kernel)) || (smaller && take(std::move(*smaller)));
}

// All kernels until one is taken: lowering a node may mean a long search, which those behind it are
// spared.
template <class Take>
void offer_kernels(InstructionSet core, const NodeView& view, Take take) {
  const OpDef& op = *view.node().op;
  for (const KernelVariant& variant : op.variants)
    if (includes(core, variant.needs))
      if (std::optional<KernelCall> call = variant.lower(view))
        if (offer(named(std::move(*call)), take)) return;
  if (offer(named(lower_for(InstructionSet::portable, view)), take)) return;
  if (view.node().attributes.count(kCompressed) == 0) return;
  Node node = view.node();
  node.attributes[kCompressed] = int64_t{1};
  for (const KernelVariant& variant : op.variants)
    if (includes(core, variant.needs))
      if (std::optional<KernelCall> call = variant.lower(NodeView(view.graph(), node))) {
        KernelCandidate kernel = named(std::move(*call));
        kernel.is_compressed = true;
        if (offer(std::move(kernel), take)) return;
      }
}

}  // namespace

KernelCandidate named(KernelCall call) {
  std::string name = name_of(call.kernel);
  return {std::move(name), std::move(call)};
}

KernelCandidate smaller_form(KernelCall call) {
  call.kernel = *std::exchange(call.smaller, {});
  std::string name = name_of(call.kernel) + "_small";
  return {std::move(name), std::move(call)};
}

std::vector<KernelCandidate> kernels_for(InstructionSet core, const NodeView& node) {
  std::vector<KernelCandidate> all;
  offer_kernels(core, node, [&](KernelCandidate kernel) {
    const bool is_known = std::any_of(all.begin(), all.end(), [&](const KernelCandidate& known) {
      return known.name == kernel.name;
    });
    if (!is_known) all.push_back(std::move(kernel));
    return false;
  });
  return all;
}

KernelCandidate find_kernel(InstructionSet core, const NodeView& node, const std::string& name) {
  std::optional<KernelCandidate> found;
  if (!name.empty())
    offer_kernels(core, node, [&](KernelCandidate kernel) {
      if (kernel.name == name) found = std::move(kernel);
      return found.has_value();
    });
  return found ? std::move(*found) : named(lower_for(core, node));
}

}  // namespace mote
