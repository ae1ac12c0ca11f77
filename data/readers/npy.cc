// SPDX-License-Identifier: Apache-2.0
// The .npy header, a Python dictionary in text, and the array after it. See npy.h.
// Format: numpy.lib.format, versions 1.0, 2.0 and 3.0.
#include "data/readers/npy.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "data/readers/delimited.h"
#include "data/readers/sample_rows.h"

static_assert(std::endian::native == std::endian::little, "readers copy little-endian numbers");

namespace mote {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMostValues = int64_t{1} << 31;

struct NpyHeader {
  std::string type;  // "<f4"
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// The text of one dictionary entry after "'key':", up to the comma that ends it; parentheses keep
// theirs.
std::optional<std::string_view> dictionary_value(std::string_view text, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "':";
  const size_t at = text.find(quoted);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + quoted.size());
  text = trim(text);
  const size_t end = text.starts_with('(') ? text.find(')') : text.find_first_of(",}");
  if (end == std::string_view::npos) return std::nullopt;
  return text.starts_with('(') ? text.substr(1, end - 1) : trim(text.substr(0, end));
}

// "3, 4" or "3,"
std::optional<std::vector<int64_t>> parse_shape(std::string_view text) {
  std::vector<int64_t> shape;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    int64_t extent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc() || extent < 0 || extent > kMostValues) return std::nullopt;
    shape.push_back(extent);
    text = trim(text.substr(size_t(end - text.data())));
    if (!text.empty() && text[0] != ',') return std::nullopt;
    if (!text.empty()) text.remove_prefix(1);
  }
  return shape;
}

std::optional<NpyHeader> parse_dictionary(std::string_view text) {
  const auto type = dictionary_value(text, "descr");
  const auto order = dictionary_value(text, "fortran_order");
  const auto shape_text = dictionary_value(text, "shape");
  if (!type || !order || !shape_text || type->size() < 2) return std::nullopt;
  const auto shape = parse_shape(*shape_text);
  if (!shape || (*order != "True" && *order != "False")) return std::nullopt;
  const bool quoted = type->front() == '\'' && type->back() == '\'';
  NpyHeader header;
  header.type = quoted ? type->substr(1, type->size() - 2) : *type;
  header.fortran_order = *order == "True";
  header.shape = *shape;
  return header;
}

// Splits `bytes` into dictionary and data; false when they end before the data.
bool split_header(std::string_view bytes, std::string_view& dictionary, std::string_view& data) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) return false;
  const uint8_t version = uint8_t(bytes[6]);
  const size_t length_bytes = version == 1 ? 2 : 4;
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, length_bytes);
  const size_t begin = 8 + length_bytes;
  if (version < 1 || version > 3 || length > bytes.size() - begin) return false;
  dictionary = bytes.substr(begin, length);
  data = bytes.substr(begin + length);
  return true;
}

template <typename T>
float load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return float(value);
}

struct NpyType {
  std::string_view name;
  int64_t size;
  float (*load)(const char*);
};
constexpr NpyType kTypes[] = {{"<f4", 4, load<float>},   {"<f8", 8, load<double>},
                              {"|i1", 1, load<int8_t>},  {"<i2", 2, load<int16_t>},
                              {"<i4", 4, load<int32_t>}, {"|u1", 1, load<uint8_t>}};

const NpyType* find_type(const std::string& name, const std::string& place,
                         Diagnostics& diagnostics) {
  for (const NpyType& type : kTypes) {
    if (type.name == name) return &type;
  }
  if (name.find('O') != std::string::npos || name.starts_with('[')) {
    diagnostics.error("npy-object", place,
                      "holds Python objects (" + name + "), which are never loaded",
                      "save plain numbers: np.save(file, array.astype(np.float32))");
  } else {
    diagnostics.error("npy-type", place, "numbers of type \"" + name + "\" cannot be read",
                      "save as float32: array.astype('<f4'); f4 f8 i1 i2 i4 u1 are read");
  }
  return nullptr;
}

std::vector<float> load_values(std::string_view data, const NpyHeader& header, const NpyType& type,
                               const NpyArray& array) {
  std::vector<float> values(size_t(array.n_rows * array.n_columns));
  for (int64_t row = 0; row < array.n_rows; ++row) {
    for (int64_t column = 0; column < array.n_columns; ++column) {
      const int64_t at =
          header.fortran_order ? column * array.n_rows + row : row * array.n_columns + column;
      values[size_t(row * array.n_columns + column)] = type.load(data.data() + at * type.size);
    }
  }
  return values;
}

bool has_right_size(std::string_view data, const NpyArray& array, const NpyType& type,
                    const std::string& place, Diagnostics& diagnostics) {
  const bool small = array.n_columns == 0 || array.n_rows <= kMostValues / array.n_columns;
  if (small && int64_t(data.size()) == array.n_rows * array.n_columns * type.size) return true;
  diagnostics.error("npy-size", place,
                    "its header promises " + std::to_string(array.n_rows) + " x " +
                        std::to_string(array.n_columns) + " numbers, but " +
                        std::to_string(data.size()) + " bytes follow",
                    "the file was cut off or damaged; copy it again");
  return false;
}

}  // namespace

std::optional<NpyArray> parse_npy(std::string_view bytes, const std::string& place,
                                  Diagnostics& diagnostics) {
  std::string_view dictionary, data;
  const bool split = split_header(bytes, dictionary, data);
  const auto header = split ? parse_dictionary(dictionary) : std::nullopt;
  if (!header) {
    diagnostics.error("npy-header", place, "is no NumPy array: its header is damaged or cut off",
                      "write it with np.save");
    return std::nullopt;
  }
  const NpyType* type = find_type(header->type, place, diagnostics);
  if (!type) return std::nullopt;
  if (header->shape.empty() || header->shape.size() > 2) {
    diagnostics.error("npy-shape", place,
                      "has " + std::to_string(header->shape.size()) + " dimensions",
                      "save [samples] or [samples, axes], a file a recording");
    return std::nullopt;
  }
  NpyArray array;
  array.is_vector = header->shape.size() == 1;
  array.n_rows = header->shape[0];
  array.n_columns = array.is_vector ? 1 : header->shape[1];
  if (!has_right_size(data, array, *type, place, diagnostics)) return std::nullopt;
  array.values = load_values(data, *header, *type, array);
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
