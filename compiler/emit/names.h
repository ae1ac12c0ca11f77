// SPDX-License-Identifier: Apache-2.0
// What an emitted model calls things: its types, functions and struct fields, and the expressions
// by which generated code reaches a value's bytes. In: a Plan and the names of its tables in flash.
// Out: pieces of C++ text that the writers (texts.h) put together.
#pragma once
#include <string>

#include "compiler/emit/weights.h"
#include "compiler/plan/plan.h"

namespace mote {

// "[3, 32]".
std::string shape_text(const Value& value);

// `text` inside a string literal.
std::string escaped(const std::string& text);

// `text` inside a comment of one line: names may come from a file, and must not end the comment or
// go on with "\\".
std::string commented(std::string text);

struct ModelNames {
  const Plan& plan;
  std::string prefix;  // the project's name: prefix of every symbol
  WeightNames weights;

  const Graph& graph() const { return plan.graph; }
  const Value& value(ValueId id) const { return graph().value(id); }
  const Node& node(int32_t layer) const { return graph().nodes[size_t(layer)]; }
  const Location& location(ValueId id) const { return plan.locations[size_t(id)]; }

  bool has_far() const { return plan.far_bytes() > 0; }

  // Of the model struct: "smoothed_scores".
  std::string field(ValueId id) const;
  // "tractor_layer_03_fully_connected".
  std::string function(int32_t layer) const;
  // Of one sample: the type of its elements, or of the struct of a plain model's several inputs.
  std::string sample_type(const Stream& stream) const;
  // Where a plain model's sample lies; "" where it lies in the caller's memory.
  std::string input() const;
  bool comes_by_rows() const { return plan.loop && plan.loop->comes_by_rows; }
  // What tells the functions of one stream from those of another: "" where there is one, "_imu".
  std::string suffix(const Stream& stream) const;
  // A place in the arena, in the struct or in its far part.
  std::string arena(int64_t offset, const std::string& model = "m->") const;
  // Where a value's bytes are; `model` is how code reaches the struct ("m->", "model_.").
  std::string address(ValueId id, const std::string& model = "m->") const;
};

}  // namespace mote
