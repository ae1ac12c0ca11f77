// SPDX-License-Identifier: Apache-2.0
// arrange_layout on random graphs: the same bytes, no further rewrite that pays, and, where there
// are two layouts, the cost of the best of all assignments. And on the models of others.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "compiler/import/import.h"
#include "compiler/passes/layout.h"
#include "compiler/passes/layout_oracle.h"
#include "compiler/passes/layout_search.h"
#include "compiler/plan/plan.h"
#include "graph/text.h"

namespace mote {
namespace {

using namespace layout_oracle;

const Dimensions kToNhwc{0, 2, 3, 1}, kToNchw{0, 3, 1, 2};

class RandomGraph {
 public:
  RandomGraph(Numbers& numbers, bool integer) : n_(numbers), integer_(integer) {
    graph.name = "random";
  }
  Graph graph;

  // Any permutations and reshapes.
  void grow(int32_t nodes) {
    Shape shape;
    for (int32_t d = n_.integer(2, 4); d > 0; --d) shape.push_back(n_.integer(1, 5));
    start(shape);
    for (int32_t i = 0; i < nodes; ++i) attempt([&] { return any(pick()); });
    finish();
  }

  // NCHW and NHWC only.
  void grow_images(int32_t nodes) {
    start({1, 3, 4, 5});
    for (int32_t i = 0; i < nodes; ++i) attempt([&] { return image(pick()); });
    finish();
  }

 private:
  void start(const Shape& shape) {
    const auto type = integer_ ? ElementType::s8 : ElementType::f32;
    pool_ = {graph.add_tensor_stream("x", type, shape,
                                     integer_ ? per_tensor(0.05f, 3) : Quantization{})};
  }
  void finish() {
    for (int32_t i = n_.integer(1, 3); i > 0; --i) {
      const ValueId id =
          pool_[pool_.size() - 1 -
                size_t(n_.integer(0, std::min<int32_t>(3, int32_t(pool_.size()) - 1)))];
      const bool taken = std::count(graph.outputs.begin(), graph.outputs.end(), id) > 0;
      if (!taken && graph.value(id).kind != ValueKind::stream) graph.outputs.push_back(id);
    }
    if (graph.outputs.empty()) graph.outputs = {add(transpose_op, {0}, {{"perm", any_perm(0)}})};
  }

  // Operators refuse what they cannot take; then something else is tried.
  template <class Make>
  void attempt(Make make) {
    const Graph before = graph;
    try {
      const ValueId id = make();
      if (graph.value(id).elements() > 3000)
        graph = before;
      else if (id >= ValueId(before.values.size()))
        pool_.push_back(id);
    } catch (const UserError&) {
      graph = before;
    }
  }

  ValueId pick() {
    const auto last = int32_t(pool_.size()) - 1;
    return pool_[size_t(std::max(n_.integer(0, last), n_.integer(0, last)))];
  }
  const Shape& shape(ValueId x) const { return graph.value(x).shape; }
  ValueId add(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return graph.add_node(op, "n" + std::to_string(graph.nodes.size()), std::move(inputs),
                          std::move(attributes));
  }
  // With the scale of the input.
  ValueId scaled(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    const Quantization& q = graph.value(inputs[0]).quantization;
    if (!q.empty()) {
      attributes["output_scale"] = double(q.scale());
      attributes["output_zero_point"] = int64_t(q.zero_point());
    }
    return add(op, std::move(inputs), std::move(attributes));
  }
  ValueId constant(ValueId like, Shape wanted) {
    const Value& value = graph.value(like);
    const int64_t count = element_count(wanted);
    const std::string name = "c" + std::to_string(graph.values.size());
    if (value.type == ElementType::f32)
      return graph.add_constant(name, value.type, std::move(wanted), n_.reals(count, -1, 1));
    return graph.add_constant(name, value.type, std::move(wanted), n_.many<int8_t>(count, -90, 90),
                              value.quantization);
  }
  Dimensions any_perm(ValueId x) {
    Dimensions perm(shape(x).size());
    std::iota(perm.begin(), perm.end(), 0);
    for (size_t d = perm.size(); d-- > 1;)
      std::swap(perm[d], perm[size_t(n_.integer(0, int32_t(d)))]);
    return perm;
  }
  int64_t any_axis(ValueId x) { return n_.integer(0, int32_t(shape(x).size()) - 1); }

