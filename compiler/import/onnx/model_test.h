// SPDX-License-Identifier: Apache-2.0
// For tests: .onnx models put together node by node, in the format's own terms. Nothing is checked.
#pragma once
#include <string>
#include <vector>

#include "compiler/formats/onnx/onnx.pb.h"
#include "graph/graph.h"

namespace mote::test {

namespace format = mote::onnx_format;

inline Bytes bytes_of(const format::ModelProto& model) {
  const std::string text = model.SerializePartialAsString();
  return {text.begin(), text.end()};
}

inline void describe(format::ValueInfoProto& info, const std::string& name) {
  info.set_name(name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(1);
  tensor->mutable_shape()->add_dim()->set_dim_value(2);
}

// Of one input x and one output, float32 of two elements, and no node yet.
inline format::ModelProto model_of_x_to(const std::string& output) {
  format::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  describe(*model.mutable_graph()->add_input(), "x");
  describe(*model.mutable_graph()->add_output(), output);
  return model;
}

inline format::NodeProto& add_node(format::ModelProto& model, const char* type,
                                   const std::vector<std::string>& inputs,
                                   const std::string& output) {
  auto* node = model.mutable_graph()->add_node();
  node->set_op_type(type);
  for (const auto& input : inputs) node->add_input(input);
  node->add_output(output);
  return *node;
}

inline void add_integers(format::ModelProto& model, const std::string& name,
                         const std::vector<int64_t>& numbers) {
  auto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(7);
  tensor->add_dims(int64_t(numbers.size()));
  for (int64_t n : numbers) tensor->add_int64_data(n);
}

inline void add_floats(format::ModelProto& model, const std::string& name,
                       const std::vector<int64_t>& dims) {
  auto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(1);
  int64_t count = 1;
  for (int64_t d : dims) {
    tensor->add_dims(d);
    count *= d;
  }
  tensor->set_raw_data(std::string(size_t(count) * 4, '\0'));
}

inline void add_attribute(format::NodeProto& node, const char* name,
                          const std::vector<int64_t>& numbers) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(7);
  for (int64_t n : numbers) attribute->add_ints(n);
}

inline void add_attribute(format::NodeProto& node, const char* name, int64_t number) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(2);
  attribute->set_i(number);
}

}  // namespace mote::test
