// SPDX-License-Identifier: Apache-2.0
// The search for an order against all orders that there are, on small random problems; which layers
// of a plan may change places.
#include "compiler/plan/layer_order.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "ops/dsp/stream_test_bench.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

bool is_after(const OrderProblem& problem, const std::vector<int32_t>& run, int32_t layer) {
  const OrderLayer& l = problem.layers[size_t(layer)];
  return int32_t(run.size()) >= l.earliest &&
         std::all_of(l.after.begin(), l.after.end(), [&](int32_t before) {
           return std::find(run.begin(), run.end(), before) != run.end();
         });
}

// From the definition: a value is alive from the layer that makes it, or from the beginning, to the
// last that reads it.
int64_t load_of(const OrderProblem& problem, const std::vector<int32_t>& order) {
  const auto count = int32_t(order.size());
  std::vector<int32_t> first(problem.bytes.size(), count), last(problem.bytes.size(), -1);
  std::vector<bool> is_made(problem.bytes.size());
  for (int32_t i = 0; i < count; ++i) {
    const OrderLayer& layer = problem.layers[size_t(order[size_t(i)])];
    for (int32_t v : layer.makes) first[size_t(v)] = last[size_t(v)] = i, is_made[size_t(v)] = true;
    for (int32_t v : layer.reads) last[size_t(v)] = i;
  }
  for (size_t v = 0; v < problem.bytes.size(); ++v) {
    if (!is_made[v]) first[v] = 0;
    if (problem.is_kept[v]) last[v] = count;
  }
  int64_t worst = 0;
  for (int32_t i = 0; i < count; ++i) {
    const OrderLayer& layer = problem.layers[size_t(order[size_t(i)])];
    int64_t alive = layer.scratch_bytes, inputs = 0, distance = INT64_MAX;
    for (size_t v = 0; v < problem.bytes.size(); ++v)
      if (first[v] <= i && i <= last[v]) alive += problem.bytes[v];
    for (const OrderOverlap& o : layer.overlaps)
      if (last[size_t(o.value)] == i) {
        inputs += problem.bytes[size_t(o.value)];
        distance = std::min(distance, o.distance);
      }
    if (inputs > 0)
      alive -=
          std::max<int64_t>(0, std::min(inputs, problem.bytes[size_t(layer.makes[0])] - distance));
    for (const OrderOverlap& o : layer.scratch_overlaps)
      if (last[size_t(o.value)] == i)
        alive -= std::max<int64_t>(
            0, std::min(problem.bytes[size_t(o.value)], layer.scratch_bytes - o.distance));
    worst = std::max(worst, alive);
  }
  return worst;
}

struct AllOrders {
  int64_t least = INT64_MAX;
  int64_t count = 0;
};

AllOrders all_orders(const OrderProblem& problem) {
  AllOrders all;
  std::vector<int32_t> run;
  const std::function<void()> go_on = [&] {
    if (run.size() == problem.layers.size()) {
      all.least = std::min(all.least, load_of(problem, run));
      ++all.count;
      return;
    }
    for (int32_t n = 0; n < int32_t(problem.layers.size()); ++n) {
      if (std::find(run.begin(), run.end(), n) != run.end() || !is_after(problem, run, n)) continue;
      run.push_back(n);
      go_on();
      run.pop_back();
    }
  };
  go_on();
  return all;
}

// A value that is there before the first layer, and is read by one or more.
void add_given(OrderProblem& problem, Numbers& n) {
  const auto given = int32_t(problem.bytes.size());
  problem.bytes.push_back(4 * n.integer(1, 9));
  problem.is_kept.push_back(n.integer(0, 9) == 0);
  const int32_t layers = given, certain = n.integer(0, layers - 1);
  for (int32_t i = 0; i < layers; ++i) {
    if (i != certain && n.integer(0, 2)) continue;
    OrderLayer& layer = problem.layers[size_t(i)];
    layer.reads.push_back(given);
    if (n.integer(0, 1)) layer.overlaps.push_back({given, 4 * n.integer(0, 5)});
  }
}

// Each layer makes one value and reads up to two of those before; some also wait for another.
OrderProblem random_problem(Numbers& n) {
  OrderProblem problem;
  const int32_t layers = n.integer(2, 7), of_clock = n.integer(0, 3) ? 0 : n.integer(1, layers - 1);
  for (int32_t i = 0; i < layers; ++i) {
    problem.bytes.push_back(4 * n.integer(0, 9));
    problem.is_kept.push_back(n.integer(0, 9) == 0);
    OrderLayer layer;
    layer.makes = {i};
    layer.earliest = i < of_clock ? 0 : of_clock;
    layer.scratch_bytes = n.integer(0, 3) ? 0 : 4 * n.integer(1, 5);
    for (int32_t k = n.integer(0, 2); k > 0 && i > 0; --k) {
      const int32_t value = n.integer(0, i - 1);
      if (std::find(layer.reads.begin(), layer.reads.end(), value) != layer.reads.end()) continue;
      layer.reads.push_back(value);
      layer.after.push_back(value);
      if (n.integer(0, 1)) layer.overlaps.push_back({value, 4 * n.integer(0, 5)});
      if (n.integer(0, 3) == 0 && layer.scratch_overlaps.empty())
        layer.scratch_overlaps.push_back({value, 4 * n.integer(0, 5)});
    }
    if (i > 0 && n.integer(0, 9) == 0) layer.after.push_back(n.integer(0, i - 1));
    problem.layers.push_back(layer);
  }
  if (n.integer(0, 1)) add_given(problem, n);
  return problem;
}

