// SPDX-License-Identifier: Apache-2.0
// See element_order.h.
#include "ops/element_order.h"

namespace mote {
namespace {

std::vector<AccessOrder> orders(const NodeView& node, size_t inputs) {
  std::vector<AccessOrder> all;
  const int64_t count = node.output().elements(), write = element_bytes(node.output().type);
  for (size_t i = 0; i < inputs; ++i) {
    if (!node.has_input(i) || node.input(i).elements() != count) continue;
    const int64_t read = element_bytes(node.input(i).type);
    all.push_back({int32_t(i), 1, {{{0, read, 0, write}, count, read, write}}});
  }
  return all;
}

}  // namespace

std::vector<AccessOrder> in_turn(const NodeView& node) { return orders(node, 1); }
std::vector<AccessOrder> all_in_turn(const NodeView& node) {
  return orders(node, node.input_count());
}

std::vector<AccessOrder> in_place(const NodeView& node) {
  const int64_t bytes = node.output().bytes();
  if (node.input(0).bytes() != bytes) return {};
  return {{0, int32_t(bytes), {{{0, 1, 0, 1}}}}};
}

}  // namespace mote
