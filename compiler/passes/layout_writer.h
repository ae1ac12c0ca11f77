// SPDX-License-Identifier: Apache-2.0
// The graph that chosen frames describe. In: a graph and a search that has ended. Out: the nodes in
// their frames, with the views and transposes that stand between them. Values that are row-major
// keep their identity; others become new values. What nobody reads is left to remove_unused.
#pragma once
#include "compiler/passes/layout_search.h"

namespace mote {

Graph write_layout(const Graph& graph, const LayoutSearch& search);

}  // namespace mote
