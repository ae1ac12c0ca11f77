// SPDX-License-Identifier: Apache-2.0
// Statistics of features and their operator. See standardization.h.
#include "project/standardization.h"

#include <algorithm>
#include <cmath>

#include "ops/registry.h"

namespace mote {
namespace {

constexpr double kRange = 4.0;  // standardised features are clamped to +-4 standard deviations

size_t period_of(const FeatureTable& table) {
  return size_t(table.shape.size() >= 2 ? table.shape.back() : element_count(table.shape));
}

}  // namespace

Standardization standardization_of(const FeatureTable& table, int64_t& constant) {
  const size_t period = period_of(table);
  std::vector<double> sum(period, 0), square(period, 0);
  for (size_t i = 0; i < table.values.size(); ++i) sum[i % period] += table.values[i];
  const double count = std::max(1.0, double(table.values.size() / period));
  for (double& s : sum) s /= count;
  for (size_t i = 0; i < table.values.size(); ++i) {
    const double d = table.values[i] - sum[i % period];
    square[i % period] += d * d;
  }
  Standardization out;
  for (size_t p = 0; p < period; ++p) {
    const double deviation = std::sqrt(square[p] / count);
    // Below one unit in the last place of the mean the deviation is rounding, not signal.
    const bool flat = deviation <= 1e-6 * std::fabs(sum[p]) + 1e-9;
    constant += flat;
    out.mean.push_back(float(sum[p]));
    out.inv_std.push_back(flat ? 0.0f : float(1.0 / deviation));
  }
  return out;
}

ValueId append_standardize(Graph& graph, ValueId features, const Standardization& standardization,
                           const std::string& name) {
  const auto period = int32_t(standardization.mean.size());
  const ValueId mean =
      graph.add_constant(name + "/mean", ElementType::f32, {period}, standardization.mean);
  const ValueId inv_std =
      graph.add_constant(name + "/inv_std", ElementType::f32, {period}, standardization.inv_std);
  return graph.add_node(standardize_op, name, {features, mean, inv_std},
                        {{"range", kRange}, {"output", std::string("f32")}});
}

std::vector<float> standardized(const FeatureTable& table, const Standardization& standardization) {
  const size_t period = standardization.mean.size();
  std::vector<float> out;
  out.reserve(table.values.size());
  for (size_t i = 0; i < table.values.size(); ++i) {
    const double z = (double(table.values[i]) - standardization.mean[i % period]) *
                     standardization.inv_std[i % period];
    out.push_back(float(std::clamp(z, -kRange, kRange * 127 / 128)));
  }
  return out;
}

}  // namespace mote
