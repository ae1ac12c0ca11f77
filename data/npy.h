// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format: one array of numbers with its type and shape. Object arrays hold Python
// pickles and are refused. In: bytes, or numbers. Out: numbers, or bytes.
// Format: numpy.lib.format, versions 1.0, 2.0 and 3.0; version 1.0 is written.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"

namespace mote {

// What a number is called there, and how it is stored here; f8 has no element of ours.
struct NpyType {
  std::string_view name;  // "<f4"
  int64_t bytes;
  std::optional<ElementType> element;
};

struct NpyTensor {
  const NpyType* type = nullptr;
  std::vector<int64_t> shape;
  std::string data;  // little-endian, the last dimension running fastest

  int64_t elements() const;
};

// `place` is for messages ("x.npz member acc"). Numbers of f4, f8, i1, i2, i4, i8, u1, u2, u4, b1.
std::optional<NpyTensor> parse_npy_tensor(std::string_view bytes, const std::string& place,
                                          Diagnostics& diagnostics);

// The file that holds these numbers.
std::string npy_bytes(ElementType type, const Shape& shape, std::span<const uint8_t> numbers);

}  // namespace mote
