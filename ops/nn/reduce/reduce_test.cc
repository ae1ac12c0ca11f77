// SPDX-License-Identifier: Apache-2.0
// reduce, mean, arg_extreme, cumsum, normalize and their like over random shapes and axes against
// the definition, written out index by index; refusals. Byte-equality with TFLM is
// tests/conformance/foreign_reductions.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ops/run_one_node.h"

namespace mote {
namespace {

std::vector<int32_t> index_of(int64_t flat, const Shape& shape) {
  std::vector<int32_t> index(shape.size());
  for (size_t d = shape.size(); d-- > 0; flat /= shape[d]) index[d] = int32_t(flat % shape[d]);
  return index;
}

// The numbers of each output, in order; the key is the index without the axes.
template <class T>
std::vector<std::vector<T>> groups(const std::vector<T>& x, const Shape& shape,
                                   const std::vector<int64_t>& axes) {
  std::map<std::vector<int32_t>, std::vector<T>> all;
  for (size_t i = 0; i < x.size(); ++i) {
    std::vector<int32_t> index = index_of(int64_t(i), shape);
    for (int64_t axis : axes) index[size_t(axis < 0 ? axis + int64_t(shape.size()) : axis)] = 0;
    all[index].push_back(x[i]);
  }
  std::vector<std::vector<T>> out;
  for (auto& [index, numbers] : all) out.push_back(std::move(numbers));
  return out;
}

struct Case {
  Shape shape;
  std::vector<int64_t> axes;
};
// Every subset of the axes of shapes of one to six dimensions.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Shape& shape :
       {Shape{7}, {3, 4}, {2, 1, 5}, {3, 2, 4, 2}, {2, 3, 1, 4, 2}, {2, 3, 2, 2, 3, 2}})
    for (uint32_t set = 1; set < 1u << shape.size(); ++set) {
      Case one{shape, {}};
      for (size_t d = 0; d < shape.size(); ++d)
        if (set >> d & 1)
          one.axes.push_back(d % 2 ? int64_t(d) - int64_t(shape.size()) : int64_t(d));
      all.push_back(one);
    }
  return all;
}

Attributes over(const char* function, const std::vector<int64_t>& axes) {
  return {{"function", std::string(function)}, {"axes", axes}};
}

double reduced(const std::string& function, const std::vector<float>& x) {
  double sum = 0, squares = 0, absolute = 0, product = 1, exps = 0;
  for (double v : x) {
    sum += v, squares += v * v, absolute += std::fabs(v), product *= v, exps += std::exp(v);
  }
  if (function == "sum") return sum;
  if (function == "prod") return product;
  if (function == "l1") return absolute;
  if (function == "l2") return std::sqrt(squares);
  if (function == "sum_square") return squares;
  if (function == "log_sum") return std::log(sum);
  if (function == "log_sum_exp") return std::log(exps);
  return function == "max" ? *std::max_element(x.begin(), x.end())
                           : *std::min_element(x.begin(), x.end());
}

TEST(Reduce, EveryFunctionOverEverySetOfAxes) {
  Numbers n;
  for (const Case& c : cases()) {
    const auto x = n.reals(element_count(c.shape), 0.1f, 1.9f);
    const auto want = groups(x, c.shape, c.axes);
    for (const char* function :
         {"sum", "prod", "max", "min", "l1", "l2", "sum_square", "log_sum", "log_sum_exp"}) {
      OneNode one = OneNode::make<float>(c.shape);
      one.add(reduce_op, over(function, c.axes));
      const auto y = one.run<float>(x);
      ASSERT_EQ(y.size(), want.size());
      for (size_t i = 0; i < y.size(); ++i) {
        const double exact = reduced(function, want[i]);
        ASSERT_NEAR(double(y[i]), exact, 2e-5 * std::fabs(exact) + 1e-6) << function;
      }
    }
  }
}

template <class T>
void check_integers() {
  Numbers n;
  for (const Case& c : cases()) {
    const auto x = n.many<T>(element_count(c.shape), -100000, 100000);
    const auto want = groups(x, c.shape, c.axes);
    for (const char* function : {"sum", "prod", "max", "min"}) {
      OneNode one = OneNode::make<T>(c.shape);
      Attributes attributes = over(function, c.axes);
      attributes["keep_dims"] = int64_t{1};
      one.add(reduce_op, attributes);
      EXPECT_EQ(one.output().shape.size(), c.shape.size());
      const auto y = one.template run<T>(x);
      for (size_t i = 0; i < y.size(); ++i) {
        uint64_t sum = 0, product = 1;
        for (T v : want[i]) sum += uint64_t(v), product *= uint64_t(v);
        const T most = *std::max_element(want[i].begin(), want[i].end());
        const T least = *std::min_element(want[i].begin(), want[i].end());
        const std::string name = function;
        ASSERT_EQ(y[i], name == "sum"    ? T(sum)
                        : name == "prod" ? T(product)
                        : name == "max"  ? most
                                         : least);
      }
    }
  }
}
TEST(Reduce, IntegersWrapAround) {
  check_integers<int32_t>();
  check_integers<int64_t>();
}

