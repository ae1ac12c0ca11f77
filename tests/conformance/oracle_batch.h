// SPDX-License-Identifier: Apache-2.0
// A folder of questions for tflm_oracle.py: models, random inputs, and the answers of mote's
// evaluator. In: graphs. Out: cases.txt, and a case STEM.tflite, STEM.inputs, STEM.outputs.
#pragma once
#include <filesystem>
#include <fstream>

#include "tests/conformance/foreign.h"

namespace mote::conformance {

class OracleBatch {
 public:
  explicit OracleBatch(std::filesystem::path folder);

  // Evaluates `invocations` random inputs. Returns the number of different output bytes: 1 tells of
  // a case in which nothing could go wrong.
  int32_t add(const Graph& graph, Random& random, int32_t invocations);
  // The same for somebody else's file, which mote imports.
  int32_t add(const ForeignCase& foreign, Random& random, int32_t invocations);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct Answers {
    Bytes inputs, outputs;
  };
  int32_t write(const Bytes& model, const Answers& answers, const std::string& line);

  std::filesystem::path folder_;
  std::ofstream cases_;
  int32_t count_ = 0;
};

}  // namespace mote::conformance