  ValueId reshape(ValueId x) {
    Dimensions wanted;
    for (int64_t rest = graph.value(x).elements(); rest > 1 || wanted.empty();) {
      int64_t size = n_.integer(1, 12);
      if (wanted.size() == 4) size = rest;
      if (rest % size == 0) wanted.push_back(size), rest /= size;
    }
    return add(reshape_op, {x}, {{"shape", wanted}});
  }
  // Some dimensions of 1.
  Shape broadcast(ValueId x) {
    Shape s = shape(x);
    for (int32_t& d : s)
      if (n_.integer(0, 1)) d = 1;
    s.erase(s.begin(), s.begin() + n_.integer(0, int32_t(s.size())));
    return s;
  }
  ValueId pair(ValueId x) {
    const OpDef* const ops[] = {&add_op, &mul_op, &sub_op, &maximum_op};
    const OpDef& op = *ops[n_.integer(0, 3)];
    ValueId other = pick();
    if (n_.integer(0, 1) || other == x) other = constant(x, broadcast(x));
    if (&op == &maximum_op) return add(op, {x, other});
    return n_.integer(0, 1) ? scaled(op, {x, other}) : scaled(op, {other, x});
  }
  ValueId reduced(ValueId x) {
    Dimensions axes{any_axis(x)};
    if (n_.integer(0, 1)) axes.push_back(any_axis(x));
    const Attributes over{{"axes", axes}, {"keep_dims", int64_t(n_.integer(0, 1))}};
    if (n_.integer(0, 1)) return scaled(mean_op, {x}, over);
    Attributes all = over;
    all["function"] = std::string(n_.integer(0, 1) ? "max" : "sum");
    return scaled(reduce_op, {x}, all);
  }
  ValueId borders(ValueId x) {
    Dimensions before, after;
    for (size_t d = 0; d < shape(x).size(); ++d)
      before.push_back(n_.integer(-1, 1)), after.push_back(n_.integer(0, 1));
    const char* const modes[] = {"constant", "edge", "reflect"};
    return add(
        pad_op, {x},
        {{"before", before}, {"after", after}, {"mode", std::string(modes[n_.integer(0, 2)])}});
  }
  ValueId part(ValueId x) {
    Dimensions begin, size, step;
    for (int32_t d : shape(x)) {
      const bool back = n_.integer(0, 3) == 0;
      const int32_t n = n_.integer(1, d);
      begin.push_back(back ? d - 1 : n_.integer(0, d - n));
      size.push_back(n), step.push_back(back ? -1 : 1);
    }
    return add(slice_op, {x}, {{"begin", begin}, {"size", size}, {"step", step}});
  }
  ValueId dense(ValueId x) {
    const int32_t in = shape(x).back();
    if (!integer_) return pair(x);  // float sums of permuted columns differ in their last bits
    const ValueId weights =
        graph.add_constant("w" + std::to_string(graph.values.size()), ElementType::s8, {6, in},
                           n_.many<int8_t>(6 * in, -128, 127), per_tensor(0.01f, 0));
    return scaled(fully_connected_op, {x, weights, -1});
  }
  ValueId product(ValueId x) {
    return scaled(batch_matmul_op, {x, pick()},
                  {{"adj_x", int64_t(n_.integer(0, 1))}, {"adj_y", int64_t(n_.integer(0, 1))}});
  }
  ValueId same_shape(ValueId x) {
    const Attributes along{{"axis", any_axis(x)}};
    switch (n_.integer(0, 5)) {
      case 0:
        return scaled(activation_op, {x}, {{"activation", std::string("relu")}});
      case 1:
        return add(softmax_op, {x});
      case 2:
        return scaled(cumsum_op, {x}, along);
      case 3:
        return add(l2_normalization_op, {x}, along);
      case 4:
        return add(normalize_op, {x}, {{"axes", Dimensions{any_axis(x), any_axis(x)}}});
      default:
        return add(cast_op, {add(cast_op, {x}, {{"type", std::string("s32")}})},
                   {{"type", std::string(to_string(graph.value(x).type))}});
    }
  }
  ValueId larger(ValueId x) {
    Dimensions repeats, size;
    for (int32_t d : shape(x))
      repeats.push_back(n_.integer(1, 2)), size.push_back(d * repeats.back());
    if (n_.integer(0, 1)) return add(tile_op, {x}, {{"repeats", repeats}});
    return add(n_.integer(0, 1) ? resize_nearest_op : resize_linear_op, {x}, {{"size", size}});
  }
  ValueId any(ValueId x) {
    if (shape(x).empty()) return x;
    switch (n_.integer(0, 13)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return add(transpose_op, {x}, {{"perm", any_perm(x)}});
      case 4:
        return reshape(x);
      case 5:
        return pair(x);
      case 6:
        return add(concatenate_op, {x, pick(), x}, {{"axis", any_axis(x)}});
      case 7:
        return reduced(x);
      case 8:
        return borders(x);
      case 9:
        return part(x);
      case 10:
        return n_.integer(0, 1) ? dense(x) : product(x);
      case 11:
        return larger(x);
      case 12:
        return add(top_k_op, {x}, {{"k", int64_t(1)}});
      default:
        return same_shape(x);
    }
  }
  ValueId image(ValueId x) {
    const bool nchw = shape(x)[1] == 3;
    switch (n_.integer(0, 6)) {
      case 0:
      case 1:
      case 2:
        return add(transpose_op, {x}, {{"perm", nchw ? kToNhwc : kToNchw}});
      case 3:
        return nchw ? pair(x)
                    : add(average_pool_2d_op, {x},
                          {{"filter_h", int64_t(1)}, {"filter_w", int64_t(1)}});
      case 4:
        return scaled(activation_op, {x}, {{"activation", std::string("relu")}});
      default:
        return pair(x);
    }
  }

