// SPDX-License-Identifier: Apache-2.0
// A .tflite file, put together tensor by tensor and operator by operator, in the format's own
// terms. In: tensors, operators, options. Out: the bytes of the file. The exporter of graphs stands
// on it, and tests that need any foreign operator. It numbers and writes; it checks nothing.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/formats/tflite/tflite_generated.h"
#include "graph/graph.h"

namespace mote::tflite {

namespace format = ::mote::tflite_format;

// The format's word for an element type, and back; false for types that we have no element for.
format::TensorType tensor_type(ElementType type);
bool element_type(format::TensorType type, ElementType& found);

struct TensorSpec {
  std::string name;
  format::TensorType type = format::TensorType::FLOAT32;
  Shape shape;
  Quantization quantization;
  const Bytes* data = nullptr;  // of a constant; copied
  bool is_variable = false;
};

struct OptionsTable {
  format::BuiltinOptions type = format::BuiltinOptions::NONE;
  flatbuffers::Offset<void> table;
};

struct OperatorSpec {
  format::BuiltinOperator code = format::BuiltinOperator::CUSTOM;
  int32_t version = 1;
  std::string custom_code;      // of a CUSTOM operator: "SignalRfft"
  std::vector<int32_t> inputs;  // tensors; -1: not given
  std::vector<int32_t> outputs;
  OptionsTable options;
  Bytes custom_options;  // FlexBuffers
  std::vector<int32_t> intermediates;
};

class ModelBuilder {
 public:
  ModelBuilder();

  // Where options tables are made: format::CreateAddOptions(builder.flat(), ...).Union().
  flatbuffers::FlatBufferBuilder& flat() { return flat_; }

  // The number of the tensor in the subgraph that is being written.
  int32_t add_tensor(const TensorSpec& tensor);
  void add_operator(const OperatorSpec& op);
  // Closes the subgraph; what follows belongs to the next one. The first is the model's own.
  void end_subgraph(const std::string& name, const std::vector<int32_t>& inputs,
                    const std::vector<int32_t>& outputs);
  Bytes finish();

 private:
  uint32_t operator_code(const OperatorSpec& op);

  flatbuffers::FlatBufferBuilder flat_;
  std::vector<flatbuffers::Offset<format::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<format::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<format::Operator>> operators_;
  std::vector<flatbuffers::Offset<format::SubGraph>> subgraphs_;
  std::vector<flatbuffers::Offset<format::OperatorCode>> codes_;
  std::map<std::tuple<format::BuiltinOperator, std::string, int32_t>, uint32_t> code_of_;
};

}  // namespace mote::tflite
