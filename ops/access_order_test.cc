// SPDX-License-Identifier: Apache-2.0
// What operators say of the order in which they read and write (OpDef::order) against their
// kernels: with the output as near before the input as the order allows, random layers give every
// byte as with both apart. Layers with weights: ops/nn/variants_test.cc.
#include <gtest/gtest.h>

#include <set>

#include "ops/overlapped_run.h"

namespace mote {
namespace {

constexpr int kLayers = 2000;

struct Kind {
  const OpDef* op;
  std::vector<ElementType> types;
  Attributes attributes = {};
  bool scaled = true;  // s8 and s16 stand for others by a scale
};

using T = ElementType;
const std::vector<ElementType> kPlain{T::f32, T::s32, T::s64}, kBits{T::s8, T::s16, T::s32};
const Attributes kScaled{{"output_scale", 0.1}, {"output_zero_point", int64_t{3}}};

const std::vector<Kind> kPairs{
    {&add_op, {T::f32, T::s32, T::s8}, kScaled},
    {&sub_op, {T::f32, T::s32, T::s8}, kScaled},
    {&mul_op, {T::f32, T::s32, T::s8}, kScaled},
    {&squared_difference_op, {T::f32, T::s8}, kScaled},
    {&div_op, {T::f32}, {}},
    {&atan2_op, {T::f32}, {}},
    {&pow_op, {T::f32, T::s8}, kScaled},
    {&floor_div_op, {T::f32}, {}},
    {&floor_mod_op, {T::f32}, {}},
    {&remainder_op, {T::f32}, {}},
    {&minimum_op, kPlain, {}},
    {&maximum_op, kPlain, {}},
    {&bitwise_and_op, kBits, {}, false},
    {&bitwise_or_op, kBits, {}, false},
    {&bitwise_xor_op, kBits, {}, false},
    {&shift_left_op, kBits, {}, false},
    {&shift_right_op, kBits, {}, false},
    {&logical_and_op, {T::boolean}, {}},
    {&logical_or_op, {T::boolean}, {}},
    {&logical_xor_op, {T::boolean}, {}},
    {&add_n_op, {T::f32, T::s8}, kScaled},
    {&prelu_op, {T::f32, T::s8}, kScaled},
};

Attributes with(Attributes attributes, const std::string& name, Attribute value) {
  attributes[name] = std::move(value);
  return attributes;
}

const std::vector<Kind> kSingles{
    {&activation_op, {T::f32, T::s8, T::s16}, {{"activation", std::string("relu")}}},
    {&bitwise_not_op, kBits, {}, false},
    {&logical_not_op, {T::boolean}, {}},
    {&cast_op, {T::f32, T::s32, T::s16, T::s8}, {{"type", std::string("s8")}}, false},
    {&cast_op, {T::s8, T::u8}, {{"type", std::string("f32")}}, false},
    {&cast_op, {T::s8}, {{"type", std::string("s64")}}, false},
    {&dequantize_op, {T::s8}, {}},
    {&quantize_op, {T::f32, T::s8}, kScaled},
    {&logistic_op, {T::f32, T::s8, T::s16}, {}},
    {&tanh_op, {T::f32, T::s8, T::s16}, {}},
    {&unary_op, {T::f32, T::s8}, with(kScaled, "function", std::string("abs"))},
    {&unary_op, {T::f32}, {{"function", std::string("exp")}}},
    {&softmax_op, {T::f32, T::s8}, {}},
    {&log_softmax_op, {T::f32, T::s8}, {}},
    {&normalize_op, {T::f32}, {}},
    {&l2_normalization_op, {T::f32, T::s8}, {}},
    {&cumsum_op, {T::f32, T::s32, T::s64}, {{"axis", int64_t{-1}}}},
    {&cumsum_op, {T::f32, T::s8}, with(kScaled, "exclusive", int64_t{1})},
    {&trilu_op, {T::f32, T::s8, T::s64}, {{"upper", int64_t{0}}}},
    {&rectify_op, {T::f32, T::s16}, {}},
    {&scale_op, {T::f32, T::s16}, {{"factor", 1.5}}},
    {&relative_level_op, {T::f32, T::s32}, {}},
    {&smooth_op, {T::f32, T::s8}, {{"length", int64_t{3}}}},
};

const std::vector<const OpDef*> kPools{&average_pool_2d_op, &max_pool_2d_op, &l2_pool_2d_op};

// These take one dimension, or tables of their own; their loops are those of the kinds above.
const std::set<std::string> kNotDrawn{"lookup",     "standardize",         "iir", "window", "pcan",
                                      "auto_scale", "spectral_subtraction"};
// Their test is ops/nn/variants_test.cc.
const std::set<std::string> kWithWeights{"conv_2d", "depthwise_conv_2d", "fully_connected"};

Quantization quantization_of(ElementType type, bool scaled, Numbers& n) {
  if (scaled && type == T::s16) return per_tensor(1.0f / 4096, 0);
  if (scaled && type == T::s8) return per_tensor(n.real(0.02f, 0.1f), n.integer(-128, 127));
  return {};
}

Shape random_shape(Numbers& n, int32_t rank) {
  Shape shape;
  for (int32_t d = 0; d < rank; ++d) shape.push_back(n.integer(1, 7));
  return shape;
}

class AccessOrders : public testing::Test {
 protected:
  const Kind& drawn(const std::vector<Kind>& kinds, ElementType& type) {
    const Kind& kind = kinds[size_t(numbers_.integer(0, int32_t(kinds.size()) - 1))];
    type = kind.types[size_t(numbers_.integer(0, int32_t(kind.types.size()) - 1))];
    return kind;
  }
  void add(Graph& graph, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes) {
    for (auto it = attributes.begin(); it != attributes.end();) {
      const auto& known = op.attributes;
      const bool has = std::any_of(known.begin(), known.end(),
                                   [&](const AttributeSpec& a) { return a.name == it->first; });
      it = has ? std::next(it) : attributes.erase(it);
    }
    graph.outputs = {graph.add_node(op, "node", std::move(inputs), std::move(attributes))};
    const NodeView node(graph, graph.nodes[0]);
    gather_evidence({graph, lower_for(InstructionSet::portable, node), numbers_}, graph, evidence_);
  }