  Numbers& n_;
  bool integer_;
  std::vector<ValueId> pool_;
};

int32_t rounds(int32_t otherwise) {
  const char* given = std::getenv("MOTE_LAYOUT_ROUNDS");
  return given ? std::atoi(given) : otherwise;
}

TEST(RandomLayout, KeepsBytesAndLeavesNothingToRewrite) {
  Numbers numbers(21);
  int64_t before = 0, after = 0, reachable = 0;
  for (int32_t round = 0; round < rounds(400); ++round) {
    RandomGraph random(numbers, round % 2 == 1);
    random.grow(numbers.integer(2, 14));
    LayoutReport report;
    const Graph result = arrange_layout(random.graph, &report);
    ASSERT_EQ(findings_of(result), std::vector<std::string>{}) << "round " << round;
    make_plan(result);
    const Bytes sample = sample_of(random.graph, numbers);
    ASSERT_EQ(answer(result, sample), answer(random.graph, sample)) << "round " << round;
    ASSERT_LE(report.bytes_after, report.bytes_before) << "round " << round;
    ASSERT_EQ(further_rewrite(result), "") << "round " << round << "\n"
                                           << print(random.graph) << print(result);
    before += report.transposes_before, after += report.transposes_after;
    LayoutReport again;
    arrange_layout(result, &again);
    reachable += again.bytes_after < report.bytes_after;
  }
  std::cout << "transposes " << before << " -> " << after << "; a second pass finds more in "
            << reachable << " graphs\n";
}

// Every node as it is written or in the other layout, all 2^n.
int64_t best_cost(LayoutSearch& search, const Graph& graph, const std::vector<size_t>& nodes) {
  int64_t best = INT64_MAX;
  for (uint32_t choice = 0; choice < 1u << nodes.size(); ++choice) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      const Node& node = graph.nodes[nodes[i]];
      const Shape& shape = graph.value(node.outputs[0]).shape;
      const auto other =
          search.rule(nodes[i]).from_output(permuted(shape, shape[1] == 3 ? kToNhwc : kToNchw), 0);
      search.set_frame(nodes[i], choice >> i & 1 ? other.value_or(Frame{}) : Frame{});
    }
    best = std::min(best, search.cost());
  }
  return best;
}

