// SPDX-License-Identifier: Apache-2.0
// Wrap-around arithmetic: every pair of int8, the ends of wider types; and one definition for all
// operators, since an emitted model includes the kernels of several.
#include "core/wrapping.h"

#include <gtest/gtest.h>

#include <limits>

#include "ops/nn/add/add.h"
#include "ops/nn/cumsum/cumsum.h"
#include "ops/nn/unary/unary.h"

namespace mote {
namespace {

template <class T>
void check(T a, T b) {
  using Wide = __int128;
  ASSERT_EQ(wrapping_add(a, b), T(Wide(a) + Wide(b)));
  ASSERT_EQ(wrapping_sub(a, b), T(Wide(a) - Wide(b)));
  ASSERT_EQ(wrapping_mul(a, b), T(Wide(a) * Wide(b)));
  ASSERT_EQ(wrapping_neg(a), T(-Wide(a)));
}

template <class T>
void check_ends() {
  const T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  for (T a : {low, T(low + 1), T(-1), T(0), T(1), T(high / 3), high})
    for (T b : {low, T(-1), T(0), T(1), T(high / 2), high}) check(a, b);
}

TEST(Wrapping, EveryPairOfInt8AndTheEndsOfWiderTypes) {
  for (int a = -128; a < 128; ++a)
    for (int b = -128; b < 128; ++b) check(int8_t(a), int8_t(b));
  check_ends<int16_t>();
  check_ends<int32_t>();
  check_ends<int64_t>();
}

}  // namespace
}  // namespace mote