  Numbers numbers_{20261124};
  OrderEvidence evidence_;
};

TEST_F(AccessOrders, ElementByElement) {
  for (int i = 0; i < kLayers * int(kSingles.size()) && !HasFailure(); ++i) {
    ElementType type{};
    const Kind& kind = drawn(kSingles, type);
    SCOPED_TRACE("layer " + std::to_string(i) + " " + kind.op->name);
    Graph graph;
    const ValueId x =
        graph.add_tensor_stream("x", type, random_shape(numbers_, numbers_.integer(2, 4)),
                                quantization_of(type, kind.scaled, numbers_));
    add(graph, *kind.op, {x}, kind.attributes);
  }
  EXPECT_GT(evidence_.overlapped, kLayers * int(kSingles.size()) / 2);
  EXPECT_GT(evidence_.damaged, 0);
}

// One of the two may repeat; a layer may take the same bytes twice.
TEST_F(AccessOrders, PairByPair) {
  for (int i = 0; i < kLayers * int(kPairs.size()) && !HasFailure(); ++i) {
    ElementType type{};
    const Kind& kind = drawn(kPairs, type);
    SCOPED_TRACE("layer " + std::to_string(i) + " " + kind.op->name);
    const Quantization scale = quantization_of(type, kind.scaled, numbers_);
    Shape a = random_shape(numbers_, 4), b = a;
    const bool repeats = kind.op != &add_n_op && numbers_.integer(0, 2) == 0;
    if (repeats) (kind.op == &prelu_op || numbers_.integer(0, 1) ? b : a)[1] = 1;
    Graph graph;
    const ValueId x = graph.add_tensor_stream("x", type, a, scale);
    const ValueId y = graph.add_sample_tensor(0, "y", type, b, scale);
    add(graph, *kind.op, {x, y}, kind.attributes);
  }
  EXPECT_GT(evidence_.overlapped, kLayers * int(kPairs.size()));
}

TEST_F(AccessOrders, Pools) {
  for (int i = 0; i < kLayers * int(kPools.size()) && !HasFailure(); ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const OpDef& op = *kPools[size_t(i) % kPools.size()];
    const ElementType types[] = {T::f32, T::s8, T::s16};
    const ElementType type = &op == &l2_pool_2d_op ? T::f32 : types[numbers_.integer(0, 2)];
    Graph graph;
    const int32_t h = numbers_.integer(1, 4), w = numbers_.integer(1, 4);
    const ValueId x = graph.add_tensor_stream("x", type,
                                              {numbers_.integer(1, 2), numbers_.integer(h, h + 6),
                                               numbers_.integer(w, w + 6), numbers_.integer(1, 5)},
                                              quantization_of(type, true, numbers_));
    add(graph, op, {x},
        {{"filter_h", int64_t(h)},
         {"filter_w", int64_t(w)},
         {"stride_h", int64_t(numbers_.integer(1, 3))},
         {"stride_w", int64_t(numbers_.integer(1, 3))},
         {"padding", std::string(numbers_.integer(0, 1) ? "same" : "valid")}});
  }
  EXPECT_GT(evidence_.damaged, evidence_.too_near / 2);
}

TEST(AccessOrder, EveryOperatorWithAnOrderIsTested) {
  std::set<std::string> tested = kNotDrawn;
  tested.insert(kWithWeights.begin(), kWithWeights.end());
  for (const auto* kinds : {&kPairs, &kSingles})
    for (const Kind& kind : *kinds) tested.insert(kind.op->name);
  for (const OpDef* op : kPools) tested.insert(op->name);
  for (const OpDef* op : all_ops())
    EXPECT_EQ(op->order != nullptr, tested.count(op->name) == 1) << op->name;
}

TEST(AccessOrder, TheLeastDistanceIsThatOfTheNearestWrite) {
  // Two bytes are written for each that is read: the last pair, but for its own byte, lies before
  // it.
  EXPECT_EQ(least_distance({0, 1, {{{0, 1, 0, 2}, 8, 1, 2}}}), 7);
  EXPECT_EQ(least_distance({0, 1, {{{0, 4, 0, 1}, 8, 4, 1}}}), 0);
  EXPECT_EQ(least_distance({0, 1, {{{7, 8, 7, 8}, 8, -1, -1}}}), 8);  // backward: apart
}

}  // namespace
}  // namespace mote
