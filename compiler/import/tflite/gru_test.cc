// SPDX-License-Identifier: Apache-2.0
// The custom operator UNIDIRECTIONAL_SEQUENCE_GRU against its formula in double precision: no
// runtime that can be installed has it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "compiler/formats/tflite/model_builder.h"
#include "compiler/import/import.h"
#include "graph/evaluator.h"

namespace mote {
namespace {

namespace format = tflite_format;
constexpr size_t kSteps = 4, kInputs = 2, kUnits = 3, kColumns = kInputs + kUnits;

struct Gru {
  std::mt19937 random{3};  // the first: the others are made with it
  std::vector<float> gates, gate_bias, candidate, candidate_bias;

  std::vector<float> reals(size_t count) {
    std::uniform_real_distribution<float> spread(-1, 1);
    std::vector<float> out;
    for (size_t i = 0; i < count; ++i) out.push_back(spread(random));
    return out;
  }
  Gru()
      : gates(reals(2 * kUnits * kColumns)),
        gate_bias(reals(2 * kUnits)),
        candidate(reals(kUnits * kColumns)),
        candidate_bias(reals(kUnits)) {}

  static double sum(const std::vector<float>& w, const std::vector<float>& bias, size_t row,
                    const float* x, const std::vector<double>& h) {
    double total = double(bias[row]);
    for (size_t i = 0; i < kInputs; ++i) total += double(w[row * kColumns + i]) * double(x[i]);
    for (size_t i = 0; i < kUnits; ++i) total += double(w[row * kColumns + kInputs + i]) * h[i];
    return total;
  }

  std::vector<double> run(const std::vector<float>& x, std::vector<double> h) const {
    std::vector<double> out;
    for (size_t t = 0; t < kSteps; ++t) {
      const float* row = x.data() + t * kInputs;
      std::vector<double> r, u, reset, next;
      for (size_t i = 0; i < kUnits; ++i) {
        r.push_back(1 / (1 + std::exp(-sum(gates, gate_bias, i, row, h))));
        u.push_back(1 / (1 + std::exp(-sum(gates, gate_bias, kUnits + i, row, h))));
        reset.push_back(r[i] * h[i]);
      }
      for (size_t i = 0; i < kUnits; ++i)
        next.push_back(u[i] * h[i] +
                       (1 - u[i]) * std::tanh(sum(candidate, candidate_bias, i, row, reset)));
      h = next;
      out.insert(out.end(), h.begin(), h.end());
    }
    return out;
  }

  Graph import(int32_t rows_of_gates = 2 * int32_t(kUnits),
               format::TensorType type_of_x = format::TensorType::FLOAT32) const {
    tflite::ModelBuilder builder;
    tflite::OperatorSpec op;
    op.custom_code = "UNIDIRECTIONAL_SEQUENCE_GRU";
    const auto add = [&](const char* name, Shape shape, const std::vector<float>* numbers) {
      Bytes data;
      if (numbers) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(numbers->data());
        data.assign(bytes, bytes + numbers->size() * 4);
      }
      const bool is_x = std::string(name) == "x";
      return builder.add_tensor(
          {name, is_x ? type_of_x : format::TensorType::FLOAT32, std::move(shape),
           is_x && type_of_x == format::TensorType::INT8 ? per_tensor(0.5f, 0) : Quantization{},
           numbers ? &data : nullptr});
    };
    constexpr int32_t n = kUnits, columns = kColumns;
    op.inputs = {add("x", {kSteps, 1, kInputs}, nullptr),
                 add("h", {1, n}, nullptr),
                 add("gates", {rows_of_gates, int32_t(gates.size()) / rows_of_gates}, &gates),
                 add("gate_bias", {2 * n}, &gate_bias),
                 add("candidate", {n, columns}, &candidate),
                 add("candidate_bias", {n}, &candidate_bias)};
    op.outputs = {add("y", {kSteps, 1, n}, nullptr), add("last", {1, n}, nullptr)};
    builder.add_operator(op);
    builder.end_subgraph("main", {op.inputs[0], op.inputs[1]}, op.outputs);
    Diagnostics diagnostics;
    const Bytes file = builder.finish();
    return import_tflite({file, "model", "file"}, {}, diagnostics);
  }
};

TEST(TfliteGru, IsItsFormula) {
  Gru gru;
  const auto x = gru.reals(kSteps * kInputs), h = gru.reals(kUnits);
  const auto expected = gru.run(x, {h.begin(), h.end()});
  const Graph graph = gru.import();
  Evaluator evaluator(graph);
  std::vector<float> sample = x;
  sample.insert(sample.end(), h.begin(), h.end());
  evaluator.push(0, sample.data());
  const Bytes bytes = evaluator.outputs();
  std::vector<float> y(bytes.size() / 4);
  std::memcpy(y.data(), bytes.data(), bytes.size());
  ASSERT_EQ(y.size(), (kSteps + 1) * kUnits);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(y[i], expected[i], 1e-6);
  for (size_t u = 0; u < kUnits; ++u)
    EXPECT_EQ(y[kSteps * kUnits + u], y[(kSteps - 1) * kUnits + u]);
}

TEST(TfliteGru, RefusesOtherWeights) {
  try {
    Gru().import(3);
    FAIL();
  } catch (const UserError& refusal) {
    EXPECT_EQ(refusal.diagnostics().at(0).code, "wrong-shape");
  }
}

// No runtime says how such a layer rounds; the float one can be quantised.
TEST(TfliteGru, RefusesIntegers) {
  try {
    Gru().import(2 * int32_t(kUnits), format::TensorType::INT8);
    FAIL();
  } catch (const UserError& refusal) {
    EXPECT_EQ(refusal.diagnostics().at(0).code, "wrong-type");
    EXPECT_NE(refusal.diagnostics().at(0).remedy.find("mote quantize"), std::string::npos);
  }
}

}  // namespace
}  // namespace mote
