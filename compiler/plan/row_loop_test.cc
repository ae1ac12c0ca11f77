// SPDX-License-Identifier: Apache-2.0
// Layers by rows: 2,000 random image networks, planned with a random loop and carried out in the
// plan's memory, answer as the whole graph does; which layers cannot run so.
#include "compiler/plan/row_loop.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/passes/dead_channels_nets.h"
#include "compiler/plan/plan_run_test.h"

namespace mote {
namespace {

using dead_channels::Net;
using dead_channels::Window;

// Windows, sums with a value before them, pools, numbers one by one; any height.
class ImageNet {
 public:
  explicit ImageNet(Numbers& n) : net_(n), n_(n) {}

  Graph make() {
    const ElementType type = n_.integer(0, 7) == 0 ? ElementType::s16 : ElementType::s8;
    images_ = {net_.input({1, n_.integer(4, 21), n_.integer(2, 9), channels()}, type)};
    if (n_.integer(0, 2) == 0) images_.push_back(net_.conv(images_[0], channels(), window()));
    for (int32_t layers = n_.integer(2, 7); layers > 0; --layers) images_.push_back(layer());
    const ValueId head = net_.dense(net_.flat(images_.back()), 3);
    net_.graph.outputs = {head};
    return remove_unused(net_.graph);
  }

 private:
  // Mostly whole words.
  int32_t channels() { return n_.integer(0, 3) ? 4 * n_.integer(1, 3) : n_.integer(1, 9); }
  const Shape& shape() const { return net_.value(images_.back()).shape; }
  Window window() {
    const bool is_same = n_.integer(0, 2) != 0;
    const int32_t most = is_same ? 5 : std::min({3, shape()[1], shape()[2]});
    return {n_.integer(1, most), n_.integer(0, 2) ? 1 : 2, is_same ? "same" : "valid"};
  }
  std::string relu() { return n_.integer(0, 1) ? "relu" : "none"; }

  ValueId layer() {
    const ValueId x = images_.back();
    switch (n_.integer(0, 9)) {
      case 0:
      case 1:
      case 2:
        return net_.depthwise(x, n_.integer(1, 6) == 1 ? 2 : 1, window());
      case 3:
        return net_.pool(n_.integer(0, 1) ? average_pool_2d_op : max_pool_2d_op, x, window());
      case 4:
        return net_.scaled(mul_op,
                           {x, net_.constant({1, 1, 1, net_.channels(x)}, net_.value(x).type)});
      case 5:
      case 6:
        return sum(x);
      default:
        return net_.conv(x, channels(), window());
    }
  }

  // With any value of the shape, made by one or two layers.
  ValueId sum(ValueId x) {
    ValueId y = net_.conv(x, net_.channels(x), {n_.integer(0, 1) ? 3 : 1, 1, "same"});
    if (n_.integer(0, 1)) y = net_.depthwise(y, 1, {3, 1, "same"});
    images_.push_back(y);
    for (ValueId other : images_)
      if (other != y && net_.value(other).shape == net_.value(y).shape && n_.integer(0, 1))
        return net_.scaled(add_op, {other, y});
    return net_.scaled(add_op, {x, y});
  }

