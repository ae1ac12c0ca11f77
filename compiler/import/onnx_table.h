// SPDX-License-Identifier: Apache-2.0
// The operators of .onnx that mote takes, for the docs: from the import rules.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mote {

struct OnnxOperator {
  std::string name;  // with its domain, where that is not the standard one
  int64_t since;     // the oldest opset that is taken
  std::string note;  // what is taken of it; empty: all types that our operators have
};

// By name.
std::vector<OnnxOperator> onnx_operator_table();

}  // namespace mote
