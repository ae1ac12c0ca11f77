// SPDX-License-Identifier: Apache-2.0
// Malformed .onnx files: the classes of what is wrong with models in the field, each with its
// message.
#include "compiler/import/damage_test.h"
#include "compiler/import/onnx/model_test.h"

namespace mote::test {
namespace {

// y = relu(x + b).
format::ModelProto small_model() {
  format::ModelProto model = model_of_x_to("y");
  add_floats(model, "b", {2});
  add_node(model, "Add", {"x", "b"}, "sum");
  add_node(model, "Relu", {"sum"}, "y");
  return model;
}

format::NodeProto& node(format::ModelProto& model, int n) {
  return *model.mutable_graph()->mutable_node(n);
}
format::TensorProto& constant(format::ModelProto& model) {
  return *model.mutable_graph()->mutable_initializer(0);
}

// The message for a small model after `change`.
std::string answer(void (*change)(format::ModelProto&)) {
  format::ModelProto model = small_model();
  change(model);
  return refusal(import_onnx, bytes_of(model));
}
using Model = format::ModelProto;

TEST(MalformedOnnx, WhatIsNoModel) {
  EXPECT_EQ(refusal(import_onnx, {}), "x: ir_version is 0; export the model again [wrong-version]");
  EXPECT_EQ(
      refusal(import_onnx, Bytes(64, 0)),
      "x: this is no .onnx file, or a damaged one; check it with onnx.checker [damaged-file]");
  EXPECT_EQ(answer([](Model& m) { m.clear_graph(); }),
            "x: the file holds no graph; export the model again [no-graph]");
  EXPECT_EQ(answer([](Model& m) { m.set_ir_version(1); }),
            "x: ir_version is 1; export the model again [wrong-version]");
}

TEST(MalformedOnnx, Opsets) {
  EXPECT_EQ(answer([](Model& m) { m.mutable_opset_import(0)->set_version(6); }),
            "x: node 0 Add \"sum\" (opset 6): mote takes this operator from opset 7 on; convert it "
            "with onnx.version_converter [wrong-opset]");
  EXPECT_EQ(answer([](Model& m) { m.mutable_opset_import(0)->set_version(1000); }),
            "x: it is of opset 1000, mote takes 1 to 27; convert it with onnx.version_converter "
            "[wrong-opset]");
  EXPECT_EQ(answer([](Model& m) { m.clear_opset_import(); }),
            "x: it is of opset 0, mote takes 1 to 27; convert it with onnx.version_converter "
            "[wrong-opset]");
}

TEST(MalformedOnnx, NamesAndOrder) {
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->mutable_node()->SwapElements(0, 1); }),
            "x: node 0 Relu \"y\": its input \"sum\" is made by itself or a later node, node 1 Add "
            "\"sum\"; export the model again [wrong-order]");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "y"); }),
            "x: node 0 Add \"sum\": its input \"y\" is made by itself or a later node, node 1 Relu "
            "\"y\"; export the model again [wrong-order]");  // a cycle
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "sum"); }),
            "x: node 0 Add \"sum\": its input \"sum\" is made by itself or a later node, node 0 "
            "Add \"sum\"; export the model again [wrong-order]");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "nobody"); }),
            "x: node 0 Add \"sum\": nothing makes its input \"nobody\"; export the model again "
            "[undefined-name]");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).set_output(0, "sum"); }),
            "x: node 1 Relu \"sum\": two values are called \"sum\"; export the model again "
            "[duplicate-name]");
  EXPECT_EQ(
      answer([](Model& m) { node(m, 1).set_output(0, "x"); }),
      "x: node 1 Relu \"x\": two values are called \"x\"; export the model again [duplicate-name]");
  EXPECT_EQ(
      answer([](Model& m) { node(m, 1).set_output(0, "b"); }),
      "x: node 1 Relu \"b\": two values are called \"b\"; export the model again [duplicate-name]");
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }),
            "x: nothing makes the output \"z\"; export the model again [undefined-name]");
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->clear_output(); }),
            "x: the model has no output; export the model again [no-output]");
  // Nodes may share a name, or have none: values are what is told apart.
  EXPECT_EQ(answer([](Model& m) {
              node(m, 0).set_name("same");
              node(m, 1).set_name("same");
            }),
            "");
}