  Net net_;
  Numbers& n_;
  std::vector<ValueId> images_;
};

std::optional<RowLoop> random_loop(const Graph& graph, Numbers& n) {
  const auto layers = int32_t(graph.nodes.size());
  for (int32_t tries = 0; tries < 40; ++tries) {
    RowLoopRequest request;
    request.first = n.integer(0, 3) ? 0 : n.integer(0, layers - 1);
    request.last = n.integer(request.first, layers - 1);
    request.rows = n.integer(1, 3);
    request.is_aligned = n.integer(0, 1);
    auto loop = make_row_loop(graph, request);
    if (!loop) continue;
    loop->comes_by_rows = may_come_by_rows(graph, *loop) && n.integer(0, 3) == 0;
    return loop;
  }
  return std::nullopt;
}

void expect_same_answers(const Graph& graph, const RowLoopRequest& request, Numbers& n) {
  for (const InstructionSet core : {InstructionSet::portable, InstructionSet::dsp}) {
    const Plan plan = make_plan(graph, core, make_row_loop(graph, request).value());
    verify(plan);
    const Bytes sample = n.many<uint8_t>(sample_bytes(graph, graph.streams[0]), 0, 255);
    Evaluator whole(graph);
    whole.push(0, sample.data());
    ASSERT_EQ(PlanRun(plan).push(sample), whole.outputs()) << print(plan);
  }
}

TEST(RowLoop, RandomImageNetsAnswerAsTheWholeGraph) {
  constexpr InstructionSet kCores[] = {InstructionSet::portable, InstructionSet::scalar,
                                       InstructionSet::dsp, InstructionSet::mve};
  Numbers n(uint32_t(31));
  int loops = 0, long_ones = 0, over_source = 0;
  for (int32_t graphs = 0; graphs < 2000; ++graphs) {
    const Graph graph = ImageNet(n).make();
    auto loop = random_loop(graph, n);
    if (!loop) continue;
    ++loops;
    long_ones += loop->last - loop->first >= 3;
    const Plan plan = make_plan(graph, kCores[n.integer(0, 3)], std::move(loop));
    verify(plan);
    const RowLoop& made = *plan.loop;
    const Location& from = plan.locations[size_t(made.source().value)];
    const Location& to = plan.locations[size_t(made.result().value)];
    over_source += from.region == Region::arena && to.region == Region::arena &&
                   to.offset < from.offset + plan.graph.value(made.source().value).bytes() &&
                   from.offset < to.offset + plan.graph.value(made.result().value).bytes();
    Evaluator whole(graph);
    PlanRun by_rows(plan);
    for (int32_t samples = 0; samples < 2; ++samples) {
      const Bytes sample = n.many<uint8_t>(sample_bytes(graph, graph.streams[0]), 0, 255);
      whole.push(0, sample.data());
      ASSERT_EQ(by_rows.push(sample), whole.outputs())
          << "graph " << graphs << ": layers " << made.first << " to " << made.last << ", "
          << made.result().window.fresh << " rows at a time\n"
          << print(plan);
    }
  }
  std::cout << loops << " loops, " << long_ones << " of four layers and more, " << over_source
            << " with the result over the source\n";
  EXPECT_GT(loops, 1200);
  EXPECT_GT(long_ones, 300);
  EXPECT_GT(over_source, 30);
}

// The struct of the plan shrinks step by step: any part of the arena may be far, with windows,
// scratch, source and result.
TEST(RowLoop, RandomImageNetsInTwoMemoriesAnswerAsTheWholeGraph) {
  constexpr InstructionSet kCores[] = {InstructionSet::portable, InstructionSet::scalar,
                                       InstructionSet::dsp, InstructionSet::mve};
  Numbers n(uint32_t(32));
  int plans = 0, by_rows = 0;
  for (int32_t graphs = 0; graphs < 500; ++graphs) {
    const Graph graph = ImageNet(n).make();
    const InstructionSet core = kCores[n.integer(0, 3)];
    const auto loop = n.integer(0, 2) ? random_loop(graph, n) : std::nullopt;
    const Plan one = make_plan(graph, core, loop);
    if (one.model_bytes < 80) continue;
    const Plan two = make_plan(graph, core, loop, {}, n.integer(64, int32_t(one.model_bytes) - 8));
    if (two.far_bytes() == 0) continue;
    ++plans;
    by_rows += two.loop.has_value();
    verify(two);
    Evaluator whole(graph);
    const Bytes sample = n.many<uint8_t>(sample_bytes(graph, graph.streams[0]), 0, 255);
    whole.push(0, sample.data());
    ASSERT_EQ(PlanRun(two).push(sample), whole.outputs()) << "graph " << graphs << '\n'
                                                          << print(two);
  }
  std::cout << plans << " plans in two memories, " << by_rows << " by rows\n";
  EXPECT_GT(plans, 300);
  EXPECT_GT(by_rows, 100);
}

// A convolution of one by one that steps over rows reads the last of what a step makes; the rows
// before it lay on rows that its own window keeps.
TEST(RowLoop, RowsThatAStrideLeavesOutLieApartFromKeptOnes) {
  Numbers n;
  Net net(n);
  ValueId x = net.depthwise(net.input({1, 15, 2, 4}, ElementType::s16), 1, {3, 1, "same"});
  x = net.depthwise(x, 1, {1, 2, "valid"});
  x = net.depthwise(net.conv(x, 4, {4, 2, "same"}), 1, {4, 1, "same"});
  net.graph.outputs = {x};
  expect_same_answers(net.graph, {0, 3, 1, false}, n);
}

TEST(RowLoop, TakesImagesOfOneSourceAlone) {
  Numbers n;
  Net net(n);
  const ValueId image = net.input({1, 8, 8, 4});
  const ValueId a = net.conv(image, 4, {3, 1, "same"});
  const ValueId b = net.conv(a, 4, {3, 1, "same"});
  const ValueId sum = net.scaled(add_op, {a, b});
  const ValueId pooled = net.pool(max_pool_2d_op, sum, {3, 2, "same"});
  net.graph.outputs = {net.dense(net.flat(net.conv(pooled, 4, {})), 3)};
  const auto is_loop = [&](int32_t first, int32_t last, int64_t rows) {
    return make_row_loop(net.graph, {first, last, rows, false}).has_value();
  };
  EXPECT_TRUE(is_loop(0, 2, 1));
  EXPECT_FALSE(is_loop(0, 2, 3));  // 8 rows
  EXPECT_TRUE(is_loop(1, 2, 1));
  EXPECT_FALSE(is_loop(2, 2, 1));  // sum reads two values
  EXPECT_FALSE(is_loop(0, 1, 1));  // sum reads a, too
  EXPECT_FALSE(is_loop(0, 3, 1));  // a pool says of its padding only that it is not there
  EXPECT_FALSE(is_loop(4, 5, 1));  // a view
}

}  // namespace
}  // namespace mote
