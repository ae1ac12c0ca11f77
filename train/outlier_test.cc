// SPDX-License-Identifier: Apache-2.0
// k-means against clusters that are known, and the score's promise about training data and
// strangers.
#include "train/outlier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "train/random.h"

namespace mote {
namespace {

// `count` samples around each of 3 corners.
std::vector<float> three_clusters(int32_t count, uint64_t seed) {
  Random random(seed);
  const float corners[3][2] = {{-3, -3}, {3, -3}, {0, 3}};
  std::vector<float> features;
  for (int32_t i = 0; i < 3 * count; ++i)
    for (int32_t j = 0; j < 2; ++j)
      features.push_back(corners[i % 3][j] + float(0.3 * random.normal()));
  return features;
}

TEST(Outlier, FindsTheClusters) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const OutlierModel model =
        fit_outliers(three_clusters(200, seed), 2, {.clusters = 3, .seed = seed});
    ASSERT_EQ(model.clusters(), 3);
    for (const auto& corner : {std::pair{-3, -3}, {3, -3}, {0, 3}}) {
      double nearest = 1e9;
      for (int k = 0; k < 3; ++k)
        nearest = std::min<double>(nearest,
                                   std::hypot(model.centroids[size_t(2 * k)] - corner.first,
                                              model.centroids[size_t(2 * k + 1)] - corner.second));
      EXPECT_LT(nearest, 0.15) << "seed " << seed;
    }
  }
}

TEST(Outlier, TrainingSamplesScoreBelowOneAndStrangersAbove) {
  const auto features = three_clusters(400, 5);
  const OutlierModel model = fit_outliers(features, 2, {.clusters = 6, .quantile = 0.98});
  int64_t inside = 0;
  for (size_t i = 0; i < features.size(); i += 2) inside += outlier_score(model, &features[i]) <= 1;
  EXPECT_GE(double(inside) / double(features.size() / 2), 0.98);
  const auto fresh = three_clusters(400, 6);
  inside = 0;
  for (size_t i = 0; i < fresh.size(); i += 2) inside += outlier_score(model, &fresh[i]) <= 1;
  EXPECT_GE(double(inside) / double(fresh.size() / 2), 0.93);
  for (const auto& stranger : {std::array{0.f, 0.f}, {-3.f, 3.f}, {4.f, 4.f}})
    EXPECT_GT(outlier_score(model, stranger.data()), 1.5);
}

TEST(Outlier, LloydNeverLeavesASampleWithAFartherCentroid) {
  const auto features = three_clusters(100, 8);
  const OutlierModel model = fit_outliers(features, 2, {.clusters = 5});
  // Fixed point: each centroid is the mean of the samples nearest to it.
  std::vector<double> sums(10), counts(5);
  for (size_t i = 0; i < features.size(); i += 2) {
    size_t best = 0;
    double least = 1e9;
    for (size_t k = 0; k < 5; ++k) {
      const double d = std::hypot(features[i] - model.centroids[2 * k],
                                  features[i + 1] - model.centroids[2 * k + 1]);
      if (d < least) least = d, best = k;
    }
    ++counts[best];
    for (size_t j = 0; j < 2; ++j) sums[2 * best + j] += features[i + j];
  }
  for (size_t k = 0; k < 5; ++k)
    for (size_t j = 0; j < 2; ++j)
      EXPECT_NEAR(model.centroids[2 * k + j], sums[2 * k + j] / counts[k], 1e-4);
}

TEST(Outlier, EqualSamplesGiveOneClusterWithAPositiveRadius) {
  const OutlierModel model = fit_outliers(std::vector<float>(40, 0.5f), 4, {.clusters = 8});
  EXPECT_EQ(model.clusters(), 1);
  EXPECT_GT(model.radii[0], 0);
  const std::vector<float> sample(4, 0.5f);
  EXPECT_EQ(outlier_score(model, sample.data()), 0);
}

TEST(Outlier, SameSeedSameModel) {
  const auto features = three_clusters(50, 1);
  EXPECT_EQ(fit_outliers(features, 2, {.seed = 3}).centroids,
            fit_outliers(features, 2, {.seed = 3}).centroids);
}

TEST(Outlier, OneSampleIsRefused) { EXPECT_THROW(fit_outliers({1, 2}, 2, {}), UserError); }

}  // namespace
}  // namespace mote
