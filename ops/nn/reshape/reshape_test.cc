// SPDX-License-Identifier: Apache-2.0
// reshape: shapes that fit, shapes that do not, and bytes that stay where they are.
#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

OneNode make_node(const std::vector<int64_t>& shape) {
  OneNode one = OneNode::make<int8_t>({2, 6}, per_tensor(0.5f, 3));
  one.add(reshape_op, {{"shape", shape}});
  return one;
}

TEST(Reshape, KeepsBytesTypeAndQuantization) {
  const OneNode one = make_node({3, -1, 2});
  EXPECT_EQ(one.output().shape, (Shape{3, 2, 2}));
  EXPECT_EQ(one.output().quantization, per_tensor(0.5f, 3));
  const std::vector<int8_t> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  EXPECT_EQ(one.run<int8_t>(x), x);
}

TEST(Reshape, Refusals) {
  EXPECT_EQ(make_node({12}).output().shape, (Shape{12}));
  EXPECT_EQ(make_node({-1}).output().shape, (Shape{12}));
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
           {11}, {-1, -1}, {5, -1}, {0, -1}, {-2, 6}, {INT64_MAX, INT64_MAX}, {}})
    EXPECT_EQ(code_of_failure([&] { make_node(shape); }), "wrong-shape");
}

}  // namespace
}  // namespace mote
