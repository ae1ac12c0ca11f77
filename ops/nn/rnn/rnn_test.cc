// SPDX-License-Identifier: Apache-2.0
// rnn: a sum worked out by hand, its state, its activations.
#include <cmath>

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

OneNode make_rnn(const std::string& activation) {
  OneNode one = OneNode::make<float>({1, 1, 1});
  const ValueId w = one.constant("w", {2, 1}, std::vector<float>{1, -2});
  const ValueId r = one.constant("r", {2, 2}, std::vector<float>{0, 1, 1, 0});  // swaps the units
  const ValueId b = one.constant("b", {2}, std::vector<float>{0.5f, 0});
  one.add(rnn_op, {{"activation", activation}}, {w, r, b});
  return one;
}

TEST(Rnn, AddsInputAndState) {
  OneNode one = make_rnn("none");
  const std::vector<float> x{1, 2, 3};
  // (1.5, -2), (0.5 + 2 - 2, -4 + 1.5), (0.5 + 3 - 2.5, -6 + 0.5)
  EXPECT_EQ(outputs_of<float>(one, x), (std::vector<float>{1.5f, -2, 0.5f, -2.5f, 1, -5.5f}));
  expect_resumes(one, x);
}

TEST(Rnn, FusesItsActivation) {
  for (const char* name : {"relu", "relu6", "relu_n1_to_1", "tanh"}) {
    OneNode one = make_rnn(name);
    const auto y = outputs_of<float>(one, std::vector<float>{9});
    const std::string word = name;
    const float top = word == "relu" ? 9.5f : word == "relu6" ? 6.0f : 1.0f;
    EXPECT_NEAR(y[0], top, 1e-6) << name;
    EXPECT_NEAR(y[1], word.substr(0, 4) == "relu" && word != "relu_n1_to_1" ? 0 : -1, 1e-6) << name;
  }
  EXPECT_EQ(code_of_failure([] { make_rnn("sine"); }), "unknown-activation");
}

}  // namespace
}  // namespace mote
