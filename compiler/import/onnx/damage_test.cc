// SPDX-License-Identifier: Apache-2.0
// Damaged and hostile .onnx files: refused, or read, but never a crash or a fault of ours; the
// classes of malformed input by their codes.
#include <gtest/gtest.h>

#include <chrono>

#include "compiler/import/import.h"
#include "compiler/import/onnx/reader.h"

namespace mote {
namespace {

namespace format = mote::onnx_format;

void add_value(format::ValueInfoProto& info, const std::string& name) {
  info.set_name(name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(1);
  for (int64_t d : {2, 3}) tensor->mutable_shape()->add_dim()->set_dim_value(d);
}

// y = relu(x + b), [2, 3].
format::ModelProto small_model() {
  format::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  auto* graph = model.mutable_graph();
  add_value(*graph->add_input(), "x");
  add_value(*graph->add_output(), "y");
  auto* b = graph->add_initializer();
  b->set_name("b");
  b->set_data_type(1);
  b->add_dims(3);
  for (float v : {1.0f, 2.0f, 3.0f}) b->add_float_data(v);
  auto* add = graph->add_node();
  add->set_op_type("Add");
  add->add_input("x");
  add->add_input("b");
  add->add_output("sum");
  auto* relu = graph->add_node();
  relu->set_op_type("Relu");
  relu->add_input("sum");
  relu->add_output("y");
  return model;
}

Bytes bytes_of(const format::ModelProto& model) {
  const std::string text = model.SerializePartialAsString();
  return {text.begin(), text.end()};
}

// The code of the first refusal, or "taken".
std::string answer(const Bytes& bytes) {
  try {
    Diagnostics diagnostics;
    import_onnx({bytes, "model", "model.onnx"}, {}, diagnostics);
    return "taken";
  } catch (const UserError& refusal) {
    return refusal.diagnostics().at(0).code;
  }
}
std::string answer(const format::ModelProto& model) { return answer(bytes_of(model)); }

TEST(OnnxDamage, EveryTruncationAndByte) {
  const Bytes whole = bytes_of(small_model());
  ASSERT_EQ(answer(whole), "taken");
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_NO_THROW(answer(Bytes(whole.begin(), whole.begin() + int64_t(n)))) << n;
  for (size_t at = 0; at < whole.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      Bytes damaged = whole;
      damaged[at] = uint8_t(value);
      EXPECT_NO_THROW(answer(damaged)) << "byte " << at << " is " << value;
    }
}

TEST(OnnxDamage, ClassesByCode) {
  auto model = small_model();
  model.mutable_opset_import(0)->set_version(6);
  EXPECT_EQ(answer(model), "wrong-opset");
  model = small_model();
  model.mutable_graph()->mutable_node()->SwapElements(0, 1);
  EXPECT_EQ(answer(model), "wrong-order");
  model = small_model();
  model.mutable_graph()->mutable_node(0)->set_input(0, "y");  // a cycle
  EXPECT_EQ(answer(model), "wrong-order");
  model = small_model();
  model.mutable_graph()->mutable_node(0)->set_input(0, "nobody");
  EXPECT_EQ(answer(model), "undefined-name");
  model = small_model();
  model.mutable_graph()->mutable_node(1)->set_output(0, "sum");
  EXPECT_EQ(answer(model), "duplicate-name");
  model = small_model();
  model.mutable_graph()->mutable_node(0)->set_op_type("Loop");
  EXPECT_EQ(answer(model), "unsupported-operator");
  model = small_model();
  model.mutable_graph()->mutable_initializer(0)->set_data_location(1);
  EXPECT_EQ(answer(model), "external-data");
  model = small_model();
  model.mutable_graph()->mutable_initializer(0)->set_dims(0, 4);
  EXPECT_EQ(answer(model), "wrong-data");
  model = small_model();
  model.mutable_graph()->mutable_initializer(0)->set_data_type(8);
  EXPECT_EQ(answer(model), "wrong-type");
  model = small_model();
  auto* attribute = model.mutable_graph()->mutable_node(1)->add_attribute();
  attribute->set_name("slope");
  EXPECT_EQ(answer(model), "unknown-attribute");
}

// A function that calls itself, and a loop without an end.
TEST(OnnxDamage, CallsWithoutEnd) {
  auto model = small_model();
  auto* function = model.add_functions();
  function->set_name("Relu");
  function->add_input("x");
  function->add_output("y");
  for (const auto& [from, to] : {std::pair("x", "h"), std::pair("h", "y")}) {
    auto* node = function->add_node();
    node->set_op_type("Relu");
    node->add_input(from);
    node->add_output(to);
  }
  EXPECT_EQ(answer(model), "too-deep");
  model = small_model();
  auto* loop = model.mutable_graph()->mutable_node(1);
  loop->set_op_type("Loop");
  loop->clear_input();
  for (const char* input : {"", "", "sum"}) loop->add_input(input);
  auto* body = loop->add_attribute();
  body->set_name("body");
  body->set_type(5);
  for (const char* name : {"trip", "go", "v"}) add_value(*body->mutable_g()->add_input(), name);
  for (const char* name : {"go", "v"}) add_value(*body->mutable_g()->add_output(), name);
  EXPECT_EQ(answer(model), "unbounded-loop");
}

// Graphs in attributes of nodes of graphs in attributes ...
TEST(OnnxDamage, NestedGraphs) {
  auto model = small_model();
  auto* graph = model.mutable_graph();
  for (int i = 0; i < 40; ++i) {
    auto* node = graph->add_node();
    node->set_op_type("If");
    auto* attribute = node->add_attribute();
    attribute->set_name("then_branch");
    graph = attribute->mutable_g();
  }
  EXPECT_EQ(answer(model), "too-large");
}

// A megabyte of empty nodes, and of empty attributes of one node.
TEST(OnnxDamage, ManyEmptyMessages) {
  const auto begin = std::chrono::steady_clock::now();
  Bytes nodes{0x3a, 0x80, 0x80, 0x40};  // graph of 2^20 bytes
  for (int i = 0; i < 1 << 19; ++i) nodes.insert(nodes.end(), {0x0a, 0x00});
  EXPECT_EQ(answer(nodes), "too-large");
  Bytes attributes{0x3a, 0x84, 0x80, 0x40, 0x0a, 0x80, 0x80, 0x40};
  for (int i = 0; i < 1 << 19; ++i) attributes.insert(attributes.end(), {0x2a, 0x00});
  EXPECT_EQ(answer(attributes), "too-large");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

}  // namespace
}  // namespace mote
