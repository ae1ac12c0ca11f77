// SPDX-License-Identifier: Apache-2.0
// For tests: whole models of tests/conformance/pytorch against what PyTorch answered. In: a file
// and the bytes that write_models.py left beside it: of the inputs, then of the outputs.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "compiler/import/damage_test.h"
#include "graph/evaluator.h"

namespace mote::test {

// |a - b| <= 1e-5 max|reference| + 1e-6.
inline void expect_floats(const float* got, const float* wanted, int64_t count,
                          const std::string& what) {
  float most = 0;
  for (int64_t i = 0; i < count; ++i) most = std::max(most, std::abs(wanted[i]));
  for (int64_t i = 0; i < count; ++i)
    ASSERT_LE(std::abs(got[i] - wanted[i]), 1e-5f * most + 1e-6f)
        << what << " [" << i << "]: " << got[i] << " instead of " << wanted[i];
}

// Real outputs within the tolerance, others to the byte.
inline void expect_answers(Importer importer, const Bytes& file, const Bytes& expected) {
  ASSERT_FALSE(file.empty());
  Diagnostics diagnostics, findings;
  const Graph graph = importer({file, "model", "model"}, {}, diagnostics);
  verify(graph, findings);
  ASSERT_TRUE(findings.errors().empty()) << to_string(findings.errors()[0]);
  const Stream& stream = graph.streams.at(0);
  Bytes sample(static_cast<size_t>(sample_bytes(graph, stream)));
  size_t at = 0;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    const auto bytes = size_t(graph.value(part.value).bytes());
    ASSERT_LE(at + bytes, expected.size());
    std::memcpy(sample.data() + part.offset, expected.data() + at, bytes);
    at += bytes;
  }
  Evaluator evaluator(graph);
  evaluator.push(0, sample.data());
  for (ValueId id : graph.outputs) {
    const Value& value = graph.value(id);
    const auto got = evaluator.bytes(id);
    ASSERT_LE(at + got.size(), expected.size()) << value.name;
    if (value.type == ElementType::f32) {
      std::vector<float> wanted(size_t(value.elements())), numbers(wanted.size());
      std::memcpy(wanted.data(), expected.data() + at, got.size());
      std::memcpy(numbers.data(), got.data(), got.size());
      expect_floats(numbers.data(), wanted.data(), value.elements(), value.name);
    } else {
      EXPECT_EQ(std::memcmp(got.data(), expected.data() + at, got.size()), 0) << value.name;
    }
    at += got.size();
  }
  EXPECT_EQ(at, expected.size());
}

}  // namespace mote::test
