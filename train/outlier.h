// SPDX-License-Identifier: Apache-2.0
// What training data looks like, so that the device can say "I have never seen this": k-means on
// standardised features, a radius for each cluster. The rule operator `outlier` computes the score
// on the device.
#pragma once
#include "train/train.h"

namespace mote {

struct OutlierOptions {
  int32_t clusters = 16;   // fewer where there are fewer different samples
  double quantile = 0.99;  // share of a cluster's training samples within its radius
  int32_t iterations = 100;
  uint64_t seed = 1;
};

// score(x) = min over k of |x - centroid_k| / radius_k: up to 1 is as near as training data.
struct OutlierModel {
  int32_t features = 0;
  std::vector<float> centroids;  // [clusters, features]
  std::vector<float> radii;      // [clusters], > 0

  int32_t clusters() const { return int32_t(radii.size()); }
};

// k-means++ and Lloyd's iterations. `features` is [samples, n_features]. Fails with fewer than 2
// samples.
OutlierModel fit_outliers(const std::vector<float>& features, int32_t n_features,
                          const OutlierOptions& options);

// The score of one sample, in double precision.
double outlier_score(const OutlierModel& model, const float* sample);

}  // namespace mote
