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
  EXPECT_EQ(refusal(import_onnx, {}), "1");
  EXPECT_EQ(refusal(import_onnx, Bytes(64, 0)), "2");
  EXPECT_EQ(answer([](Model& m) { m.clear_graph(); }), "3");
  EXPECT_EQ(answer([](Model& m) { m.set_ir_version(1); }), "4");
}

TEST(MalformedOnnx, Opsets) {
  EXPECT_EQ(answer([](Model& m) { m.mutable_opset_import(0)->set_version(6); }), "1");
  EXPECT_EQ(answer([](Model& m) { m.mutable_opset_import(0)->set_version(1000); }), "2");
  EXPECT_EQ(answer([](Model& m) { m.clear_opset_import(); }), "3");
}

TEST(MalformedOnnx, NamesAndOrder) {
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->mutable_node()->SwapElements(0, 1); }), "1");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "y"); }), "2");  // a cycle
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "sum"); }), "3");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_input(0, "nobody"); }), "4");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).set_output(0, "sum"); }), "5");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).set_output(0, "x"); }), "6");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).set_output(0, "b"); }), "7");
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }), "8");
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->clear_output(); }), "9");
  // Nodes may share a name, or have none: values are what is told apart.
  EXPECT_EQ(answer([](Model& m) {
              node(m, 0).set_name("same");
              node(m, 1).set_name("same");
            }),
            "");
}

TEST(MalformedOnnx, Operators) {
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_op_type("NoSuchOperator"); }), "1");
  EXPECT_EQ(answer([](Model& m) { node(m, 0).set_domain("com.example"); }), "2");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).add_attribute()->set_name("slope"); }), "3");
  EXPECT_EQ(answer([](Model& m) {
              node(m, 1).add_attribute()->set_name("a");
              node(m, 1).add_attribute()->set_name("a");
            }),
            "4");
  EXPECT_EQ(answer([](Model& m) { node(m, 1).clear_input(); }), "5");
}

TEST(MalformedOnnx, Constants) {
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_location(1); }), "1");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_dims(0, 4); }), "2");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_dims(0, -2); }), "3");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_dims(0, 0); }), "4");
  EXPECT_EQ(answer([](Model& m) {
              for (int i = 0; i < 3; ++i) constant(m).add_dims(int64_t(1) << 31);
            }),
            "5");
  EXPECT_EQ(answer([](Model& m) {
              for (int i = 0; i < 8; ++i) constant(m).add_dims(1);
            }),
            "6");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_type(8); }), "7");
  EXPECT_EQ(answer([](Model& m) { constant(m).set_data_type(99); }), "8");
  EXPECT_EQ(answer([](Model& m) { constant(m).clear_name(); }), "9");
  EXPECT_EQ(answer([](Model& m) {
              m.mutable_graph()->add_sparse_initializer()->mutable_values()->set_name("s");
            }),
            "10");
}

TEST(MalformedOnnx, Inputs) {
  const auto dimension = [](Model& m) {
    return m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  };
  EXPECT_EQ(answer([](Model& m) { m.mutable_graph()->clear_input(); }), "1");
  Model model = small_model();
  dimension(model)->mutable_shape()->mutable_dim(0)->set_dim_value(-3);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "2");
  dimension(model)->mutable_shape()->mutable_dim(0)->set_dim_value(int64_t(1) << 40);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "3");
  for (int i = 0; i < 8; ++i) dimension(model)->mutable_shape()->add_dim()->set_dim_value(1);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "4");
  dimension(model)->clear_shape();
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "5");
  dimension(model)->set_elem_type(8);
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "6");
  model.mutable_graph()->mutable_input(0)->clear_type();
  EXPECT_EQ(refusal(import_onnx, bytes_of(model)), "7");
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
  EXPECT_EQ(with_node("Conv", "strides", {0, 1}), "1");
  EXPECT_EQ(with_node("Conv", "dilations", {1, 0}), "2");
  EXPECT_EQ(with_node("Conv", "strides", {int64_t(1) << 40, 1}), "2b");
  EXPECT_EQ(with_node("Conv", "group", {0}), "3");
  EXPECT_EQ(with_node("Conv", "kernel_shape", {0, 3}), "4");
  EXPECT_EQ(with_node("Conv", "pads", {-1, 0, 0, 0}), "5");
  EXPECT_EQ(with_node("Conv", "pads", {0, 0, 0, INT64_MAX}), "6");
  EXPECT_EQ(with_node("MaxPool", "kernel_shape", {9, 9}), "7");
  EXPECT_EQ(with_node("Softmax", "axis", {4}), "8");
  EXPECT_EQ(with_node("Transpose", "perm", {0, 1, 2, 2}), "9");
  EXPECT_EQ(with_node("Transpose", "perm", {0}), "10");
}

}  // namespace
}  // namespace mote::test
