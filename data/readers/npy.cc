// SPDX-License-Identifier: Apache-2.0
// A .npy array as a recording. See npy.h.
#include "data/readers/npy.h"

#include <cstring>

#include "data/npy.h"
#include "data/readers/delimited.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr int64_t kMostAxes = 65536;  // an array without rows may claim any number

template <typename T>
std::vector<float> floats(const std::string& data) {
  std::vector<float> values(data.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof(T), sizeof value);
    values[i] = float(value);
  }
  return values;
}

std::vector<float> floats(const NpyTensor& tensor) {
  if (!tensor.type->element) return floats<double>(tensor.data);
  return with_element_type(*tensor.type->element,
                           [&](auto element) { return floats<decltype(element)>(tensor.data); });
}

}  // namespace

std::optional<NpyArray> parse_npy(std::string_view bytes, const std::string& place,
                                  Diagnostics& diagnostics) {
  const auto tensor = parse_npy_tensor(bytes, place, diagnostics);
  if (!tensor) return std::nullopt;
  if (tensor->shape.empty() || tensor->shape.size() > 2) {
    diagnostics.error("npy-shape", place,
                      "has " + std::to_string(tensor->shape.size()) + " dimensions",
                      "save [samples] or [samples, axes], a file a recording");
    return std::nullopt;
  }
  if (tensor->shape.size() == 2 && tensor->shape[1] > kMostAxes) {
    diagnostics.error("npy-shape", place,
                      "has " + std::to_string(tensor->shape[1]) + " axes, " +
                          std::to_string(kMostAxes) + " are taken",
                      "save [samples] or [samples, axes], a file a recording");
    return std::nullopt;
  }
  NpyArray array;
  array.is_vector = tensor->shape.size() == 1;
  array.n_rows = tensor->shape[0];
  array.n_columns = array.is_vector ? 1 : tensor->shape[1];
  array.values = floats(*tensor);
  return array;
}

std::vector<Axis> name_axes(size_t n_columns, const ReadOptions& options) {
  std::vector<Axis> axes(n_columns);
  for (size_t a = 0; a < n_columns; ++a) {
    axes[a].name = n_columns == 1 ? "x" : "axis_" + std::to_string(a + 1);
    if (options.axes.size() == n_columns) axes[a].name = options.axes[a];
  }
  return axes;
}

std::vector<Recording> read_npy(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  const auto bytes = read_bytes(path, diagnostics);
  if (!bytes) return {};
  auto array = parse_npy(*bytes, path.string(), diagnostics);
  if (!array) return {};
  SampleRows rows;
  rows.path = path.string();
  rows.axes = name_axes(size_t(array->n_columns), options);
  rows.values = std::move(array->values);
  number_rows(rows);
  if (!choose_axes(rows, options, diagnostics)) return {};
  auto recording = to_recording(rows, options, diagnostics);
  if (!recording) return {};
  return {std::move(*recording)};
}

}  // namespace mote
