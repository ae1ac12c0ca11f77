// SPDX-License-Identifier: Apache-2.0
// What a kernel may ask of a core beyond C++. In: nothing. Out: the sets; those of Cortex-M each with
// all of those before it.
#pragma once
#include <cstddef>
#include <cstdint>

namespace mote {

enum class InstructionSet : uint8_t {
  portable,  // any core
  scalar,    // any core of 32 bits, with weights packed for it (Cortex-M0, M0+, M3)
  dsp,       // Armv7E-M: two 16-bit products in one instruction (Cortex-M4, M7, M33)
  mve,       // Armv8.1-M Helium: 128-bit vectors (Cortex-M55, M85)
  simd128,   // the 128-bit vectors that x86-64 (SSE2) and WebAssembly have in common
};

// Whether a core with the set `core` runs kernels that need `needs`.
constexpr bool includes(InstructionSet core, InstructionSet needs) {
  return needs == core || (core != InstructionSet::simd128 && needs < core);
}

constexpr const char* to_string(InstructionSet set) {
  constexpr const char* kNames[] = {"portable", "scalar", "dsp", "mve", "simd128"};
  return kNames[size_t(set)];
}

}  // namespace mote
