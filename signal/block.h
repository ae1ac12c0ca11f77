// SPDX-License-Identifier: Apache-2.0
// Signal blocks: the words of [[signal]] tables, each a chain of operators from a sensor stream to
// the features of one decision window. In: a BlockSpec and the stream's value. Out: nodes in a
// Graph; the tables of parameters that the error messages and the docs are made from.
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace mote {

// One [[signal]] table.
struct BlockSpec {
  std::string name;
  std::string block;                          // kind: "spectral", "mfe", ...
  std::vector<std::string> axes;              // of the stream; empty: all
  Attributes parameters;                      // as written
  std::map<std::string, std::string> places;  // of each parameter: "mote.toml:12"
  std::string place;                          // of the table
};

// The window of one decision, in samples of the stream.
struct WindowSpec {
  int64_t length = 0;
  int64_t stride = 0;
  double rate_hz = 0;
};

// A parameter of a block: a number in [low, high], or one of `choices` (then low and high mean
// nothing), or a list.
struct ParameterSpec {
  std::string name;
  Attribute initial;
  double low = 0;
  double high = 0;
  std::vector<std::string> choices;
  std::string summary;
};

struct BlockKind {
  std::string name;
  std::string summary;
  std::vector<ParameterSpec> parameters;
};

// Every kind of block, for the docs and for `nearest`.
std::span<const BlockKind> block_kinds();

// Adds the block's nodes; returns the value of its features, one a decision window: [features], or
// [frames, coefficients] for blocks of frames. Faults of the spec are collected in `diagnostics`,
// then the value is -1; an operator that refuses its input fails at once.
ValueId build_block(Graph& graph, const BlockSpec& spec, ValueId input, const WindowSpec& window,
                    Diagnostics& diagnostics);

}  // namespace mote
