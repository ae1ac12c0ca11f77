// SPDX-License-Identifier: Apache-2.0
// Einstein's sums against sums over all indices in double precision; what is refused.
#include "compiler/import/einsum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "graph/evaluator.h"
#include "graph/verify.h"

namespace mote {
namespace {

struct Operand {
  std::string letters;  // of its dimensions: "..." is written out
  Shape shape;
  std::vector<float> numbers;
  bool constant = false;
};

class Sum {
 public:
  explicit Sum(uint32_t seed) : random_(seed) {}

  void add(const std::string& letters, const Shape& shape, bool constant = false) {
    std::uniform_real_distribution<float> number(-1, 1);
    Operand operand{letters, shape, {}, constant};
    for (int64_t i = 0; i < element_count(shape); ++i) operand.numbers.push_back(number(random_));
    operands_.push_back(operand);
  }

  // By our layers.
  std::vector<float> answer(const std::string& equation) {
    Assembly assembly("sum");
    std::vector<ValueId> ids;
    Bytes sample;
    for (size_t i = 0; i < operands_.size(); ++i) {
      const Operand& o = operands_[i];
      const std::string name = "x" + std::to_string(i);
      const auto* bytes = reinterpret_cast<const uint8_t*>(o.numbers.data());
      if (o.constant) {
        ids.push_back(assembly.add_constant(name, ElementType::f32, o.shape, o.numbers));
        continue;
      }
      sample.insert(sample.end(), bytes, bytes + o.numbers.size() * sizeof(float));
      Graph& graph = assembly.graph();
      ids.push_back(graph.streams.empty()
                        ? graph.add_tensor_stream(name, ElementType::f32, o.shape, {})
                        : graph.add_sample_tensor(0, name, ElementType::f32, o.shape, {}));
    }
    const ValueId y = einsum(assembly, "y", equation, ids);
    Graph graph = std::move(assembly.graph());
    graph.outputs = {y};
    shape_ = graph.value(y).shape;
    Diagnostics diagnostics;
    verify(graph, diagnostics);
    diagnostics.stop_if_any();
    Evaluator evaluator(graph);
    evaluator.push(0, sample.data());
    const auto bytes = evaluator.bytes(y);
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  }
  const Shape& shape() const { return shape_; }

  // By its meaning; letters of the result written out.
  std::vector<double> expected(const std::string& result) const {
    std::map<char, int32_t> extents;
    for (const Operand& o : operands_)
      for (size_t d = 0; d < o.letters.size(); ++d)
        extents[o.letters[d]] = std::max(extents[o.letters[d]], o.shape[d]);
    int64_t count = 1, out = 1;
    for (const auto& [letter, extent] : extents) count *= extent;
    for (char letter : result) out *= extents.at(letter);
    std::vector<double> sums(size_t(out), 0.0);
    for (int64_t i = 0; i < count; ++i) {
      std::map<char, int64_t> index;
      int64_t rest = i, at = 0;
      for (const auto& [letter, extent] : extents) index[letter] = rest % extent, rest /= extent;
      for (char letter : result) at = at * extents.at(letter) + index.at(letter);
      double product = 1;
      for (const Operand& o : operands_) {
        int64_t from = 0;
        for (size_t d = 0; d < o.letters.size(); ++d)
          from = from * o.shape[d] + (o.shape[d] == 1 ? 0 : index.at(o.letters[d]));
        product *= double(o.numbers[size_t(from)]);
      }
      sums[size_t(at)] += product;
    }
    return sums;
  }

  void expect(const std::string& equation, const std::string& result) {
    const std::vector<float> got = answer(equation);
    const std::vector<double> wanted = expected(result);
    ASSERT_EQ(got.size(), wanted.size()) << equation;
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(double(got[i]), wanted[i], 1e-5 * (1 + std::fabs(wanted[i]))) << equation;
  }

