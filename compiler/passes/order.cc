// SPDX-License-Identifier: Apache-2.0
// See order.h.
#include "compiler/passes/order.h"

#include <algorithm>
#include <set>

namespace mote {
namespace {

constexpr size_t kMostDimensions = 8;  // of a transpose

void append(Order& order, Digit digit) {
  if (digit.size == 1) return;
  if (!order.empty() && order.back().stride == digit.size * digit.stride) {
    order.back() = {order.back().size * digit.size, digit.stride};
    return;
  }
  order.push_back(digit);
}

Dimensions strides_of(const Shape& shape) {
  Dimensions strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

// The pieces of one loop over b's index as loops over a's, innermost first; false where they do
// not meet.
bool pieces_of(Digit digit, const Order& base, std::vector<Digit>& pieces) {
  while (digit.size > 1) {
    int64_t inner = 1;
    size_t k = base.size();
    while (k > 0 && inner * base[k - 1].size <= digit.stride) inner *= base[--k].size;
    if (k == 0 || digit.stride % inner != 0) return false;
    const Digit& loop = base[k - 1];
    const int64_t step = digit.stride / inner;
    if (loop.size % step != 0) return false;
    const int64_t room = loop.size / step, size = std::min(room, digit.size);
    if (room % size != 0 || digit.size % size != 0) return false;
    pieces.push_back({size, loop.stride * step});
    digit = {digit.size / size, digit.stride * size};
  }
  return true;
}

// Every loop cut where the index passes one of `cuts`.
std::optional<std::vector<Digit>> cut(const Order& order, const std::set<int64_t>& cuts) {
  std::vector<Digit> parts;
  for (const Digit& digit : order) {
    int64_t end = digit.size * digit.stride;
    for (auto at = cuts.lower_bound(end); end > digit.stride;) {
      --at;
      if (end % *at != 0) return std::nullopt;
      parts.push_back({end / *at, *at});
      end = *at;
    }
  }
  return parts;
}

}  // namespace

Order row_major(int64_t elements) {
  Order order;
  append(order, {elements, 1});
  return order;
}

Order permuted(const Shape& shape, const Dimensions& perm) {
  const Dimensions strides = strides_of(shape);
  Order order;
  for (int64_t d : perm) append(order, {shape[size_t(d)], strides[size_t(d)]});
  return order;
}

std::optional<Order> composed(const Order& order, const Order& base) {
  Order result;
  for (const Digit& digit : order) {
    std::vector<Digit> pieces;
    if (!pieces_of(digit, base, pieces)) return std::nullopt;
    for (size_t i = pieces.size(); i-- > 0;) append(result, pieces[i]);
  }
  return result;
}

Order inverse(const Order& order) {
  std::vector<std::pair<int64_t, Digit>> loops;  // stride in a, loop in b
  int64_t inner = 1;
  for (size_t i = order.size(); i-- > 0; inner *= order[i].size)
    loops.push_back({order[i].stride, {order[i].size, inner}});
  std::sort(loops.rbegin(), loops.rend());
  Order result;
  for (const auto& [stride, digit] : loops) append(result, digit);
  return result;
}

std::optional<Dimensions> dimensions_in(const Order& order, const Shape& shape) {
  const Dimensions strides = strides_of(shape);
  Dimensions found;
  for (const Digit& digit : order) {
    int64_t end = digit.size * digit.stride;
    while (end > digit.stride) {
      size_t d = 0;
      while (d < shape.size() && (shape[d] == 1 || strides[d] * shape[d] != end)) ++d;
      if (d == shape.size() || strides[d] < digit.stride) return std::nullopt;
      found.push_back(int64_t(d));
      end = strides[d];
    }
  }
  return found;
}

std::optional<Dimensions> permutation_in(const Order& order, const Shape& shape) {
  const auto found = dimensions_in(order, shape);
  if (!found) return std::nullopt;
  Dimensions perm;
  const auto is_one = [&](int64_t d) { return shape[size_t(d)] == 1; };
  int64_t next = 0;
  for (; next < int64_t(shape.size()) && is_one(next); ++next) perm.push_back(next);
  const int64_t first = next;
  for (int64_t d : *found) {
    int64_t begin = d;
    while (begin > first && is_one(begin - 1)) --begin;
    for (; begin <= d; ++begin) perm.push_back(begin);
  }
  int64_t last = int64_t(shape.size());
  while (last > first && is_one(last - 1)) --last;
  for (; last < int64_t(shape.size()); ++last) perm.push_back(last);
  return perm;
}

std::optional<std::vector<Digit>> digits_of(const Shape& stored, const Order& order) {
  const Dimensions strides = strides_of(stored);
  std::vector<Digit> digits;
  for (size_t d = 0; d < stored.size(); ++d) {
    Order loop;
    append(loop, {stored[d], strides[d]});
    const auto in_memory = composed(loop, order);
    if (!in_memory || in_memory->size() > 1) return std::nullopt;
    digits.push_back(in_memory->empty() ? Digit{} : in_memory->front());
  }
  return digits;
}

std::optional<Exchange> exchange(const Order& from, const Order& to) {
  std::set<int64_t> cuts;
  for (const Order* order : {&from, &to})
    for (const Digit& digit : *order) cuts.insert({digit.stride, digit.stride * digit.size});
  const auto old_parts = cut(from, cuts), new_parts = cut(to, cuts);
  if (!old_parts || !new_parts || old_parts->size() != new_parts->size()) return std::nullopt;
  // Parts that stay neighbours are one.
  std::vector<size_t> at;  // in old_parts, of each of new_parts
  for (const Digit& part : *new_parts)
    at.push_back(
        size_t(std::find(old_parts->begin(), old_parts->end(), part) - old_parts->begin()));
  std::vector<std::pair<size_t, int64_t>> runs;  // first of old_parts, size
  for (size_t i = 0; i < at.size(); ++i) {
    if (at[i] == old_parts->size()) return std::nullopt;
    if (i > 0 && at[i] == at[i - 1] + 1)
      runs.back().second *= (*old_parts)[at[i]].size;
    else
      runs.push_back({at[i], (*old_parts)[at[i]].size});
  }
  if (runs.size() > kMostDimensions) return std::nullopt;
  auto sorted = runs;
  std::sort(sorted.begin(), sorted.end());
  Exchange result;
  for (const auto& run : sorted) result.shape.push_back(int32_t(run.second));
  for (const auto& run : runs)
    result.perm.push_back(std::find(sorted.begin(), sorted.end(), run) - sorted.begin());
  return result;
}

}  // namespace mote
