// SPDX-License-Identifier: Apache-2.0
// .onnx files of a megabyte that were made to be expensive.
#include "compiler/import/hostile_test.h"

#include "compiler/import/onnx/model_test.h"

namespace mote::test {
namespace {

void expect_cheap_onnx(const Bytes& bytes, const std::string& expected) {
  expect_cheap(import_onnx, bytes, expected);
}
void expect_cheap_onnx(const format::ModelProto& model, const std::string& expected) {
  expect_cheap_onnx(bytes_of(model), expected);
}

std::string repeated(const std::string& piece, size_t bytes) {
  std::string text;
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

std::string varint(size_t n) {
  std::string text;
  for (; n >= 128; n >>= 7) text += char(n | 128);
  return text + char(n);
}
std::string field(int number, const std::string& content) {
  return varint(size_t(number) << 3 | 2) + varint(content.size()) + content;
}

// Messages take up to a hundred times their bytes once they are parsed. `path`: the fields that
// lead to the message that is filled with empty ones of its field `last`.
Bytes filled(const std::vector<int>& path, int last) {
  std::string text = repeated(field(last, ""), kHostileBytes - 100);
  for (auto number = path.rbegin(); number != path.rend(); ++number) text = field(*number, text);
  return {text.begin(), text.end()};
}

TEST(HostileOnnx, ManyEmptyMessages) {
  expect_cheap_onnx(filled({7}, 1), "too-large");                   // nodes
  expect_cheap_onnx(filled({7}, 5), "too-large");                   // initializers
  expect_cheap_onnx(filled({7}, 11), "too-large");                  // inputs
  expect_cheap_onnx(filled({7}, 15), "too-large");                  // sparse initializers
  expect_cheap_onnx(filled({}, 8), "too-large");                    // operator sets
  expect_cheap_onnx(filled({7, 1}, 1), "too-large");                // a node's inputs
  expect_cheap_onnx(filled({7, 1}, 5), "too-large");                // a node's attributes
  expect_cheap_onnx(filled({7, 1, 5}, 9), "too-large");             // an attribute's strings
  expect_cheap_onnx(filled({7, 1, 5, 6}, 1), "too-large");          // nodes of a subgraph
  expect_cheap_onnx(filled({7, 11, 2, 1, 2}, 1), "wrong-version");  // dimensions
}

// Groups are the one thing in this format that nests without saying how long it is.
TEST(HostileOnnx, DeepNesting) {
  expect_cheap_onnx(Bytes(kHostileBytes, 0x0b), "damaged-file");
  std::string text;
  for (int i = 0; i < 200; ++i) text = field(7, field(1, field(5, field(6, text))));
  expect_cheap_onnx(Bytes(text.begin(), text.end()), "wrong-version");
}

TEST(HostileOnnx, ManyLayers) {
  format::ModelProto model = model_of_x_to("n30000");
  std::string last = "x";
  for (int i = 1; i <= 30000; ++i) {
    const std::string next = "n" + std::to_string(i);
    add_node(model, "Relu", {last}, next);
    last = next;
  }
  expect_cheap_onnx(model, "taken");
}

TEST(HostileOnnx, ManyUnknownOperators) {
  format::ModelProto model = model_of_x_to("y");
  for (int i = 0; i < 60000; ++i) add_node(model, "No", {"x"}, "");
  add_node(model, "Relu", {"x"}, "y");
  expect_cheap_onnx(model, "unsupported-operator");
}

TEST(HostileOnnx, ManyOutputsOfOneValue) {
  format::ModelProto model = model_of_x_to("x");
  for (int i = 0; i < 100000; ++i) model.mutable_graph()->add_output()->set_name("x");
  expect_cheap_onnx(model, "too-large");
}

TEST(HostileOnnx, ManyInputs) {
  format::ModelProto model = model_of_x_to("y");
  for (int i = 0; i < 40000; ++i)
    describe(*model.mutable_graph()->add_input(), "i" + std::to_string(i));
  add_node(model, "Relu", {"x"}, "y");
  expect_cheap_onnx(model, "taken");
}

// A name of half a megabyte, of a node with a hundred thousand wrong inputs.
TEST(HostileOnnx, ALongNameAndManyFaults) {
  format::ModelProto model = model_of_x_to("y");
  auto& node = add_node(model, "Concat", std::vector<std::string>(100000, "a"), "y");
  node.set_name(std::string(500000, 'n'));
  expect_cheap_onnx(model, "undefined-name");
  format::ModelProto types = model_of_x_to("y");
  types.mutable_graph()->mutable_input(0)->set_name(std::string(500000, 'n'));
  for (int i = 0; i < 50000; ++i) types.mutable_graph()->add_value_info()->set_name("a");
  expect_cheap_onnx(types, "undefined-name");
}

TEST(HostileOnnx, ManyAttributes) {
  format::ModelProto model = model_of_x_to("y");
  auto& node = add_node(model, "Relu", {"x"}, "y");
  for (int i = 0; i < 90000; ++i) node.add_attribute()->set_name(std::to_string(i));
  expect_cheap_onnx(model, "unknown-attribute");
}

// A constant of 32 MB from a few bytes, made small again, again and again.
TEST(HostileOnnx, HugeFilledConstants) {
  format::ModelProto model = model_of_x_to("y");
  add_integers(model, "shape", {1 << 11, 1 << 12});
  for (int i = 0; i < 10000; ++i) {
    const std::string n = std::to_string(i);
    add_node(model, "ConstantOfShape", {"shape"}, "big" + n);
    add_node(model, "ReduceMax", {"big" + n}, "small" + n);
  }
  add_node(model, "Add", {"x", "small9999"}, "y");
  expect_cheap_onnx(model, "too-large");
}

TEST(HostileOnnx, ExpandedAndTiled) {
  for (const char* type : {"Expand", "Tile"}) {
    format::ModelProto model = model_of_x_to("y");
    add_integers(model, "how", {1 << 30, 1 << 30, 1 << 30});
    add_floats(model, "c", {1, 1, 1});
    add_node(model, type, {"c", "how"}, "y");
    expect_cheap_onnx(model, "wrong-shape");
  }
}

TEST(HostileOnnx, ALongRange) {
  format::ModelProto model = model_of_x_to("y");
  for (const auto& [name, number] :
       {std::pair<const char*, int64_t>{"from", 0}, {"to", INT64_MAX}, {"step", 1}}) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(7);
    tensor->add_int64_data(number);
  }
  add_node(model, "Range", {"from", "to", "step"}, "y");
  expect_cheap_onnx(model, "too-large");
}

TEST(HostileOnnx, ProductsOfConstants) {
  format::ModelProto model = model_of_x_to("y");
  add_floats(model, "c0", {300, 300});
  for (int i = 0; i < 5000; ++i)
    add_node(model, "MatMul", {"c" + std::to_string(i), "c0"}, "c" + std::to_string(i + 1));
  add_node(model, "Add", {"x", "c5000"}, "y");
  expect_cheap_onnx(model, "too-large");
}

TEST(HostileOnnx, LargeWindowsOverAConstant) {
  format::ModelProto model = model_of_x_to("y");
  add_floats(model, "image", {1, 1, 400, 400});
  auto& pool = add_node(model, "MaxPool", {"image"}, "y");
  add_attribute(pool, "kernel_shape", {201, 201});
  add_attribute(pool, "pads", {100, 100, 100, 100});
  expect_cheap_onnx(model, "too-large");
}

// A shape of a hundred thousand numbers, asked for by every layer.
TEST(HostileOnnx, ALongShapeManyTimes) {
  format::ModelProto model = model_of_x_to("y0");
  add_integers(model, "shape", std::vector<int64_t>(400000, 1));
  for (int i = 0; i < 12000; ++i)
    add_node(model, "Reshape", {"x", "shape"}, "y" + std::to_string(i));
  expect_cheap_onnx(model, "too-large");
}

// Each layer doubles the last dimension: after thirty it has 2^31 elements.
TEST(HostileOnnx, ShapesThatDouble) {
  format::ModelProto model = model_of_x_to("n100");
  model.mutable_graph()->mutable_output(0)->clear_type();
  std::string last = "x";
  for (int i = 1; i <= 100; ++i) {
    const std::string next = "n" + std::to_string(i);
    add_attribute(add_node(model, "Concat", {last, last}, next), "axis", 0);
    last = next;
  }

  expect_cheap_onnx(model, "wrong-shape");
}

}  // namespace
}  // namespace mote::test
