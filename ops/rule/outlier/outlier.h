// SPDX-License-Identifier: Apache-2.0
// outlier: how strange the features are. score = min_k |x - centroid_k| / radius_k with the
// Euclidean distance: up to 1 is as near to a cluster of the training data as that data is. Out:
// s32 with 8 fraction bits (256 is a score of 1), rounded toward zero, at most 65,535 (255.996).
// Shapes: x [features], centroids [clusters, features], y [1]. Source: the nearest-centroid novelty
// score of k-means.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/fixed_point.h"
#include "core/float_bits.h"
#include "core/float_math.h"

namespace mote {

struct OutlierParams {
  int32_t features;
  int32_t clusters;
};
template <class Visitor>
void for_each_field(const OutlierParams& p, Visitor& field) {
  field("features", p.features);
  field("clusters", p.clusters);
}

// Squared distance in steps: each term is at most 255^2, so 32 bits hold 33,000 features, which the
// host checks.
MOTE_INLINE int32_t squared_distance_s8(const int8_t* a, const int8_t* b, int32_t count) {
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// int8 features, centroids in their scale. multipliers and shifts [clusters] turn a squared
// distance in steps into the squared score in Q16: (d * multiplier + 2^(shift - 1)) >> shift = d
// (scale / radius)^2 2^16; d < 2^31, multiplier <= 2^30, shift 0..62, so 64 bits hold the sum. One
// square root, of the smallest.
MOTE_INLINE void outlier_s8(const OutlierParams& p, const int8_t* x, const int8_t* centroids,
                            const int32_t* multipliers, const int32_t* shifts, int32_t* y) {
  int64_t smallest = UINT32_MAX;
  for (int32_t k = 0; k < p.clusters; ++k) {
    const int64_t d = squared_distance_s8(x, centroids + k * p.features, p.features);
    const int64_t squared = (d * multipliers[k] + (((int64_t)1 << shifts[k]) >> 1)) >> shifts[k];
    if (squared < smallest) smallest = squared;
  }
  y[0] = (int32_t)sqrt_u32((uint32_t)smallest);
}

// float32: terms added in the order of the features; weights [clusters] = 1 / radius^2. Half a unit
// is not added: both forms round toward zero.
MOTE_INLINE void outlier_f32(const OutlierParams& p, const float* x, const float* centroids,
                             const float* weights, int32_t* y) {
  float smallest = 65535.0f * 65535.0f / 65536.0f;
  for (int32_t k = 0; k < p.clusters; ++k) {
    float sum = 0.0f;
    for (int32_t i = 0; i < p.features; ++i) {
      const float difference = x[i] - centroids[k * p.features + i];
      sum += difference * difference;
    }
    sum *= weights[k];
    if (sum < smallest) smallest = sum;
  }
  const float score = sqrt_f32(smallest) * 256.0f;
  const int32_t nearest = to_int_saturating(score, 0, 65535);
  y[0] = (float)nearest > score ? nearest - 1 : nearest;
}

}  // namespace mote
