// SPDX-License-Identifier: Apache-2.0
// The order in which the numbers of a tensor lie in memory, apart from its shape. In: shapes and
// permutations of dimensions. Out: orders that can be compared, composed and turned into one
// transpose. A reshape changes no order and a transpose is another order, so both are bookkeeping
// here; dimensions of 1 do not exist.
#pragma once
#include <optional>

#include "graph/graph.h"

namespace mote {

using Dimensions = std::vector<int64_t>;

// One loop over the numbers: `size` steps of `stride` in the tensor's row-major index.
struct Digit {
  int64_t size = 1;
  int64_t stride = 1;
  auto operator<=>(const Digit&) const = default;
};
// The loops from the outermost to the innermost. No loop is 1, and no two neighbours are one loop:
// equal orders are equal lists, and row-major is {{elements, 1}}.
using Order = std::vector<Digit>;

Order row_major(int64_t elements);
// The tensor with its dimensions stored as `perm` says: transpose(x, perm) in x's index.
Order permuted(const Shape& shape, const Dimensions& perm);
// `base` is tensor b's row-major order in a's index. `order`, told in b's index, is told in a's.
// None where a loop's borders are not those of loops of `base`.
std::optional<Order> composed(const Order& order, const Order& base);
// a's row-major order in b's index, of b's in a's.
Order inverse(const Order& order);

// The dimensions of `shape`, those of 1 left out, in the order in which they lie; none where a
// dimension does not lie in one piece.
std::optional<Dimensions> dimensions_in(const Order& order, const Shape& shape);
// The same with every dimension: one of 1 stands before the next larger that is more than 1.
std::optional<Dimensions> permutation_in(const Order& order, const Shape& shape);
// The loop of each dimension of a tensor of shape `stored` whose numbers lie in `order`; {1, 1} for
// a dimension of 1, none where a dimension is more than one loop.
std::optional<std::vector<Digit>> digits_of(const Shape& stored, const Order& order);

// The transpose that brings numbers from one order into another: a view `shape` of what there is,
// with the fewest dimensions, and its permutation. None where the loops do not meet, or where it
// takes more dimensions than a transpose has.
struct Exchange {
  Shape shape;
  Dimensions perm;
};
std::optional<Exchange> exchange(const Order& from, const Order& to);

}  // namespace mote
