// SPDX-License-Identifier: Apache-2.0
// The bytes of an ExecuTorch program (.pte) as plain structures, checked before anything is used:
// the extended header, offsets by the flatbuffer verifier, then every index, size, segment and
// constant. In: bytes. Out: one method whose indices are all in range. Private to this folder: it
// speaks the format's types.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "compiler/formats/executorch/executorch_generated.h"
#include "graph/graph.h"

namespace mote::executorch {

namespace format = ::mote::executorch_format;

struct Tensor {
  format::ScalarType type = format::ScalarType::FLOAT;
  Shape sizes;  // in the model's order, [n, c, h, w] for images
  std::vector<int32_t>
      dim_order;  // which of them stand in memory from the outermost to the innermost
  std::span<const uint8_t> data;  // of a constant; empty: computed
  bool is_constant = false;
  int64_t memory = -1;  // where the file's plan places a computed one: the memory's number
  int64_t offset = 0;   // and the first byte
  std::string name;     // of parameters and buffers, where the file keeps it

  int64_t bytes() const;
};

// What an argument of an operator is.
struct Argument {
  format::KernelTypes kind = format::KernelTypes::Null;
  int64_t integer = 0;        // of Int and Bool
  double real = 0;            // of Double
  std::string text;           // of String
  std::vector<int64_t> list;  // of IntList, BoolList: the numbers; of TensorList and
                              // OptionalTensorList: indices of arguments that are tensors, -1: none
  std::vector<double> reals;  // of DoubleList
  Tensor tensor;
};

struct Call {
  int32_t index = 0;          // of the instruction
  std::string name;           // "cortex_m::quantized_conv2d"
  std::string overload;       // "out", "Scalar_out"
  std::vector<int32_t> args;  // indices of Method::arguments

  // "instruction 12 aten::add.Scalar_out"; the overload where it is no plain "out".
  std::string place() const;
};

struct Method {
  std::string name;
  std::vector<Argument> arguments;
  std::vector<int32_t> inputs;
  std::vector<int32_t> outputs;
  std::vector<Call> calls;
};

// False for types that mote has no element for.
bool element_type(format::ScalarType type, ElementType& found);
// Constants of these become float32.
bool is_half(format::ScalarType type);
// "FLOAT"; a number where the format has no such type.
std::string type_name(format::ScalarType type);

// The method "forward", or the only one. Fails with every fault at once; `place` names the file.
// The bytes must outlive the method.
Method read_method(std::span<const uint8_t> bytes, const std::string& place,
                   Diagnostics& diagnostics);

}  // namespace mote::executorch
