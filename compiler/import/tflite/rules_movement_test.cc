// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers: what becomes a view, and what hostile or dynamic files are told.
// That the numbers are right is held to other people's runtimes (tests/conformance).
#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/formats/tflite/model_builder.h"
#include "compiler/import/import.h"
#include "graph/op_def.h"

namespace mote {
namespace {

namespace format = tflite_format;
using Op = format::BuiltinOperator;
using Ints = std::vector<int32_t>;

// A file of one operator over an int8 input of that shape and constant lists of int32.
class OneOperator {
 public:
  explicit OneOperator(const Shape& shape) {
    op_.inputs.push_back(builder_.add_tensor({"x", format::TensorType::INT8, shape, {}}));
  }
  OneOperator& list(const Ints& numbers, const Shape& shape) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
    const Bytes data(bytes, bytes + numbers.size() * 4);
    op_.inputs.push_back(builder_.add_tensor(
        {"list" + std::to_string(op_.inputs.size()), format::TensorType::INT32, shape, {}, &data}));
    return *this;
  }
  OneOperator& list(const Ints& numbers) { return list(numbers, {int32_t(numbers.size())}); }
  OneOperator& computed(format::TensorType type, const Shape& shape) {
    const std::string name = "computed" + std::to_string(op_.inputs.size());
    op_.inputs.push_back(builder_.add_tensor({name, type, shape, {}}));
    more_.push_back(op_.inputs.back());
    return *this;
  }
  flatbuffers::FlatBufferBuilder& flat() { return builder_.flat(); }

  Graph import(Op code, const Shape& output, tflite::OptionsTable options = {}) {
    op_.code = code;
    op_.options = options;
    op_.outputs = {builder_.add_tensor({"y", format::TensorType::INT8, output, {}})};
    builder_.add_operator(op_);
    Ints inputs{op_.inputs[0]};
    inputs.insert(inputs.end(), more_.begin(), more_.end());
    builder_.end_subgraph("main", inputs, op_.outputs);
    Diagnostics diagnostics;
    const Bytes file = builder_.finish();
    return import_tflite({file, "model", "file"}, {}, diagnostics);
  }
  std::string refusal(Op code, const Shape& output, tflite::OptionsTable options = {}) {
    try {
      import(code, output, options);
    } catch (const UserError& error) {
      return error.diagnostics().at(0).code;
    }
    return "";
  }

 private:
  tflite::ModelBuilder builder_;
  tflite::OperatorSpec op_;
  Ints more_;
};

std::vector<std::string> nodes_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.op->name);
  return names;
}
using Names = std::vector<std::string>;

TEST(ImportMovement, WhatMovesNothingIsAView) {
  EXPECT_EQ(nodes_of(OneOperator({2, 1, 3}).list({1, 0, 2}).import(Op::TRANSPOSE, {1, 2, 3})),
            Names{"reshape"});
  EXPECT_EQ(nodes_of(OneOperator({2, 3}).list({1, 0}).import(Op::TRANSPOSE, {3, 2})),
            Names{"transpose"});
  EXPECT_EQ(nodes_of(OneOperator({2, 3}).list({1, 1, 2, 3}).import(Op::BROADCAST_TO, {1, 1, 2, 3})),
            Names{"reshape"});
}

// Bug: as many elements were taken for the same ones.
TEST(ImportMovement, ABroadcastIsNoReshape) {
  for (const Ints& shape : {Ints{3, 2}, Ints{1, 2, 1, 3}, Ints{6}})
    EXPECT_EQ(OneOperator({2, 3}).list(shape).refusal(Op::BROADCAST_TO, shape), "wrong-shape");
}

TEST(ImportMovement, BlocksAreReshapesAroundOneTranspose) {
  OneOperator one({1, 4, 4, 1});
  const auto options = format::CreateSpaceToDepthOptions(one.flat(), 2);
  EXPECT_EQ(nodes_of(one.import(Op::SPACE_TO_DEPTH, {1, 2, 2, 4},
                                {format::BuiltinOptions::SpaceToDepthOptions, options.Union()})),
            (Names{"reshape", "transpose", "reshape"}));
}