TEST(MalformedOnnx, Operators) {
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_op_type("NoSuchOperator"); }),
            "x: node 0 NoSuchOperator \"sum\": mote does not take this operator (opset 13); export "
            "the model "
            "with others, or add a rule: CONTRIBUTING.md [unsupported-operator]");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_domain("com.example"); }),
            "x: node 0 com.example.Add \"sum\": mote does not take this operator (opset 13); "
            "export the model with others, or add a rule: CONTRIBUTING.md [unsupported-operator]");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).add_attribute()->set_name("slope"); }),
            "x: node 1 Relu \"y\" (opset 13): attribute \"slope\" is not taken; export the model "
            "with an opset of 13 or leave it out [unknown-attribute]");
  EXPECT_EQ(
      answer([](Model& m) {
        node(m, 1).add_attribute()->set_name("a");
        node(m, 1).add_attribute()->set_name("a");
      }),
      "x: node 1 Relu \"y\": it has two attributes \"a\"; export the model again [duplicate-name]");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).clear_input(); }),
            "x: node 1 Relu \"y\" (opset 13): its input 0 is not given [no-input]");
}

TEST(MalformedOnnx, Constants) {
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_location(1); }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" lies in another file; save the "
            "model with its "
            "data inside: onnx.save_model(save_as_external_data=False) [external-data]");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_dims(0, 4); }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" has 8 bytes of data, its shape "
            "asks for 16 "
            "[wrong-data]");
  EXPECT_EQ(
      answer([](Model& m) { constant(m).set_dims(0, -2); }),
      "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" has a dimension of -2 [wrong-shape]");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_dims(0, 0); }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" has 8 bytes of data, its shape "
            "asks for 0 [wrong-data]");
  EXPECT_EQ(answer([](Model& m) {
              for (int i = 0; i < 3; ++i) constant(m).add_dims(int64_t(1) << 31);
            }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" has a dimension of 2147483648 "
            "[wrong-shape]");
  EXPECT_EQ(answer([](Model& m) {
              for (int i = 0; i < 8; ++i) constant(m).add_dims(1);
            }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" has more than 8 dimensions "
            "[wrong-shape]");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_type(8); }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" is of type string; mote takes "
            "float32, float16 "
            "constants, integers and bool [wrong-type]");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_type(99); }),
            "x: node 0 Add \"sum\": initializer \"b\": tensor \"b\" is of type type 99; mote takes "
            "float32, float16 "
            "constants, integers and bool [wrong-type]");
  EXPECT_EQ(answer([](Model& m) { constant(m).clear_name(); }),
            "x: initializer \"\": an initializer has no name; export the model again [no-name]");
  EXPECT_EQ(answer([](Model& m) {
              m.mutable_graph()->add_sparse_initializer()->mutable_values()->set_name("s");
            }),
            "x: its initializers are sparse; export them as dense ones [sparse-tensor]");
}

TEST(MalformedOnnx, Inputs) {
  const auto dimension = [](Model& m) {
    return m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  };
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->clear_input(); }),
            "x: node 0 Add \"sum\": nothing makes its input \"x\"; export the model again "
            "[undefined-name]");
  Model model = small_model();
  dimension(model)->mutable_shape()->mutable_dim(0)->set_dim_value(-3);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)),
            "x: input \"x\" has a dimension of -3 [wrong-shape]");
  dimension(model)->mutable_shape()->mutable_dim(0)->set_dim_value(int64_t(1) << 40);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)),
            "x: input \"x\" has a dimension of 1099511627776 [wrong-shape]");
  for (int i = 0; i < 8; ++i) dimension(model)->mutable_shape()->add_dim()->set_dim_value(1);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)),
            "x: input \"x\" has over 8 dimensions [wrong-shape]");
  dimension(model)->clear_shape();
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)),
            "x: input \"x\" has no shape; export one [dynamic-shape]");
  dimension(model)->set_elem_type(8);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)),
            "x: input \"x\" is of type string; mote takes float32, integers and bool [wrong-type]");
  model.mutable_graph()->mutable_input(0)->clear_type();
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "x: input \"x\" is no tensor [wrong-type]");
}

