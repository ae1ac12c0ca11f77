// SPDX-License-Identifier: Apache-2.0
// A NumPy .npy array (data/npy.h): any type of numbers, C or Fortran order, 1-D (one axis) or 2-D (a
// row a sample, a column an axis). The format
// has no rate: ReadOptions gives it.
#pragma once
#include <string_view>

#include "data/readers/reader.h"

namespace mote {

struct NpyArray {
  int64_t n_rows = 0;
  int64_t n_columns = 1;
  bool is_vector = true;      // 1-D
  std::vector<float> values;  // row * n_columns + column
};

// One array from the bytes of a .npy file; `place` is for messages ("x.npz member acc").
std::optional<NpyArray> parse_npy(std::string_view bytes, const std::string& place,
                                  Diagnostics& diagnostics);

std::vector<Recording> read_npy(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics);

// Names an array's columns: data.axes when it names as many, else "x" (1-D) or "axis_1", "axis_2",
// ...
std::vector<Axis> name_axes(size_t n_columns, const ReadOptions& options);

}  // namespace mote