TEST(ImportMovement, ComputedShapesAreRefused) {
  constexpr auto kInt32 = format::TensorType::INT32;
  EXPECT_EQ(OneOperator({2, 3}).computed(kInt32, {2}).refusal(Op::TRANSPOSE, {3, 2}),
            "dynamic-shape");
  EXPECT_EQ(OneOperator({2, 3}).computed(kInt32, {2}).refusal(Op::BROADCAST_TO, {2, 3}),
            "dynamic-shape");
  EXPECT_EQ(OneOperator({2, 3}).computed(kInt32, {2, 2}).refusal(Op::PAD, {3, 3}), "dynamic-shape");
  EXPECT_EQ(OneOperator({2, 3}).refusal(Op::WHERE, {3, 2}), "dynamic-shape");
  EXPECT_EQ(OneOperator({3})
                .list({1, 1}, {1, 2})
                .computed(format::TensorType::INT8, {1})
                .refusal(Op::PADV2, {5}),
            "computed-value");
}

TEST(ImportMovement, HostileNumbersAreRefused) {
  constexpr int32_t kMost = INT32_MAX, kLeast = INT32_MIN;
  for (const Ints& perm : {Ints{0, 0}, Ints{0, 2}, Ints{0}, Ints{kMost, kLeast}})
    EXPECT_NE(OneOperator({2, 3}).list(perm).refusal(Op::TRANSPOSE, {3, 2}), "");
  for (const Ints& pads : {Ints{kMost, kMost}, Ints{-1, 0}, Ints{kLeast, 0}, Ints{0}})
    EXPECT_NE(OneOperator({3}).list(pads, {1, int32_t(pads.size())}).refusal(Op::PAD, {3}), "");
  for (const Ints& shape : {Ints{kMost, 3}, Ints{-1, 3}, Ints{2}, Ints{0, 3}})
    EXPECT_NE(OneOperator({1, 3}).list(shape).refusal(Op::BROADCAST_TO, {1, 3}), "");
  for (const Ints& begin : {Ints{3}, Ints{-1}, Ints{kLeast}, Ints{0, 0}})
    EXPECT_NE(OneOperator({3}).list(begin).list({1}).refusal(Op::SLICE, {1}), "");
  for (const Ints& sizes : {Ints{kMost}, Ints{0}, Ints{kLeast}, Ints{1, 1}})
    EXPECT_NE(OneOperator({3}).list({0}).list(sizes).refusal(Op::SLICE, {1}), "");
  for (const Ints& axis : {Ints{1}, Ints{-2}, Ints{kMost}, Ints{kLeast}})
    EXPECT_NE(OneOperator({3}).list(axis).refusal(Op::REVERSE_V2, {3}), "");
  for (const Ints& repeats : {Ints{0}, Ints{kMost}, Ints{kLeast}, Ints{1, 1}})
    EXPECT_NE(OneOperator({3}).list(repeats).refusal(Op::TILE, {3}), "");
  for (const Ints& block : {Ints{0}, Ints{-1}, Ints{kMost}, Ints{2, 2, 2}})
    EXPECT_NE(OneOperator({2, 4, 1})
                  .list(block)
                  .list(Ints(2 * block.size()), {int32_t(block.size()), 2})
                  .refusal(Op::SPACE_TO_BATCH_ND, {4, 2, 1}),
              "");
}

std::string strided(const Ints& begin, const Ints& end, const Ints& step, int32_t ellipsis = 0) {
  OneOperator one({3});
  one.list(begin).list(end).list(step);
  const auto options = format::CreateStridedSliceOptions(one.flat(), 0, 0, ellipsis, 0, 0);
  return one.refusal(Op::STRIDED_SLICE, {3},
                     {format::BuiltinOptions::StridedSliceOptions, options.Union()});
}

TEST(ImportMovement, HostileStridesAreRefused) {
  EXPECT_EQ(strided({0}, {3}, {1}), "");
  EXPECT_EQ(strided({0}, {3}, {1}, 1), "");
  EXPECT_EQ(strided({INT32_MIN}, {INT32_MAX}, {1}), "");  // both are limited
  EXPECT_EQ(strided({0}, {3}, {0}), "wrong-attribute");
  EXPECT_EQ(strided({0, 0}, {3, 3}, {1, 1}), "wrong-attribute");
  EXPECT_EQ(strided({0}, {3, 3}, {1}), "wrong-attribute");
  EXPECT_NE(strided({2}, {1}, {1}), "");
  EXPECT_NE(strided({0}, {3}, {INT32_MIN}), "");
  EXPECT_NE(strided({0}, {3}, {INT32_MAX}), "");  // one number, the file says three
}

}  // namespace
}  // namespace mote
