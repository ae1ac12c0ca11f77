// SPDX-License-Identifier: Apache-2.0
// arrange_layout on graphs whose optimum is known: how many transposes are left, and the same
// bytes. random_layout_test.cc has the others.
#include "compiler/passes/layout.h"

#include <gtest/gtest.h>

#include <ctime>

#include "compiler/passes/layout_oracle.h"
#include "compiler/plan/plan.h"

namespace mote {
namespace {

using namespace layout_oracle;

const Dimensions kToNhwc{0, 2, 3, 1}, kToNchw{0, 3, 1, 2};

// Graphs as an importer of NCHW writes them.
class Imported {
 public:
  Graph graph;

  explicit Imported(Shape shape, ElementType type = ElementType::f32) {
    graph.name = "imported";
    const bool integer = type == ElementType::s8;
    last = graph.add_tensor_stream("x", type, std::move(shape),
                                   integer ? per_tensor(0.05f, 3) : Quantization{});
  }
  ValueId last;

  ValueId add(const OpDef& op, const std::string& name, std::vector<ValueId> inputs,
              Attributes attributes = {}) {
    return last = graph.add_node(op, name, std::move(inputs), std::move(attributes));
  }
  ValueId transpose(const std::string& name, ValueId x, Dimensions perm) {
    return add(transpose_op, name, {x}, {{"perm", std::move(perm)}});
  }
  ValueId reals(const std::string& name, Shape shape) {
    const int64_t n = element_count(shape);
    return graph.add_constant(name, ElementType::f32, std::move(shape), numbers_.reals(n, -1, 1));
  }
  // A 1 x 1 convolution between two transposes.
  ValueId conv(const std::string& name, ValueId x, int32_t channels) {
    const int32_t in = graph.value(x).shape[1];
    x = transpose(name + "/in", x, kToNhwc);
    const ValueId weights = reals(name + "/weights", {channels, 1, 1, in});
    return transpose(name, add(conv_2d_op, name + "/conv", {x, weights, -1}), kToNchw);
  }
  ValueId relu(const std::string& name, ValueId x) {
    return add(activation_op, name, {x}, {{"activation", std::string("relu")}});
  }

  // The arranged graph: the transposes that are left, no further rewrite, the same bytes.
  Graph arranged(int64_t left, bool same_bytes = true) {
    if (graph.outputs.empty()) graph.outputs = {last};
    LayoutReport report;
    Graph after = arrange_layout(graph, &report);
    EXPECT_EQ(findings_of(after), std::vector<std::string>{});
    EXPECT_EQ(report.transposes_before, transposes(graph));
    EXPECT_EQ(report.transposes_after, left);
    EXPECT_EQ(transposes(after), left);
    EXPECT_EQ(further_rewrite(after), "");
    for (size_t i = 0; i < graph.outputs.size(); ++i) {
      EXPECT_EQ(after.value(after.outputs[i]).name, graph.value(graph.outputs[i]).name);
      EXPECT_EQ(after.value(after.outputs[i]).shape, graph.value(graph.outputs[i]).shape);
    }
    make_plan(after);
    const Bytes sample = sample_of(graph, numbers_);
    if (same_bytes) {
      EXPECT_EQ(answer(after, sample), answer(graph, sample));
      return after;
    }
    const Bytes a = answer(after, sample), b = answer(graph, sample);
    for (size_t i = 0; i + 4 <= b.size(); i += 4) {
      float one, other;
      std::memcpy(&one, a.data() + i, 4), std::memcpy(&other, b.data() + i, 4);
      EXPECT_NEAR(one, other, 1e-5f * std::max(1.0f, std::abs(other)));
    }
    return after;
  }

 private:
  Numbers numbers_{5};
};

std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.name);
  return names;
}
using Names = std::vector<std::string>;

TEST(Layout, EveryOperatorIsClassified) {
  for (const OpDef* op : all_ops()) {
    const LayoutRow* row = layout_row(*op);
    ASSERT_TRUE(row) << op->name << " has no row in compiler/passes/layout_rules.cc";
    for (const char* name : row->attributes)
      EXPECT_TRUE(std::any_of(op->attributes.begin(), op->attributes.end(),
                              [&](const AttributeSpec& spec) { return spec.name == name; }))
          << op->name << " has no attribute " << name;
  }
}

