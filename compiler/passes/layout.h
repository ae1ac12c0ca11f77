// SPDX-License-Identifier: Apache-2.0
// arrange_layout: before  conv -> to NCHW -> relu -> to NHWC -> conv   after  conv -> relu -> conv.
// Importers of NCHW formats write a transpose before and behind each image operator; this pass lets
// every operator that can (layout_rules.cc) run over its numbers in the order that leaves the
// fewest bytes to transpose, and writes the transposes that remain.
//
// What is chosen. Reshapes and transposes are not nodes but names for orders (layout_search.h), so
// neighbours merge, inverse pairs vanish, and what moves only dimensions of 1 is a view. Constants
// follow for nothing, and so do the columns of constant weights behind a flatten. For the others a
// frame is chosen that minimises sum over values of bytes x number of orders that are wanted and
// not given. From every transpose that is left the other layout is spread over all nodes that can
// take it, and a minimum cut picks those that shall.
//
// What is proved. Where a connected part has two layouts (NCHW and NHWC, however many values), the
// cut is exact: no choice of frames moves fewer bytes, and the second cut finds nothing. With more
// layouts each move is a cut over one further layout (exact or an upper bound, and taken only if
// the bytes fall), and no change of one node to a frame that a neighbour wants pays in the end. A
// node is never computed twice. With three layouts or more it is no optimum: of 1,500 random graphs
// a second pass betters one or two. Work is bounded: of a hostile file transposes may be left.
//
// Promises. Inputs and outputs keep names, order and shape; layers keep their names. Every number
// is computed from the same numbers. Bytes are kept, with one exception: float32 sums of a
// fully_connected behind a flatten (one row) whose columns were permuted are added in the new
// order; with several rows, as of a Fourier transform, the transpose stays. Integer sums are equal.
// Reductions over several dimensions keep the order of additions: they refuse frames that change
// it.
#pragma once
#include "graph/graph.h"

namespace mote {

struct LayoutReport {
  int64_t transposes_before = 0, transposes_after = 0;
  int64_t bytes_before = 0, bytes_after = 0;  // that one inference moves in them
  bool operator==(const LayoutReport&) const = default;
};

// Graphs without a transpose are returned as they are.
Graph arrange_layout(const Graph& graph, LayoutReport* report = nullptr);

}  // namespace mote
