// SPDX-License-Identifier: Apache-2.0
// tree_ensemble: random trees against a walk with pointers; aggregates; indices that are refused.
#include "ops/nn/tree_ensemble/tree_ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

constexpr int32_t kFeatures = 3, kRows = 4, kTargets = 3;

struct Trees {
  std::vector<int32_t> roots, children;
  std::vector<int16_t> features, targets;
  std::vector<float> thresholds, weights, base{0.5f, -1.0f, 2.0f};
  std::vector<uint8_t> flags;
  std::string aggregate = "sum";
  int32_t width = 1;

  // A branch of at most `depth` questions; its number, or a leaf's.
  int32_t grow(Numbers& random, int32_t depth) {
    if (depth == 0) {
      targets.push_back(int16_t(width == 1 ? random.integer(0, kTargets - 1) : 0));
      for (int32_t i = 0; i < width; ++i) weights.push_back(float(random.integer(-8, 8)) / 4);
      return ~int32_t(targets.size() - 1);
    }
    const auto at = size_t(features.size());
    features.push_back(int16_t(random.integer(0, kFeatures - 1)));
    thresholds.push_back(float(random.integer(-2, 2)));
    flags.push_back(uint8_t(random.integer(0, 3)));
    children.resize(children.size() + 2);
    for (size_t side : {0, 1}) {
      const int32_t child = grow(random, depth - 1);
      children[2 * at + side] = child;
    }
    return int32_t(at);
  }

  const float* leaf(int32_t at, const float* x, int32_t& target) const {
    while (at >= 0) {
      const auto i = size_t(at);
      const float v = x[features[i]];
      const bool yes = std::isnan(v)  ? flags[i] & 2
                       : flags[i] & 1 ? v == thresholds[i]
                                      : v <= thresholds[i];
      at = children[2 * i + (yes ? 1 : 0)];
    }
    target = targets[size_t(~at)];
    return weights.data() + ~at * width;
  }

  std::vector<float> expected(const std::vector<float>& x) const {
    std::vector<float> y;
    for (int32_t row = 0; row < kRows; ++row) {
      std::vector<std::vector<float>> seen(kTargets);
      for (int32_t root : roots) {
        int32_t target = 0;
        const float* w = leaf(root, x.data() + row * kFeatures, target);
        for (int32_t i = 0; i < width; ++i) seen[size_t(target + i)].push_back(w[i]);
      }
      for (size_t t = 0; t < kTargets; ++t) {
        float value = 0;
        for (float w : seen[t]) value += w;
        if (aggregate == "average") value /= float(roots.size());
        if (aggregate == "min" && !seen[t].empty())
          value = *std::min_element(seen[t].begin(), seen[t].end());
        if (aggregate == "max" && !seen[t].empty())
          value = *std::max_element(seen[t].begin(), seen[t].end());
        y.push_back(value + base[t]);
      }
    }
    return y;
  }

  template <class Index>
  OneNode node() const {
    OneNode one = OneNode::make<float>({kRows, kFeatures});
    const auto nodes = int32_t(features.size()), leaves = int32_t(targets.size());
    const auto index = [](const std::vector<int32_t>& list) {
      return std::vector<Index>(list.begin(), list.end());
    };
    one.add(tree_ensemble_op, {{"targets", int64_t(kTargets)}, {"aggregate", aggregate}},
            {one.constant("roots", {int32_t(roots.size())}, index(roots)),
             one.constant("features", {nodes}, features),
             one.constant("thresholds", {nodes}, thresholds),
             one.constant("children", {nodes, 2}, index(children)),
             one.constant("weights", {leaves, width}, weights),
             one.constant("targets", {leaves}, targets), one.constant("base", {kTargets}, base),
             one.constant("flags", {nodes}, flags)});
    return one;
  }
};

Trees grown(Numbers& random, int32_t width, const char* aggregate) {
  Trees trees;
  trees.width = width;
  trees.aggregate = aggregate;
  const int32_t count = random.integer(1, 4);
  for (int32_t t = 0; t < count; ++t) trees.roots.push_back(trees.grow(random, 1 + t % 3));
  return trees;
}

// Quarters add up exactly.
TEST(TreeEnsemble, IsAWalkThroughEveryTree) {
  Numbers random;
  for (int n = 0; n < 100; ++n)
    for (const char* aggregate : {"sum", "average", "min", "max"}) {
      const Trees trees = grown(random, n % 2 == 0 ? 1 : kTargets, aggregate);
      std::vector<float> x;
      for (int32_t i = 0; i < kRows * kFeatures; ++i)
        x.push_back(random.integer(0, 9) == 0 ? NAN : float(random.integer(-3, 3)));
      const std::vector<float> expected = trees.expected(x);
      ASSERT_EQ(trees.node<int16_t>().run<float>(x), expected);
      ASSERT_EQ(trees.node<int32_t>().run<float>(x), expected);
    }
}

TEST(TreeEnsemble, RefusesIndicesThatLeadNowhere) {
  Numbers random;
  Trees trees;
  trees.roots = {trees.grow(random, 2)};  // branches 0, 1, 2; leaves 0 .. 3
  const auto code = [](const Trees& t) { return code_of_failure([&] { t.node<int16_t>(); }); };
  ASSERT_EQ(code(trees), "");
  for (int32_t child : {0, 1, 3, -5, 32767, -32768}) {  // back, to itself, behind the last
    Trees wrong = trees;
    wrong.children[2] = child;
    EXPECT_EQ(code(wrong), "wrong-tree") << child;
  }
  for (int32_t root : {3, -5}) {
    Trees wrong = trees;
    wrong.roots[0] = root;
    EXPECT_EQ(code(wrong), "wrong-tree") << root;
  }
  for (int16_t feature : {-1, 3}) {
    Trees wrong = trees;
    wrong.features[1] = feature;
    EXPECT_EQ(code(wrong), "wrong-tree") << feature;
  }
  for (int16_t target : {-1, 3}) {
    Trees wrong = trees;
    wrong.targets[2] = target;
    EXPECT_EQ(code(wrong), "wrong-tree") << target;
  }
  trees.aggregate = "median";
  EXPECT_EQ(code(trees), "wrong-attribute");
}

}  // namespace
}  // namespace mote