// Products of ten factors, each scaled on the way: within a step or a hundredth.
TEST(Reduce, Int8AndInt16Products) {
  Numbers n;
  OneNode s8 = OneNode::make<int8_t>({100, 10}, per_tensor(0.016f, -3));
  s8.add(reduce_op, {{"function", std::string("prod")},
                     {"axes", std::vector<int64_t>{1}},
                     {"output_scale", 0.05},
                     {"output_zero_point", int64_t{4}}});
  const auto x = n.many<int8_t>(1000, -128, 127);
  const auto y = s8.run<int8_t>(x);
  for (size_t i = 0; i < y.size(); ++i) {
    double product = 1;
    for (size_t k = 0; k < 10; ++k) product *= double(0.016f) * (x[i * 10 + k] + 3);
    const double want = product / double(0.05f) + 4;
    ASSERT_NEAR(y[i], std::clamp(want, -128.0, 127.0), 1.5 + std::fabs(want) * 0.01) << i;
  }
  OneNode s16 = OneNode::make<int16_t>({50, 3}, per_tensor(1e-4f, 0));
  s16.add(reduce_op, {{"function", std::string("prod")},
                      {"axes", std::vector<int64_t>{1}},
                      {"output_scale", 1e-3}});
  const auto w = n.many<int16_t>(150, -32768, 32767);
  const auto z = s16.run<int16_t>(w);
  for (size_t i = 0; i < z.size(); ++i) {
    const double want = 1e-12 * w[i * 3] * w[i * 3 + 1] * w[i * 3 + 2] / 1e-3;
    ASSERT_NEAR(z[i], std::clamp(want, -32768.0, 32767.0), 2 + std::fabs(want) * 1e-3) << i;
  }
}

TEST(Reduce, AnyAndAllOfBooleans) {
  for (const char* function : {"any", "all"}) {
    OneNode one;
    one.input = one.graph.add_tensor_stream("x", ElementType::boolean, {4, 2}, {});
    one.add(reduce_op, over(function, {1}));
    EXPECT_EQ(one.output().type, ElementType::boolean);
    const bool any = std::string(function) == "any";
    EXPECT_EQ(one.run<uint8_t>(std::vector<uint8_t>{0, 0, 0, 1, 1, 0, 1, 1}),
              (std::vector<uint8_t>{0, any, any, 1}));
  }
}

TEST(Reduce, NoAxesAreAllAxes) {
  OneNode one = OneNode::make<float>({2, 3});
  one.add(reduce_op, over("sum", {}));
  EXPECT_EQ(one.output().shape, Shape{});
  EXPECT_EQ(one.run<float>(std::vector<float>{1, 2, 3, 4, 5, 6}), std::vector<float>{21});
}

TEST(Reduce, Refusals) {
  const auto refusal = [](OneNode one, const Attributes& attributes) {
    return code_of_failure([&] {
      one.add(reduce_op, attributes);
      Evaluator evaluator(one.graph);
    });
  };
  const OneNode f32 = OneNode::make<float>({2, 3});
  EXPECT_EQ(refusal(f32, over("sum", {0, 1, -1, 0})), "");
  EXPECT_EQ(refusal(f32, over("sum", {2})), "wrong-attribute");
  EXPECT_EQ(refusal(f32, over("sum", {-3})), "wrong-attribute");
  EXPECT_EQ(refusal(f32, over("sum", {INT64_MIN})), "wrong-attribute");
  EXPECT_EQ(refusal(f32, over("average", {1})), "unknown-function");
  EXPECT_EQ(refusal(f32, over("any", {1})), "wrong-type");
  EXPECT_EQ(refusal(OneNode::make<int32_t>({2}), over("l1", {0})), "wrong-type");
  EXPECT_EQ(refusal(OneNode::make<int8_t>({2}), over("sum", {0})), "wrong-quantization");
  EXPECT_EQ(refusal(OneNode::make<int8_t>({2}, per_tensor(1e6f, 0)),
                    {{"function", std::string("sum")}, {"output_scale", 1e-3}}),
            "wrong-quantization");
  EXPECT_EQ(refusal(OneNode::make<int8_t>({2}, per_tensor(1e6f, 0)),
                    {{"function", std::string("prod")}, {"output_scale", 1e-3}}),
            "wrong-quantization");
  const OneNode seven = OneNode::make<float>({2, 2, 2, 2, 2, 2, 2, 2});
  EXPECT_EQ(refusal(seven, over("sum", {0, 2, 4, 6})), "wrong-attribute");
}

TEST(Mean, OverEverySetOfAxes) {
  Numbers n;
  for (const Case& c : cases()) {
    const auto x = n.many<int16_t>(element_count(c.shape), -32768, 32767);
    const auto want = groups(x, c.shape, c.axes);
    const auto means = [&want](size_t i) {
      double sum = 0;
      for (double v : want[i]) sum += v;
      return sum / double(want[i].size());
    };
    OneNode s16 = OneNode::make<int16_t>(c.shape, per_tensor(0.01f, 0));
    s16.add(mean_op, {{"axes", c.axes}, {"output_scale", double(0.01f)}});
    const auto y = s16.run<int16_t>(x);
    ASSERT_EQ(y.size(), want.size());
    for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], means(i), 0.76);
    OneNode f32 = OneNode::make<float>(c.shape);
    f32.add(mean_op, {{"axes", c.axes}});
    const auto z = f32.run<float>(std::vector<float>(x.begin(), x.end()));
    for (size_t i = 0; i < z.size(); ++i) ASSERT_NEAR(double(z[i]), means(i), 0.01);
  }
}

}  // namespace
}  // namespace mote
