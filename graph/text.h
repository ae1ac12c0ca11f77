// SPDX-License-Identifier: Apache-2.0
// The text form of a Graph, `.graph.txt`: what stands at every door of the compiler, to be read by
// people, compared by tests and read back. Complete and deterministic: parse_graph(print(g)) prints
// the same bytes again. The format is described in docs/formats/graph.md.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"

namespace mote {

// One line a stream, axis, value and node; the data of large constants in base64 at the end.
std::string print(const Graph& graph);

// Reads a printed graph. `place` is the file's name for the diagnostics, `ops` are the operators
// that a node may name (all_ops()). Throws UserError with every fault found, "place:line: ...".
// Only the text is judged here and every shape's size is known to fit; whether the graph makes
// sense is for verify() to say, which must come next.
Graph parse_graph(std::string_view text, const std::string& place,
                  std::span<const OpDef* const> ops, Diagnostics& diagnostics);

// "f32[10, 4]": a type and shape as the text form writes them.
std::string print_type(ElementType type, const Shape& shape);

// The shortest decimal that reads back as the same number; always with a point or an exponent.
std::string print_real(double number);
std::string print_real(float number);

}  // namespace mote