// What decides shapes: strides, kernels, axes, permutations, indices.
TEST(MalformedOnnx, Attributes) {
  const auto with_node = [](const char* type, const char* name, std::vector<int64_t> numbers) {
    Model model = model_of_x_to("y");
    auto* shape = model.mutable_graph()
                      ->mutable_input(0)
                      ->mutable_type()
                      ->mutable_tensor_type()
                      ->mutable_shape();
    shape->clear_dim();
    for (int64_t d : {1, 1, 4, 4}) shape->add_dim()->set_dim_value(d);
    add_floats(model, "w", {1, 1, 3, 3});
    const bool conv = std::string(type) == "Conv";
    auto& n =
        add_node(model, type,
                 conv ? std::vector<std::string>{"x", "w"} : std::vector<std::string>{"x"}, "y");
    if (std::string(type) == "MaxPool" && std::string(name) != "kernel_shape")
      add_attribute(n, "kernel_shape", {2, 2});
    if (numbers.size() == 1 && std::string(name) != "perm")
      add_attribute(n, name, numbers[0]);
    else
      add_attribute(n, name, numbers);
    return refusal(import_onnx, bytes_of(model));
  };
  const std::string conv = "x: node 0 Conv \"y\": ", pool = "x: node 0 MaxPool \"y\": ";
  EXPECT_EQ(with_node("Conv", "strides", {0, 1}),
            conv + "its strides must lie in 1 .. 32767 [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "dilations", {1, 0}),
            conv + "its dilations must lie in 1 .. 32767 [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "strides", {int64_t(1) << 40, 1}),
            conv + "its strides must lie in 1 .. 32767 [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "group", {0}),
            conv + "its channels do not fit its groups and weights [wrong-shape]");
  EXPECT_EQ(with_node("Conv", "kernel_shape", {0, 3}),
            conv + "its kernel differs from that of its weights [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "pads", {-1, 0, 0, 0}),
            conv + "its padding must lie in 0 .. 32767 [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "pads", {0, 0, 0, INT64_MAX}),
            conv + "its padding must lie in 0 .. 32767 [wrong-attribute]");
  EXPECT_EQ(with_node("Conv", "pads", {0, 0}),
            conv + "its padding must have a number a spatial dimension [wrong-attribute]");
  EXPECT_EQ(with_node("MaxPool", "pads", {0, 0, 0}),
            "x: node 0 MaxPool \"y\" (opset 13): pads must have two numbers a spatial dimension "
            "[wrong-attribute]");
  EXPECT_EQ(with_node("MaxPool", "kernel_shape", {2, 2, 2}),
            pool + "its kernel must have a number a spatial dimension [wrong-attribute]");
  EXPECT_EQ(with_node("MaxPool", "kernel_shape", {9, 9}),
            pool + "its window is larger than its input [wrong-shape]");
  EXPECT_EQ(with_node("Softmax", "axis", {4}),
            "x: node 0 Softmax \"y\" (opset 13): its axis 4 is none of the 4 dimensions "
            "[wrong-attribute]");
  EXPECT_EQ(with_node("Transpose", "perm", {0, 1, 2, 2}),
            "x: node 0 Transpose \"y\": layer 0 transpose \"y\": perm is no permutation of the "
            "dimensions [wrong-attribute]");
  EXPECT_EQ(with_node("Transpose", "perm", {0}),
            "x: node 0 Transpose \"y\": layer 0 transpose \"y\": perm must name each of the 4 "
            "dimensions once [wrong-attribute]");
}

}  // namespace
}  // namespace mote::test
