// SPDX-License-Identifier: Apache-2.0
// Emitting a Plan as C++17 that needs only core/ and kernel headers. In: a Plan. Out: the files of
// the library: model.h (the API, C and C++), model.cc (one named function a layer), weights.h/.cc
// (the numbers), interface.cc (the table for players), model.json (the same facts for tools). No
// path, date or host name: the same Plan, the same bytes.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/emit/weights.h"
#include "compiler/plan/plan.h"

namespace mote {

// What model_self_test() compares with: the CRC-32 of each layer's tables in flash (a flipped
// weight that happens not to change an output is found too), continued over its outputs up to the
// first decision on a fixed pseudo-random input.
struct GoldenRun {
  uint32_t steps = 0;
  std::vector<uint32_t> layer_crcs;  // one a layer
};
GoldenRun golden_run(const Plan& plan);

// The tables that a layer reads from flash, in the order of the kernel's arguments.
std::vector<const Bytes*> tables_of(const Plan& plan, int32_t layer);

// The pseudo-random input of the self test: x = x * 1664525 + 1013904223 from 12345 for each
// element. Integers take the highest bits of x, a float32 lies in [-1, 1). self_test_value is the
// same as a C++ expression of x.
void fill_self_test(const Value& value, uint32_t& x, uint8_t* to);
Bytes self_test_sample(const Graph& graph, const Stream& stream, uint32_t& x);
std::string self_test_value(ElementType type);

struct EmittedLibrary {
  std::map<std::string, std::string> files;  // name -> text
  std::vector<std::string> headers;          // of core/ and ops/ that model.cc includes directly
  std::vector<WeightTable> tables;           // of weights.cc
  std::string model_id;                      // SHA-256 of model.cc and weights.cc
};

EmittedLibrary emit_cpp(const Plan& plan);

// The C type of an element: "int8_t".
const char* c_type(ElementType type);

// `name` as a C identifier: letters, digits, underscores; one behind a keyword.
std::string identifier(const std::string& name);

// "layer_03_fully_connected": the function of a layer without the project's prefix.
std::string layer_function(const Plan& plan, int32_t index);

// "fully_connected classifier/dense_1": how a player names a layer.
std::string layer_title(const Plan& plan, int32_t index);

// model.json (docs/formats/model.md).
std::string emit_json(const Plan& plan, const std::string& model_id);

}  // namespace mote
