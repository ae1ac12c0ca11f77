// SPDX-License-Identifier: Apache-2.0
// The bytes of an .onnx file as a checked model. In: bytes. Out: the format's own message, whose
// versions, names, order of nodes and constants have been verified, and plain tensors on request.
// Private to this folder: it speaks the format's types.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "compiler/formats/onnx/onnx.pb.h"
#include "graph/graph.h"

namespace mote::onnx {

namespace format = mote::onnx_format;

// Numbers of a tensor in our types; float16 became f32.
struct Tensor {
  ElementType type = ElementType::f32;
  Shape shape;
  Bytes data;
};

struct Model {
  std::unique_ptr<format::ModelProto> proto;
  int64_t opset = 0;  // of the standard domain
  std::map<std::string, const format::TensorProto*> constants;
  std::map<std::string, const format::ValueInfoProto*> infos;  // what the file says of values
  std::map<std::pair<std::string, std::string>, const format::FunctionProto*>
      functions;               // of the file, by domain and name
  std::set<std::string> used;  // values that a node or the model's outputs read
  const format::GraphProto& graph() const { return proto->graph(); }
};

// Fails with every fault at once; `place` names the file.
Model read_model(std::span<const uint8_t> bytes, const std::string& place,
                 Diagnostics& diagnostics);

// "float16", "string", "type 99".
std::string type_name(int32_t type);
// False for types that mote has not.
bool element_type(int32_t type, ElementType& out);

// Fails at `place` where its type is not taken or its data do not fit its shape.
Tensor read_tensor(const format::TensorProto& tensor, const std::string& place);

// "node 12 Conv \"features/conv\"".
std::string place_of(const format::NodeProto& node, int32_t index);
inline std::string place_of(const format::GraphProto& graph, int32_t node) {
  return place_of(graph.node(node), node);
}

}  // namespace mote::onnx
