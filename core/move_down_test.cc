// SPDX-License-Identifier: Apache-2.0
// move_down: every start and distance within two blocks of words, as memmove.
#include "core/move_down.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote {
namespace {

TEST(MoveDown, IsMemmoveAtEveryStartAndDistance) {
  alignas(4) uint8_t given[256], wanted[256];
  for (int32_t to = 0; to < 8; ++to)
    for (int32_t distance = 1; distance <= 72; ++distance)
      for (int32_t count = 0; count <= 150; ++count) {
        for (size_t i = 0; i < sizeof given; ++i) given[i] = wanted[i] = uint8_t(i * 37 + 11);
        move_down(given + to, given + to + distance, count);
        memmove(wanted + to, wanted + to + distance, size_t(count));
        ASSERT_EQ(memcmp(given, wanted, sizeof given), 0)
            << to << " from " << to + distance << ", " << count << " bytes";
      }
}

TEST(MoveBytes, IsMemmoveBothWays) {
  alignas(4) uint8_t given[256], wanted[256];
  for (int32_t from = 0; from < 80; ++from)
    for (int32_t to = 0; to < 80; ++to)
      for (int32_t count = 0; count <= 150; count += 1 + count / 9) {
        for (size_t i = 0; i < sizeof given; ++i) given[i] = wanted[i] = uint8_t(i * 37 + 11);
        move_bytes(given + to, given + from, count);
        memmove(wanted + to, wanted + from, size_t(count));
        ASSERT_EQ(memcmp(given, wanted, sizeof given), 0)
            << to << " from " << from << ", " << count << " bytes";
      }
}

}  // namespace
}  // namespace mote
