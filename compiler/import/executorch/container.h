// SPDX-License-Identifier: Apache-2.0
// Where things lie in a .pte file: the program, and the constants behind it. In: bytes. Out: the
// verified flatbuffer and spans inside the file. Private to this folder.
#pragma once
#include <cstring>

#include "compiler/import/executorch/reader.h"

namespace mote::executorch {

struct Container {
  const format::Program* program = nullptr;
  std::span<const uint8_t> constants;  // the segment of them; empty where there is none

  // The first `size` bytes of constant `index`. False where the file has no such bytes.
  bool constant(uint32_t index, int64_t size, std::span<const uint8_t>& found) const;
};

// Element i of a verified vector. The verifier aligns a vector by its length field alone, which is
// half as wide as some numbers.
template <class T>
T element(const flatbuffers::Vector<T>& vector, uint32_t i) {
  T number;
  std::memcpy(&number, vector.Data() + size_t(i) * sizeof number, sizeof number);
  return number;
}

// Fails where a header, an offset or a segment points outside of the file.
Container open_container(std::span<const uint8_t> bytes, const std::string& place);

}  // namespace mote::executorch
