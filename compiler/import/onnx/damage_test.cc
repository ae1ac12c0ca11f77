// SPDX-License-Identifier: Apache-2.0
// Damaged .onnx files: every truncation and every byte of small models. The classes of malformed
// input are in malformed_test.cc.
#include "compiler/import/damage_test.h"

#include "compiler/import/import.h"
#include "compiler/import/onnx/model_test.h"
#include "graph/verify.h"

namespace mote::test {
namespace {

void set_input(format::ModelProto& model, const std::vector<int64_t>& shape) {
  auto* tensor = model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  tensor->clear_shape();
  for (int64_t d : shape) tensor->mutable_shape()->add_dim()->set_dim_value(d);
  model.mutable_graph()->mutable_output(0)->clear_type();
}

format::ModelProto elementwise_model() {
  format::ModelProto model = model_of_x_to("y");
  add_floats(model, "b", {2});
  add_node(model, "Add", {"x", "b"}, "sum");
  add_node(model, "Relu", {"sum"}, "y");
  return model;
}

format::ModelProto image_model() {
  format::ModelProto model = model_of_x_to("y");
  set_input(model, {1, 2, 6, 6});
  add_floats(model, "w", {3, 2, 3, 3});
  add_attribute(add_node(model, "Conv", {"x", "w"}, "c"), "pads", {1, 1, 1, 1});
  auto& pool = add_node(model, "MaxPool", {"c"}, "p");
  add_attribute(pool, "kernel_shape", {2, 2});
  add_attribute(pool, "strides", {2, 2});
  add_integers(model, "shape", {1, -1});
  add_node(model, "Reshape", {"p", "shape"}, "flat");
  add_floats(model, "m", {27, 4});
  add_node(model, "Gemm", {"flat", "m"}, "y");
  return model;
}

format::ModelProto movement_model() {
  format::ModelProto model = model_of_x_to("y");
  set_input(model, {2, 3, 4});
  add_attribute(add_node(model, "Transpose", {"x"}, "t"), "perm", {0, 2, 1});
  add_integers(model, "starts", {1, 0});
  add_integers(model, "ends", {3, INT64_MAX});
  add_integers(model, "axes", {1, -1});
  add_node(model, "Slice", {"t", "starts", "ends", "axes"}, "s");
  add_attribute(add_node(model, "Softmax", {"s"}, "p"), "axis", 1);
  add_node(model, "Shape", {"p"}, "shape");
  add_node(model, "Expand", {"p", "shape"}, "e");
  add_attribute(add_node(model, "Concat", {"p", "e"}, "y"), "axis", -1);
  return model;
}

class DamagedOnnx : public testing::TestWithParam<format::ModelProto (*)()> {
 protected:
  const Bytes bytes_ = bytes_of(GetParam()());
};

TEST_P(DamagedOnnx, EveryTruncation) {
  ASSERT_EQ(refusal(import_onnx, bytes_), "");
  // Without the bytes behind the graph the file has no opset.
  expect_truncations_refused(import_onnx, bytes_);
}
TEST_P(DamagedOnnx, EveryByte) { expect_other_bytes(import_onnx, bytes_); }

INSTANTIATE_TEST_SUITE_P(Small, DamagedOnnx,
                         testing::Values(elementwise_model, image_model, movement_model));

// Bug, found by fuzzing: a value of no elements stayed in the graph, which the verifier refused.
TEST(OnnxEmpty, AnInputWithoutElementsLeavesTheGraphSound) {
  format::ModelProto model = elementwise_model();
  auto& info = *model.mutable_graph()->add_input();
  describe(info, "none");
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->mutable_shape()->mutable_dim(0)->set_dim_value(0);
  const Bytes bytes = bytes_of(model);
  Diagnostics diagnostics, findings;
  verify(import_onnx({bytes, "x", "x"}, {}, diagnostics), findings);
  EXPECT_TRUE(findings.errors().empty());
}

}  // namespace
}  // namespace mote::test
