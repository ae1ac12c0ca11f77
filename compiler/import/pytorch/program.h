// SPDX-License-Identifier: Apache-2.0
// A PyTorch program as plain values: the door between its readers (.pt2, TorchScript, ...) and the
// rules of its operators. In: what a reader has checked. Out: a Graph. Knows no file format and no
// PyTorch type.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/import/import.h"

namespace mote::pytorch {

struct TensorName {
  std::string name;  // empty: an optional tensor of a list that is not given
};
struct DataType {
  std::string name;  // "float32", "int64", ...; see element_type()
};

// std::monostate: None. What mote never needs (devices, layouts) is left out by the readers.
using Argument =
    std::variant<std::monostate, TensorName, bool, int64_t, double, std::string, DataType,
                 std::vector<int64_t>, std::vector<double>, std::vector<TensorName>>;

struct Call {
  // "aten.conv2d.default": without "torch.ops.", with dots, the overload behind; one spelling for
  // all sources.
  std::string target;
  // In the schema's order; names are the schema's, or empty where the source has none: then all are
  // given, by position. Defaults are filled in or left out.
  std::vector<std::pair<std::string, Argument>> arguments;
  // All tensors that it gives, lists and tuples flattened; empty: nobody reads that one.
  std::vector<std::string> outputs;
  std::string name;        // the node's, for messages
  std::string place = {};  // what the source's people call it; empty: number, target and name
};

struct TensorMeta {
  ElementType type = ElementType::f32;
  Shape shape;
  Quantization quantization = {};  // of integers, as far as the source says it; empty: it does not
};

// Contiguous, in the order of the shape; half-precision numbers have become f32.
struct Constant {
  TensorMeta meta;
  Bytes data;
};

struct Program {
  std::string name;
  std::vector<Call> calls;                    // in order: a tensor is made before it is read
  std::map<std::string, TensorMeta> tensors;  // of those that the source tells
  std::map<std::string, Constant> constants;  // parameters, buffers, lifted constants
  std::vector<std::string> inputs;            // each must be in `tensors`
  std::vector<std::string> outputs;
};

// False for types that mote has not ("float64", "complex64").
bool element_type(const std::string& name, ElementType& out);

// The names of a target's arguments in order, blanks between them; empty where mote does not take
// it.
std::string_view schema_of(const std::string& target);

// "node 12 aten.conv2d.default \"conv2d\"", or the call's own place.
std::string place_of(const Program& program, size_t call);

// `place` names the file. Fails with all calls that cannot be taken. A name that nothing defines,
// or defined twice, is refused here as well: a reader may leave that to it.
Graph import_program(const Program& program, const std::string& place, const ImportOptions& options,
                     Diagnostics& diagnostics);

}  // namespace mote::pytorch