TEST(Layout, NothingStandsBetweenConvolutions) {
  Imported m({1, 3, 6, 5});
  ValueId x = m.conv("a", 0, 4);
  x = m.relu("relu", x);
  m.conv("b", x, 2);
  // The image and the output are NCHW: the file's interface.
  EXPECT_EQ(names_of(m.arranged(2)), (Names{"a/in", "a/conv", "relu", "b/conv", "b"}));
}

TEST(Layout, AnImageOfOneChannelIsAView) {
  Imported m({1, 1, 6, 5});
  const ValueId x = m.conv("a", 0, 4);
  m.add(mean_op, "mean", {x}, {{"axes", Dimensions{2, 3}}});
  const Graph after = m.arranged(0);
  EXPECT_EQ(names_of(after), (Names{"a/in", "a/conv", "mean"}));
  EXPECT_EQ(after.nodes[0].op, &reshape_op);
  EXPECT_EQ(std::get<Dimensions>(after.nodes[2].attributes.at("axes")), (Dimensions{1, 2}));
}

TEST(Layout, InversePairsVanishAndNeighboursMerge) {
  Imported m({2, 3, 4});
  ValueId x = m.transpose("a", 0, {2, 0, 1});
  x = m.transpose("b", x, {1, 2, 0});
  m.relu("relu", x);
  m.arranged(0);

  Imported n({2, 3, 4});
  x = n.transpose("a", 0, {2, 0, 1});
  x = n.transpose("b", x, {0, 2, 1});
  n.arranged(1);
}

TEST(Layout, AResidualBlockIsOneIsland) {
  Imported m({1, 3, 6, 5});
  const ValueId a = m.relu("first", m.conv("a", 0, 4));
  const ValueId b = m.relu("second", m.conv("b", a, 4));
  const ValueId c = m.conv("c", b, 4);
  const ValueId d = m.conv("d", a, 4);
  const ValueId sum = m.relu("third", m.add(add_op, "sum", {c, d}));
  m.add(mean_op, "mean", {m.conv("e", sum, 7)}, {{"axes", Dimensions{2, 3}}});
  m.arranged(1);
}

// x -> relu -> output, and x -> relu -> conv: whatever the relu does, one transpose is left.
TEST(Layout, AValueThatIsReadInTwoOrdersIsTransposedOnce) {
  Imported m({1, 8, 6, 5});
  const ValueId x = m.relu("relu", m.conv("a", 0, 4));
  const ValueId y = m.conv("b", x, 3);
  m.graph.outputs = {y, x};
  const Graph after = m.arranged(3);
  EXPECT_EQ(names_of(after), (Names{"a/in", "a/conv", "relu/stored", "b/conv", "b", "relu"}));
}

// The cheapest place on the way from f32 to s8 and back is at s8.
TEST(Layout, TransposesStandWhereNumbersAreSmall) {
  Imported m({1, 3, 6, 5});
  const ValueId q = m.add(quantize_op, "q", {0}, {{"output_scale", 0.02}});
  const ValueId f = m.add(dequantize_op, "f", {q});
  m.conv("a", f, 4);
  m.graph.outputs = {m.add(mean_op, "mean", {m.last}, {{"axes", Dimensions{2, 3}}})};
  EXPECT_EQ(moved_bytes(m.arranged(1)), 3 * 6 * 5);
}

TEST(Layout, FlattenGoesIntoTheWeights) {
  Imported m({1, 1, 6, 5});
  ValueId x = m.relu("relu", m.conv("a", 0, 4));
  x = m.add(reshape_op, "flat", {x}, {{"shape", Dimensions{1, 120}}});
  m.add(fully_connected_op, "dense", {x, m.reals("dense/weights", {7, 120}), -1});
  m.arranged(0, false);
}

