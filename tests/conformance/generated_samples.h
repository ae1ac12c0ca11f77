// SPDX-License-Identifier: Apache-2.0
// The samples of float inputs that this folder's Python programs and tests make alike: nothing of
// them is stored. x = x * 1664525 + 1013904223; a number is (the upper byte - 128) / 32.
#pragma once
#include <cstdint>
#include <vector>

namespace mote::conformance {

inline void fill_sample(uint32_t& x, std::vector<float>& sample) {
  for (float& number : sample) {
    x = x * 1664525u + 1013904223u;
    number = float(int32_t(x >> 24) - 128) / 32;
  }
}

}  // namespace mote::conformance
