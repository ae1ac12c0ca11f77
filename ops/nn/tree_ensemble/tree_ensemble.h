// SPDX-License-Identifier: Apache-2.0
// tree_ensemble: decision trees over rows of features, the weights of the leaves that a row falls
// into summed, averaged (over the trees), or their least or largest, then a base added. The rule is
// that of ONNX's TreeEnsemble. Shapes: x [rows, features], y [rows, targets]; roots [trees];
// feature, threshold [nodes]; children [nodes, 2]: where it goes for false, and for true, at or
// above 0 a node, below 0 leaf ~child; flags [nodes] or null; weights [leaves, width]; targets
// [leaves]: which target the first weight of a leaf is for, null: 0; base [targets] or null.
// A node's children lie behind it, which the host checks with all other indices: a walk ends after
// at most `nodes` steps. y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

enum TreeAggregate : int32_t { kTreeSum, kTreeAverage, kTreeLeast, kTreeLargest };
// Of a node; without flags it asks x <= threshold, which is false for what is no number.
enum TreeFlag : uint8_t { kTreeEqual = 1, kTreeMissingIsTrue = 2 };

// What a target begins at, and what it is without any weight: larger than the weights of leaves.
constexpr float kTreeNothing = 3.40282347e+38f;

struct TreeEnsembleParams {
  int32_t rows;
  int32_t features;
  int32_t trees;
  int32_t targets;
  int32_t width;
  int32_t aggregate;  // TreeAggregate
};
template <class Visitor>
void for_each_field(const TreeEnsembleParams& p, Visitor& field) {
  field("rows", p.rows);
  field("features", p.features);
  field("trees", p.trees);
  field("targets", p.targets);
  field("width", p.width);
  field("aggregate", p.aggregate);
}

template <class Index>
struct TreeNodes {
  const int16_t* feature;
  const float* threshold;
  const Index* children;
  const uint8_t* flags;
};

template <class Index>
MOTE_INLINE int32_t tree_leaf(const TreeNodes<Index>& nodes, int32_t at, const float* x) {
  while (at >= 0) {
    const float value = x[nodes.feature[at]], threshold = nodes.threshold[at];
    const uint8_t flags = nodes.flags ? nodes.flags[at] : 0;
    bool is_true = flags & kTreeEqual ? value == threshold : value <= threshold;
    if (value != value) is_true = (flags & kTreeMissingIsTrue) != 0;
    at = nodes.children[2 * at + (is_true ? 1 : 0)];
  }
  return ~at;
}

MOTE_INLINE float tree_aggregate(int32_t aggregate, float so_far, float weight) {
  if (aggregate == kTreeLeast) return weight < so_far ? weight : so_far;
  if (aggregate == kTreeLargest) return weight > so_far ? weight : so_far;
  return so_far + weight;
}

MOTE_INLINE float tree_start(int32_t aggregate) {
  if (aggregate == kTreeLeast) return kTreeNothing;
  return aggregate == kTreeLargest ? -kTreeNothing : 0.0f;
}

MOTE_INLINE float tree_result(const TreeEnsembleParams& p, float sum) {
  if (p.aggregate == kTreeAverage) return sum / (float)p.trees;
  return p.aggregate != kTreeSum && sum == tree_start(p.aggregate) ? 0.0f : sum;
}

template <class Index>
MOTE_INLINE void tree_ensemble_rows(const TreeEnsembleParams& p, const float* x, const Index* roots,
                                    const TreeNodes<Index>& nodes, const float* weights,
                                    const int16_t* targets, const float* base, float* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.features, y += p.targets) {
    for (int32_t t = 0; t < p.targets; ++t) y[t] = tree_start(p.aggregate);
    for (int32_t tree = 0; tree < p.trees; ++tree) {
      const int32_t leaf = tree_leaf(nodes, roots[tree], x);
      float* out = y + (targets ? targets[leaf] : 0);
      for (int32_t i = 0; i < p.width; ++i)
        out[i] = tree_aggregate(p.aggregate, out[i], weights[leaf * p.width + i]);
    }
    for (int32_t t = 0; t < p.targets; ++t) y[t] = tree_result(p, y[t]) + (base ? base[t] : 0.0f);
  }
}

// Ensembles of up to 32767 nodes and leaves.
MOTE_INLINE void tree_ensemble_s16(const TreeEnsembleParams& p, const float* x,
                                   const int16_t* roots, const int16_t* feature,
                                   const float* threshold, const int16_t* children,
                                   const float* weights, const int16_t* targets, const float* base,
                                   const uint8_t* flags, float* y) {
  const TreeNodes<int16_t> nodes{feature, threshold, children, flags};
  tree_ensemble_rows(p, x, roots, nodes, weights, targets, base, y);
}

MOTE_INLINE void tree_ensemble_s32(const TreeEnsembleParams& p, const float* x,
                                   const int32_t* roots, const int16_t* feature,
                                   const float* threshold, const int32_t* children,
                                   const float* weights, const int16_t* targets, const float* base,
                                   const uint8_t* flags, float* y) {
  const TreeNodes<int32_t> nodes{feature, threshold, children, flags};
  tree_ensemble_rows(p, x, roots, nodes, weights, targets, base, y);
}

}  // namespace mote
