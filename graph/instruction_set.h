// SPDX-License-Identifier: Apache-2.0
// What a kernel may ask of a core beyond C++. In: nothing. Out: the sets, each with all of those
// before it.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mote {

enum class InstructionSet : uint8_t {
  portable,  // any core
  dsp,       // Armv7E-M: two 16-bit products in one instruction (Cortex-M4, M7, M33)
  mve,       // Armv8.1-M Helium: 128-bit vectors (Cortex-M55, M85)
};

constexpr const char* to_string(InstructionSet set) {
  constexpr const char* kNames[] = {"portable", "dsp", "mve"};
  return kNames[size_t(set)];
}

}  // namespace mote