// Several rows of float sums keep their order.
TEST(Layout, FloatSumsOfSeveralRowsStay) {
  Imported m({3, 2, 5, 4});
  ValueId x = m.relu("relu", m.transpose("t", 0, kToNhwc));
  x = m.add(reshape_op, "flat", {x}, {{"shape", Dimensions{3, 40}}});
  m.add(fully_connected_op, "dense", {x, m.reals("dense/weights", {7, 40}), -1});
  m.arranged(1);
}

// Where the rows follow each other; else the transpose stays.
TEST(Layout, IntegerSumsOfPermutedColumnsAreEqual) {
  for (const Dimensions& perm : {Dimensions{0, 3, 1, 2}, Dimensions{1, 0, 2, 3}}) {
    Imported m({4, 4, 6, 5}, ElementType::s8);
    ValueId x = m.transpose("t", 0, perm);
    x = m.add(reshape_op, "flat", {x}, {{"shape", Dimensions{4, 120}}});
    std::vector<int8_t> weights;
    for (int32_t i = 0; i < 360; ++i) weights.push_back(int8_t(i * 37));
    const ValueId w = m.graph.add_constant("w", ElementType::s8, {3, 120}, weights,
                                           {{0.01f, 0.02f, 0.03f}, {0, 0, 0}, 0});
    m.add(fully_connected_op, "dense", {x, w, -1}, {{"output_scale", 0.3}});
    m.arranged(perm[0] == 0 ? 0 : 1);
  }
}

TEST(Layout, ImagesOfOneRowKeepTheirViews) {
  Imported m({1, 3, 9});
  ValueId x = 0;
  for (const std::string name : {"a", "b", "c"}) {
    const int32_t channels = m.graph.value(x).shape[1];
    x = m.add(reshape_op, name + "/image", {x}, {{"shape", Dimensions{1, channels, 1, 9}}});
    x = m.conv(name, x, 4);
    x = m.relu(name + "/relu",
               m.add(reshape_op, name + "/row", {x}, {{"shape", Dimensions{1, 4, 9}}}));
  }
  m.add(mean_op, "mean", {x}, {{"axes", Dimensions{2}}});
  EXPECT_EQ(names_of(m.arranged(1)), (Names{"a/image", "a/in", "a/conv", "a/relu", "b/conv",
                                            "b/relu", "c/conv", "c/relu", "c/relu/stored", "mean"}))
      << "views are only where they must be";
}

TEST(Layout, AxesAndListsFollow) {
  Imported m({1, 1, 6, 5});
  ValueId x = m.conv("a", 0, 4);
  x = m.add(concatenate_op, "cat", {x, m.relu("relu", x), m.reals("more", {1, 3, 6, 5})},
            {{"axis", int64_t(1)}});
  x = m.add(pad_op, "pad", {x},
            {{"before", Dimensions{0, 0, 1, 2}}, {"after", Dimensions{0, 1, 0, 0}}});
  x = m.add(slice_op, "slice", {x},
            {{"begin", Dimensions{0, 1, 6, 0}},
             {"size", Dimensions{1, 9, 3, 4}},
             {"step", Dimensions{1, 1, -2, 2}}});
  x = m.add(cumsum_op, "sum", {x}, {{"axis", int64_t(-3)}});
  x = m.add(normalize_op, "norm", {x}, {{"axes", Dimensions{2, 3}}});
  x = m.add(mul_op, "scaled", {x, m.reals("scale", {9, 1, 1})});
  x = m.add(
      where_op, "where",
      {m.add(greater_op, "greater", {x, m.reals("half", {1})}), x, m.reals("else", {1, 1, 3, 1})});
  x = m.add(tile_op, "tile", {x}, {{"repeats", Dimensions{1, 1, 2, 1}}});
  x = m.add(resize_nearest_op, "resize", {x}, {{"size", Dimensions{1, 9, 12, 4}}});
  x = m.add(resize_linear_op, "linear", {x}, {{"size", Dimensions{1, 9, 7, 8}}});
  x = m.conv("b", x, 4);
  m.add(arg_extreme_op, "best", {x}, {{"axis", int64_t(1)}, {"function", std::string("max")}});
  m.arranged(0);
}