 private:
  std::mt19937 random_;
  std::vector<Operand> operands_;
  Shape shape_;
};

TEST(Einsum, OfOneOperand) {
  for (const char* result : {"abc", "cab", "ba", "c", ""}) {
    Sum sum(1);
    sum.add("abc", {2, 3, 4});
    sum.expect(std::string("abc->") + result, result);
  }
}

TEST(Einsum, OfTwoOperands) {
  const struct {
    const char *a, *b, *result;
  } cases[] = {{"ij", "jk", "ik"},       {"ij", "kj", "ki"}, {"bij", "bjk", "bik"},
               {"bhqd", "bhkd", "bhqk"}, {"i", "j", "ji"},   {"ij", "ij", ""},
               {"ij", "ij", "ij"},       {"ijk", "k", "i"},  {"bqhd", "bkhd", "bhqk"},
               {"ab", "cd", "ad"},       {"ij", "", "ji"},   {"bnd", "dhk", "bhnk"}};
  const std::map<char, int32_t> extents{{'a', 2}, {'b', 2}, {'c', 3}, {'d', 4}, {'h', 3},
                                        {'i', 3}, {'j', 4}, {'k', 5}, {'n', 4}, {'q', 3}};
  for (const auto& [a, b, result] : cases)
    for (int constant = 0; constant < 3; ++constant) {
      Sum sum(7);
      const char* both[] = {a, b};
      for (int o = 0; o < 2; ++o) {
        Shape shape;
        for (const char* c = both[o]; *c; ++c) shape.push_back(extents.at(*c));
        sum.add(both[o], shape, constant == o + 1);
      }
      sum.expect(std::string(a) + " , " + b + " -> " + result, result);
    }
}

TEST(Einsum, OfThreeOperands) {
  Sum sum(3);
  sum.add("bi", {2, 3});
  sum.add("ijk", {3, 4, 5});
  sum.add("bk", {2, 5});
  sum.expect("bi,ijk,bk->bj", "bj");
  sum.expect("bi,ijk,bk->kj", "kj");
}

TEST(Einsum, WithoutAnArrowSortsWhatStandsOnce) {
  Sum sum(4);
  sum.add("kj", {5, 4});
  sum.add("ji", {4, 3});
  sum.expect("kj,ji", "ik");
}

// "..." of two dimensions beside one, of 1 beside more.
TEST(Einsum, DotsStretch) {
  Sum sum(5);
  sum.add("uvij", {2, 3, 4, 5});
  sum.add("vjk", {1, 5, 6});
  sum.expect("...ij,...jk->...ik", "uvik");
  sum.expect("...ij,...jk", "uvik");
  EXPECT_EQ(sum.shape(), (Shape{2, 3, 4, 6}));
}

TEST(Einsum, RandomEquations) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](uint32_t n) { return random() % n; };
    Sum sum(seed);
    std::string equation, used;
    std::map<char, int32_t> extents;
    for (char letter = 'a'; letter <= 'f'; ++letter) extents[letter] = int32_t(1 + draw(4));
    const size_t operands = 1 + draw(3);
    for (size_t o = 0; o < operands; ++o) {
      std::string letters = "abcdef";
      std::shuffle(letters.begin(), letters.end(), random);
      letters.resize(draw(4));
      Shape shape;
      for (char letter : letters) shape.push_back(draw(6) == 0 ? 1 : extents.at(letter));
      sum.add(letters, shape, o > 0 && draw(3) == 0);
      equation += (o ? "," : "") + letters;
      for (char letter : letters)
        if (used.find(letter) == std::string::npos) used += letter;
    }
    std::shuffle(used.begin(), used.end(), random);
    used.resize(draw(uint32_t(used.size()) + 1));
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + equation + "->" + used);
    sum.expect(equation + "->" + used, used);
  }
}

TEST(Einsum, RefusesWhatIsNoSum) {
  const auto refusal = [](const std::string& equation) {
    Sum sum(1);
    sum.add("ij", {2, 3});
    sum.add("jk", {3, 4});
    try {
      sum.answer(equation);
    } catch (const UserError& error) {
      return error.diagnostics().at(0).message;
    }
    return std::string("taken");
  };
  EXPECT_EQ(refusal("ij,jk->ik"), "taken");
  EXPECT_EQ(refusal("ij->i"), "its equation is of 1 operands, it has 2");
  EXPECT_EQ(refusal("ii,jk->i"), "its equation takes a diagonal, a letter twice in \"ii\"");
  EXPECT_EQ(refusal("ij,jk->il"), "no operand has a dimension that its result names");
  EXPECT_EQ(refusal("ij,ik->jk"), "a dimension of \"ik\" is 3 here and 2 elsewhere");
  EXPECT_EQ(refusal("ijk,jk->i"), "\"ijk\" names other dimensions than its operand's 2");
  EXPECT_EQ(refusal("i1,jk->k"), "its equation holds '1'");
}

}  // namespace
}  // namespace mote
