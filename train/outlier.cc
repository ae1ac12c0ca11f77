// SPDX-License-Identifier: Apache-2.0
// k-means and radii. See outlier.h.
#include "train/outlier.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/random.h"

namespace mote {
namespace {

// Samples to be clustered, row by row.
struct Rows {
  const std::vector<float>& values;
  int64_t width;

  int64_t count() const { return int64_t(values.size()) / width; }
  const float* operator[](int64_t i) const { return values.data() + i * width; }
};

double squared_distance(const float* a, const float* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
  return sum;
}

struct Nearest {
  int32_t cluster = 0;
  double squared = std::numeric_limits<double>::infinity();
};
Nearest nearest_centroid(const float* sample, const std::vector<float>& centroids, int64_t width) {
  Nearest best;
  const auto count = int32_t(int64_t(centroids.size()) / width);
  for (int32_t k = 0; k < count; ++k) {
    const double d = squared_distance(sample, centroids.data() + k * width, width);
    if (d < best.squared) best = {k, d};
  }
  return best;
}

// k-means++ (Arthur and Vassilvitskii 2007): each next centre drawn in proportion to its squared
// distance from those there are. Stops early when every sample is a centre.
std::vector<float> first_centroids(const Rows& rows, int32_t clusters, Random& random) {
  const int64_t first = random.below(rows.count());
  std::vector<float> centroids(rows[first], rows[first] + rows.width);
  std::vector<double> squared(size_t(rows.count()), std::numeric_limits<double>::infinity());
  for (int32_t k = 1; k < clusters; ++k) {
    const float* last = centroids.data() + (k - 1) * rows.width;
    double total = 0;
    for (int64_t i = 0; i < rows.count(); ++i) {
      squared[size_t(i)] =
          std::min(squared[size_t(i)], squared_distance(rows[i], last, rows.width));
      total += squared[size_t(i)];
    }
    if (total <= 0) break;
    double left = random.uniform() * total;
    int64_t drawn = -1;
    for (int64_t i = 0; i < rows.count() && (drawn < 0 || left >= 0); ++i) {
      if (squared[size_t(i)] > 0) drawn = i;
      left -= squared[size_t(i)];
    }
    centroids.insert(centroids.end(), rows[drawn], rows[drawn] + rows.width);
  }
  return centroids;
}

// One of Lloyd's iterations: true if any centre moved. A centre without samples stays where it is.
bool move_centroids(const Rows& rows, std::vector<float>& centroids) {
  std::vector<double> sums(centroids.size());
  std::vector<int64_t> counts(centroids.size() / size_t(rows.width));
  for (int64_t i = 0; i < rows.count(); ++i) {
    const int32_t k = nearest_centroid(rows[i], centroids, rows.width).cluster;
    ++counts[size_t(k)];
    for (int64_t j = 0; j < rows.width; ++j) sums[size_t(k * rows.width + j)] += rows[i][j];
  }
  bool moved = false;
  for (size_t j = 0; j < centroids.size(); ++j) {
    const int64_t count = counts[j / size_t(rows.width)];
    if (count == 0) continue;
    const auto mean = float(sums[j] / double(count));
    moved = moved || mean != centroids[j];
    centroids[j] = mean;
  }
  return moved;
}

double quantile_of(std::vector<double> values, double quantile) {
  std::sort(values.begin(), values.end());
  const auto rank = size_t(std::ceil(quantile * double(values.size())));
  return values[std::clamp<size_t>(rank, 1, values.size()) - 1];
}

// The quantile of each cluster's own distances, but at least half of what all samples have: a
// cluster of a few near-equal samples would otherwise call its neighbours strange.
std::vector<float> radii_of(const Rows& rows, const std::vector<float>& centroids,
                            double quantile) {
  std::vector<std::vector<double>> distances(centroids.size() / size_t(rows.width));
  std::vector<double> all;
  for (int64_t i = 0; i < rows.count(); ++i) {
    const Nearest n = nearest_centroid(rows[i], centroids, rows.width);
    distances[size_t(n.cluster)].push_back(std::sqrt(n.squared));
    all.push_back(std::sqrt(n.squared));
  }
  const double smallest = std::max(0.5 * quantile_of(all, quantile), 1e-3);
  std::vector<float> radii;
  for (const auto& own : distances)
    radii.push_back(float(own.empty() ? smallest : std::max(smallest, quantile_of(own, quantile))));
  return radii;
}

}  // namespace

OutlierModel fit_outliers(const std::vector<float>& features, int32_t n_features,
                          const OutlierOptions& options) {
  MOTE_ASSERT(n_features > 0 && features.size() % size_t(n_features) == 0);
  const Rows rows{features, n_features};
  if (rows.count() < 2)
    fail("too-few-samples", "outlier score", "fewer than 2 training samples",
         "add recordings, or leave the score out");
  if (options.clusters < 1 || !(options.quantile > 0 && options.quantile <= 1))
    fail("wrong-option", "outlier score",
         "clusters must be at least 1, quantile above 0 and at most 1");
  Random random(options.seed);
  OutlierModel model;
  model.features = n_features;
  model.centroids =
      first_centroids(rows, int32_t(std::min<int64_t>(options.clusters, rows.count())), random);
  for (int32_t i = 0; i < options.iterations && move_centroids(rows, model.centroids); ++i) {
  }
  model.radii = radii_of(rows, model.centroids, options.quantile);
  return model;
}

double outlier_score(const OutlierModel& model, const float* sample) {
  double best = std::numeric_limits<double>::infinity();
  for (int32_t k = 0; k < model.clusters(); ++k) {
    const double squared =
        squared_distance(sample, model.centroids.data() + k * model.features, model.features);
    best = std::min(best, std::sqrt(squared) / double(model.radii[size_t(k)]));
  }
  return best;
}

}  // namespace mote
