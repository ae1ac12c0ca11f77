// SPDX-License-Identifier: Apache-2.0
// For tests of all formats: what an importer answers to damaged copies of a small file. It may
// refuse them or take them, but it never crashes, has no fault of its own and makes no wrong graph.
#pragma once
#include <gtest/gtest.h>

#include "compiler/import/import.h"
#include "graph/verify.h"

namespace mote::test {

using Importer = Graph (*)(const ModelFile&, const ImportOptions&, Diagnostics&);

// The first refusal as text; "" where the file is taken. What is taken must be a graph.
inline std::string refusal(Importer importer, const Bytes& bytes) {
  Diagnostics diagnostics;
  try {
    const Graph graph = importer({bytes, "model", "x"}, {}, diagnostics);
    Diagnostics findings;
    verify(graph, findings);
    EXPECT_TRUE(findings.errors().empty()) << to_string(findings.errors()[0]);
    return "";
  } catch (const UserError& error) {
    return to_string(error.diagnostics().at(0));
  }
}

// The file cut off after each of its bytes: refused, but where only padding is missing.
inline void expect_truncations_refused(Importer importer, const Bytes& bytes) {
  constexpr size_t kPadding = 3;
  for (size_t n = 0; n + kPadding < bytes.size(); ++n) {
    const std::string text = refusal(importer, Bytes(bytes.begin(), bytes.begin() + long(n)));
    EXPECT_NE(text, "") << n << " bytes";
  }
}

// Each byte with 16 other values, one at a time. Weights may be any number, so that many files are
// still models; at least `least_refused` are not.
inline void expect_other_bytes(Importer importer, Bytes bytes, int least_refused = 100) {
  int refused = 0;
  for (uint8_t& byte : bytes) {
    const uint8_t original = byte;
    for (int k = 1; k <= 16; ++k) {
      byte = k <= 8 ? uint8_t(original ^ (1 << (k - 1))) : uint8_t(original + 17 * k);
      refused += refusal(importer, bytes) != "";
    }
    byte = original;
  }
  EXPECT_GE(refused, least_refused);
}

}  // namespace mote::test