TEST(LayerOrder, NeedsAsLittleAsTheBestOfAllOrders) {
  Numbers n;
  int better = 0;
  for (int i = 0; i < 3000; ++i) {
    SCOPED_TRACE("problem " + std::to_string(i));
    const OrderProblem problem = random_problem(n);
    const LayerOrder found = find_order(problem);
    const AllOrders all = all_orders(problem);
    std::vector<int32_t> run;
    for (int32_t layer : found.order) {
      ASSERT_TRUE(is_after(problem, run, layer));
      run.push_back(layer);
    }
    ASSERT_EQ(run.size(), problem.layers.size());
    ASSERT_EQ(found.load, load_of(problem, found.order));
    ASSERT_EQ(found.load, all.least);
    ASSERT_EQ(found.bound, all.least);
    ASSERT_EQ(found.is_only, all.count == 1);
    std::vector<int32_t> given(problem.layers.size());
    std::iota(given.begin(), given.end(), 0);
    better += load_of(problem, given) > found.load;
  }
  EXPECT_GT(better, 300);
}

// Sixteen ways side by side, each through a wide value: the sets are too many for all of them to be
// looked at, and the bound is still below what was found.
TEST(LayerOrder, ABoundStaysABoundWhereTheSetsAreTooMany) {
  Numbers n;
  OrderProblem problem;
  for (int32_t way = 0; way < 16; ++way) {
    for (int32_t step = 0; step < 6; ++step) {
      OrderLayer layer;
      const auto value = int32_t(problem.bytes.size());
      problem.bytes.push_back(4 * n.integer(1, 100));
      problem.is_kept.push_back(false);
      layer.makes = {value};
      if (step > 0) layer.reads = layer.after = {value - 1};
      problem.layers.push_back(layer);
    }
  }
  OrderLayer join;
  for (int32_t way = 0; way < 16; ++way) join.reads.push_back(6 * way + 5);
  join.after = join.reads;
  problem.layers.push_back(join);
  const LayerOrder found = find_order(problem);
  EXPECT_EQ(found.load, load_of(problem, found.order));
  EXPECT_GT(found.bound, 0);
  EXPECT_LT(found.bound, found.load);
}

// A file lists all first layers, then all second ones, then the sums: the order that takes a way at
// a time is found however many there are, and nothing that a beam sees at first leads there.
TEST(LayerOrder, WaysIntoOneSumRunOneAfterTheOther) {
  Numbers n;
  OrderProblem problem;
  constexpr int32_t kWays = 400;
  const auto add = [&](int64_t bytes, std::vector<int32_t> reads) {
    OrderLayer layer;
    layer.makes = {int32_t(problem.bytes.size())};
    layer.reads = layer.after = std::move(reads);
    problem.bytes.push_back(bytes);
    problem.is_kept.push_back(false);
    problem.layers.push_back(layer);
    return layer.makes[0];
  };
  int64_t widest = 0;
  for (int32_t way = 0; way < kWays; ++way)
    widest = std::max(widest, problem.bytes[size_t(add(4 * n.integer(1, 500), {}))]);
  for (int32_t way = 0; way < kWays; ++way) add(400, {way});
  int32_t sum = kWays;
  for (int32_t way = 1; way < kWays; ++way) sum = add(400, {sum, kWays + way});
  const LayerOrder found = find_order(problem);
  EXPECT_EQ(found.load, load_of(problem, found.order));
  EXPECT_LE(found.load, widest + 2 * 400);
}

// Layers with a state stay in their order, whatever it costs, as what save() writes has it; those
// of another clock come after all before them.
TEST(LayerOrder, StatesAndClocksKeepTheirOrder) {
  Graph graph = stream_graph(1);
  const Attributes low{{"filter_type", std::string("low")}, {"filter_cutoff", 20.0}};
  ValueId filtered[2];
  for (int i = 0; i < 2; ++i) {
    Attributes attributes = low;
    attributes["rate_hz"] = 100.0 + i;
    filtered[i] = graph.add_node(iir_op, "filter_" + std::to_string(i), {0}, attributes);
  }
  const ValueId window = graph.add_node(framer_op, "window", {filtered[0]},
                                        {{"length", int64_t(8)}, {"stride", int64_t(4)}});
  const ValueId scaled = graph.add_node(scale_op, "scale", {filtered[1]}, {{"factor", 0.5}});
  graph.outputs = {window, scaled};
  const OrderProblem problem = order_problem(make_plan(graph));
  ASSERT_EQ(problem.layers.size(), 4u);
  EXPECT_EQ(problem.layers[1].after, std::vector<int32_t>{0});
  const int32_t earliest[] = {0, 0, 2, 3};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(problem.layers[i].earliest, earliest[i]);
}

}  // namespace
}  // namespace mote
