// SPDX-License-Identifier: Apache-2.0
// Host half of outlier: inputs (features f32 | s8 of any shape, centroids f32 [clusters, features],
// radii f32 [clusters])
// -> s32 [1], the score with 8 fraction bits. The int8 form's centroids and factors are made here.
#include "ops/rule/outlier/outlier.h"

#include <algorithm>
#include <cmath>

#include "graph/quantizer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/rule/outlier/outlier.h";
constexpr int64_t kMostFeatures = 33000;

void check_table(const NodeView& node, size_t i, const char* name, const Shape& shape) {
  const Value& table = node.input(i);
  if (table.kind != ValueKind::constant || table.type != ElementType::f32 || table.shape != shape)
    node.refuse("wrong-shape", std::string(name) + " must be a constant of f32",
                "centroids [clusters, features], radii [clusters]");
  for (int64_t j = 0; j < table.elements(); ++j)
    if (!std::isfinite(table.as<float>()[j]))
      node.refuse("wrong-statistics",
                  std::string(name) + "[" + std::to_string(j) + "] is not finite");
}

Inference infer(const NodeView& node) {
  const Value& x = node.input(0);
  if (x.type != ElementType::f32 && x.type != ElementType::s8)
    node.refuse("wrong-type", std::string("features are ") + to_string(x.type), "use f32 or s8");
  if (x.elements() < 1 || x.elements() > kMostFeatures)
    node.refuse("too-large", "there are " + std::to_string(x.elements()) + " features",
                "use 1 to 33000");
  const auto clusters = int32_t(node.input(2).elements());
  if (clusters < 1) node.refuse("wrong-shape", "there are no clusters");
  check_table(node, 1, "centroids", {clusters, int32_t(x.elements())});
  check_table(node, 2, "radii", {clusters});
  for (int32_t k = 0; k < clusters; ++k)
    if (!(node.input(2).as<float>()[k] > 0))
      node.refuse("wrong-statistics", "radii[" + std::to_string(k) + "] is not positive");
  return {{{ElementType::s32, {1}, per_tensor(1.0f / 256, 0), x.clock}}, {}};
}

std::vector<int8_t> quantised_centroids(const NodeView& node) {
  const Quantization& q = node.input(0).quantization;
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < node.input(1).elements(); ++i) {
    const double steps =
        std::round(double(node.input(1).as<float>()[i]) / double(q.scale())) + q.zero_point();
    numbers.push_back(int8_t(std::clamp(steps, -128.0, 127.0)));
  }
  return numbers;
}

KernelCall lower_s8(const NodeView& node, const OutlierParams& params) {
  std::vector<int32_t> multipliers, shifts;
  for (int32_t k = 0; k < params.clusters; ++k) {
    const double ratio =
        double(node.input(0).quantization.scale()) / double(node.input(2).as<float>()[k]);
    const QuantizedMultiplier m = quantize_multiplier(ratio * ratio * 65536);
    // One bit less than TFLite's form: the product leaves room for the rounding term.
    multipliers.push_back(int32_t((int64_t(m.multiplier) + 1) >> 1));
    shifts.push_back(30 - m.shift);
  }
  KernelCall call = make_kernel_call(kHeader, MOTE_KERNEL(outlier_s8), "OutlierParams", params);
  call.input(0);
  call.constant("centroids", ElementType::s8, quantised_centroids(node));
  call.constant("multipliers", ElementType::s32, multipliers);
  call.constant("shifts", ElementType::s32, shifts);
  return call.output();
}

KernelCall lower(const NodeView& node) {
  const OutlierParams params{int32_t(node.input(0).elements()), int32_t(node.input(2).elements())};
  if (node.input(0).type == ElementType::s8) return lower_s8(node, params);
  std::vector<float> weights;
  for (int32_t k = 0; k < params.clusters; ++k) {
    const double radius = node.input(2).as<float>()[k];
    weights.push_back(float(std::min(1 / (radius * radius), 3e38)));
  }
  KernelCall call = make_kernel_call(kHeader, MOTE_KERNEL(outlier_f32), "OutlierParams", params);
  call.input(0).input(1);
  return call.constant("weights", ElementType::f32, weights).output();
}

int64_t macs(const NodeView& node) { return node.input(1).elements(); }

}  // namespace

const OpDef outlier_op{
    .name = "outlier",
    .room = "rule",
    .summary = "distance to the nearest cluster of training data, in its radii; f32, s8",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .macs = macs,
    .quantize = quantize_same_scale,
};

}  // namespace mote
