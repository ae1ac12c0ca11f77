// SPDX-License-Identifier: Apache-2.0
// What is written is read back; the header is NumPy's own. (Refusals: readers/npy_test.cc.)
#include "data/npy.h"

#include <gtest/gtest.h>

#include <cstring>

namespace mote {
namespace {

TEST(NpyTensor, WhatIsWrittenIsReadBack) {
  const Bytes numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (const auto& [type, shape] :
       std::vector<std::pair<ElementType, Shape>>{{ElementType::s8, {12}},
                                                  {ElementType::u8, {3, 4}},
                                                  {ElementType::boolean, {1, 12, 1}},
                                                  {ElementType::s16, {6}},
                                                  {ElementType::u16, {2, 3}},
                                                  {ElementType::f32, {3}},
                                                  {ElementType::s32, {1, 1, 3}},
                                                  {ElementType::u32, {3, 1}}}) {
    Diagnostics diagnostics;
    const std::string file = npy_bytes(type, shape, numbers);
    EXPECT_EQ((file.size() - numbers.size()) % 64, 0u);
    const auto tensor = parse_npy_tensor(file, "x.npy", diagnostics);
    ASSERT_TRUE(tensor) << to_string(type);
    EXPECT_EQ(tensor->type->element, type);
    EXPECT_EQ(tensor->shape, std::vector<int64_t>(shape.begin(), shape.end()));
    EXPECT_EQ(std::memcmp(tensor->data.data(), numbers.data(), numbers.size()), 0);
  }
}

TEST(NpyTensor, AScalarHasNoDimensions) {
  Diagnostics diagnostics;
  const auto tensor = parse_npy_tensor(npy_bytes(ElementType::s8, {}, Bytes{7}), "x", diagnostics);
  ASSERT_TRUE(tensor);
  EXPECT_TRUE(tensor->shape.empty());
  EXPECT_EQ(tensor->elements(), 1);
}

}  // namespace
}  // namespace mote