TEST(Layout, SoftmaxStaysAlongItsDimension) {
  Imported m({1, 1, 6, 5});
  ValueId x = m.transpose("to", m.conv("a", 0, 4), kToNhwc);
  x = m.add(softmax_op, "softmax", {x});
  m.conv("b", m.transpose("from", x, kToNchw), 3);
  m.add(mean_op, "mean", {m.last}, {{"axes", Dimensions{2, 3}}});
  m.arranged(0);

  // Along the width it needs NCHW: two transposes.
  Imported n({1, 1, 6, 5});
  x = n.add(softmax_op, "softmax", {n.conv("a", 0, 4)});
  n.conv("b", x, 3);
  n.add(mean_op, "mean", {n.last}, {{"axes", Dimensions{2, 3}}});
  n.arranged(2);
}

// A mean over channels and height would add in another order.
TEST(Layout, SumsKeepTheirOrder) {
  Imported m({1, 1, 6, 5});
  m.add(mean_op, "mean", {m.conv("a", 0, 4)}, {{"axes", Dimensions{1, 2}}});
  m.arranged(1);
}

TEST(Layout, ProductsTakeTransposedOperands) {
  Imported m({2, 4, 5});
  const ValueId x = m.relu("relu", 0);
  m.add(batch_matmul_op, "product", {x, m.transpose("t", 0, {0, 2, 1})});
  const Graph after = m.arranged(0);
  EXPECT_EQ(std::get<int64_t>(after.nodes.back().attributes.at("adj_y")), 1);
}

TEST(Layout, AGroupedShuffleIsNoPairToRemove) {
  Imported m({1, 1, 6, 5});
  ValueId x = m.conv("a", 0, 4);
  x = m.add(reshape_op, "split", {x}, {{"shape", Dimensions{1, 2, 2, 6, 5}}});
  x = m.transpose("shuffle", x, {0, 2, 1, 3, 4});
  x = m.add(reshape_op, "join", {x}, {{"shape", Dimensions{1, 4, 6, 5}}});
  m.conv("b", x, 3);
  m.add(mean_op, "mean", {m.last}, {{"axes", Dimensions{2, 3}}});
  m.arranged(1);
}

TEST(Layout, GraphsWithoutTransposesAreLeftAlone) {
  Imported m({1, 3, 6, 5});
  m.relu("relu", 0);
  m.graph.outputs = {m.last};
  const Graph after = arrange_layout(m.graph);
  EXPECT_EQ(names_of(after), names_of(m.graph));
  EXPECT_EQ(after.values.size(), m.graph.values.size());
}

TEST(Layout, OutputsKeepTheirNames) {
  Imported m({1, 3, 6, 5});
  const ValueId relu = m.relu("relu", m.conv("a", 0, 4));
  const ValueId back = m.transpose("back", relu, kToNhwc);
  const ValueId again = m.add(reshape_op, "again", {relu}, {{"shape", Dimensions{1, 4, 6, 5}}});
  m.graph.outputs = {relu, back, again};
  m.arranged(2);
}

// A megabyte of file holds tens of thousands of nodes.
TEST(Layout, WorkIsBounded) {
  Imported m({1, 4, 3, 2});
  std::vector<ValueId> seen{0};
  Numbers numbers(9);
  for (int32_t i = 0; i < 20000; ++i) {
    const ValueId x = seen[size_t(numbers.integer(0, int32_t(seen.size()) - 1))];
    const std::string name = std::to_string(i);
    const Shape shape = m.graph.value(x).shape;
    if (i % 3 == 0)
      seen.push_back(m.transpose(name, x, {1, 3, 0, 2}));
    else if (i % 3 == 1)
      seen.push_back(m.add(softmax_op, name, {x}));
    else
      seen.push_back(m.add(add_op, name, {x, x}));
  }
  m.graph.outputs = seen;
  m.graph.outputs.erase(m.graph.outputs.begin());
  const std::clock_t begin = std::clock();
  LayoutReport report;
  arrange_layout(m.graph, &report);
  const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
  std::cout << seconds << " s, " << report.transposes_before << " -> " << report.transposes_after
            << "\n";
  EXPECT_LT(seconds, 5);  // 0.3 here; far from quadratic, also under sanitizers
}

}  // namespace
}  // namespace mote
