// SPDX-License-Identifier: Apache-2.0
// outlier against the distance in double precision; saturation, exact points, refusals.
#include "ops/rule/outlier/outlier.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

struct Clusters {
  int32_t features;
  std::vector<float> centroids, radii;
};

template <class T>
OneNode make_node(const Clusters& c, Quantization quantization = {}) {
  OneNode one = OneNode::make<T>({c.features}, std::move(quantization));
  const auto clusters = int32_t(c.radii.size());
  one.add(outlier_op, {},
          {one.constant("centroids", {clusters, c.features}, c.centroids),
           one.constant("radii", {clusters}, c.radii)});
  return one;
}

double exact(const Clusters& c, const std::vector<double>& x) {
  double least = 1e300;
  for (size_t k = 0; k < c.radii.size(); ++k) {
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) sum += std::pow(x[i] - c.centroids[k * x.size() + i], 2);
    least = std::min(least, std::sqrt(sum) / c.radii[k]);
  }
  return least;
}

constexpr float kScale = 1.0f / 32;  // standardize's

// Centroids on the int8 grid: only the score's own arithmetic remains.
Clusters random_clusters(Numbers& n, int32_t features, int32_t clusters) {
  Clusters c{features, {}, n.reals(clusters, 0.3f, 4)};
  for (int32_t i = 0; i < features * clusters; ++i)
    c.centroids.push_back(float(n.integer(-100, 100)) * kScale);
  return c;
}

TEST(Outlier, BothFormsAgainstTheFormula) {
  Numbers n;
  for (int round = 0; round < 200; ++round) {
    const Clusters c = random_clusters(n, n.integer(1, 60), n.integer(1, 8));
    const auto q = n.many<int8_t>(c.features, -128, 127);
    std::vector<double> real;
    std::vector<float> x;
    for (int8_t number : q)
      real.push_back(double(number) * kScale), x.push_back(float(number) * kScale);
    const double want = std::min(exact(c, real) * 256, 65535.0);
    const OneNode s8 = make_node<int8_t>(c, per_tensor(kScale, 0));
    EXPECT_EQ(s8.output().quantization, per_tensor(1.0f / 256, 0));
    // Rounded toward zero, from a square that is itself rounded to 1/2: |error of the root| < 1
    // above a root of 1.
    EXPECT_NEAR(s8.run<int32_t>(q)[0], want - 0.5, 0.51 + 0.3);
    EXPECT_NEAR(make_node<float>(c).run<int32_t>(x)[0], want - 0.5, 0.51 + 1e-5 * want);
  }
}

TEST(Outlier, OneRadiusIs256AndACentroidIs0) {
  const Clusters c{2, {0, 0, 3, 0}, {1, 2}};
  const OneNode s8 = make_node<int8_t>(c, per_tensor(kScale, 0));
  const OneNode f32 = make_node<float>(c);
  EXPECT_EQ(s8.run<int32_t>(std::vector<int8_t>{0, 32})[0], 256);
  EXPECT_EQ(f32.run<int32_t>(std::vector<float>{0, 1})[0], 256);
  EXPECT_EQ(s8.run<int32_t>(std::vector<int8_t>{96, 0})[0], 0);
  EXPECT_EQ(f32.run<int32_t>(std::vector<float>{3, 0})[0], 0);
  // 2 from the second centroid, one of its radii; 1 + sqrt 5 from the first.
  EXPECT_EQ(s8.run<int32_t>(std::vector<int8_t>{96, 64})[0], 256);
}

TEST(Outlier, SaturatesInBothForms) {
  const Clusters c{3, {0, 0, 0}, {1e-4f}};
  EXPECT_EQ(make_node<int8_t>(c, per_tensor(kScale, 0))
                .run<int32_t>(std::vector<int8_t>{127, 127, 127})[0],
            65535);
  EXPECT_EQ(make_node<float>(c).run<int32_t>(std::vector<float>{1e30f, 0, 0})[0], 65535);
}

TEST(Outlier, Refusals) {
  EXPECT_EQ(code_of_failure([] { make_node<float>({2, {0, 0}, {1}}); }), "");
  EXPECT_EQ(code_of_failure([] { make_node<float>({2, {0, 0}, {0}}); }), "wrong-statistics");
  EXPECT_EQ(code_of_failure([] { make_node<float>({2, {0, NAN}, {1}}); }), "wrong-statistics");
  EXPECT_EQ(code_of_failure([] { make_node<int16_t>({2, {0, 0}, {1}}); }), "wrong-type");
  EXPECT_EQ(code_of_failure([] {
              make_node<float>({40000, std::vector<float>(40000), {1}});
            }),
            "too-large");
}

}  // namespace
}  // namespace mote