TEST(RandomLayout, OfTwoLayoutsTheBest) {
  Numbers numbers(22);
  int64_t improved = 0, left = 0;
  for (int32_t round = 0; round < rounds(400); ++round) {
    RandomGraph random(numbers, round % 2 == 1);
    random.grow_images(numbers.integer(3, 18));
    const Graph graph = remove_unused(random.graph);
    LayoutSearch search(graph, 1'000'000), all(graph, 0);
    std::vector<size_t> movable;
    for (size_t n = 0; n < graph.nodes.size(); ++n)
      if (search.rule(n).movable()) movable.push_back(n);
    const int64_t plain = search.cost();
    if (movable.size() > 10) continue;
    search.run();
    ASSERT_EQ(search.cost(), best_cost(all, graph, movable)) << "round " << round;
    const Graph result = arrange_layout(random.graph);
    ASSERT_EQ(moved_bytes(result), search.cost()) << "round " << round;
    improved += search.cost()<plain, left += search.cost()> 0;
  }
  std::cout << improved << " graphs improved, " << left << " with transposes left\n";
  EXPECT_GT(improved, 50);
  EXPECT_GT(left, 50);
}

// As the file has it, without the pass.
Graph as_written(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes(std::istreambuf_iterator<char>(file), {});
  const std::string kind = path.extension();
  Diagnostics diagnostics;
  const ModelFile model{bytes, path.stem().string(), path.string()};
  if (kind == ".onnx") return import_onnx(model, {}, diagnostics);
  if (kind == ".pte") return import_executorch(model, {}, diagnostics);
  return import_tflite(model, {}, diagnostics);
}

// The largest difference between two f32 answers, over the largest number.
double distance(const Bytes& a, const Bytes& b) {
  double most = 1e-30, worst = 0;
  for (size_t i = 0; i + 4 <= a.size(); i += 4) {
    float one, other;
    std::memcpy(&one, a.data() + i, 4), std::memcpy(&other, b.data() + i, 4);
    most = std::max(most, double(std::abs(other)));
    worst = std::max(worst, double(std::abs(one - other)));
  }
  return worst / most;
}

// Whether columns of float weights were permuted: all else keeps its bytes.
bool has_other_sums(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    return node.op == &fully_connected_op &&
           graph.value(node.inputs[1]).name.find("/stored") != std::string::npos &&
           graph.value(node.inputs[0]).type == ElementType::f32;
  });
}

TEST(LayoutModels, TheSameAnswersAndNothingLeftToRewrite) {
  const char* data = std::getenv("MOTE_DATA");
  if (!data) GTEST_SKIP() << "MOTE_DATA is not set: the models of others are not at hand";
  const std::filesystem::path models = std::filesystem::path(data) / "models";
  int32_t seen = 0;
  Numbers numbers(23);
  for (const char* folder : {"onnx", "pytorch", "tflite"})
    for (const auto& entry : std::filesystem::directory_iterator(models / folder)) {
      const std::string kind = entry.path().extension();
      if (kind != ".onnx" && kind != ".pte" && kind != ".tflite") continue;
      SCOPED_TRACE(entry.path().filename().string());
      Graph written;
      try {
        written = as_written(entry.path());
      } catch (const UserError&) {
        continue;
      }
      // Of integers said by pairs: folded first (quantize/pairs.h, tests/conformance).
      if (transposes(written) == 0 || !findings_of(written).empty()) continue;
      LayoutReport report;
      const Graph graph = arrange_layout(written, &report);
      std::cout << entry.path().filename().string() << ": " << report.transposes_before << " -> "
                << report.transposes_after << ", bytes " << report.bytes_before << " -> "
                << report.bytes_after << "\n";
      EXPECT_EQ(findings_of(graph), std::vector<std::string>{});
      EXPECT_EQ(further_rewrite(graph), "");
      const Bytes sample = sample_of(written, numbers);
      if (has_other_sums(graph))
        EXPECT_LT(distance(answer(graph, sample), answer(written, sample)), 1e-5);
      else
        EXPECT_EQ(answer(graph, sample), answer(written, sample));
      ++seen;
    }
  EXPECT_GE(seen, 3);
}

}  // namespace
}  // namespace mote
