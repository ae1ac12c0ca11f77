// SPDX-License-Identifier: Apache-2.0
// The .npy header, a Python dictionary in text, and the array after it. See npy.h.
#include "data/npy.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "data/readers/delimited.h"

static_assert(std::endian::native == std::endian::little, "numbers are copied little-endian");

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

constexpr NpyType kTypes[] = {{"<f4", 4, ElementType::f32}, {"<f8", 8, std::nullopt},
                              {"|i1", 1, ElementType::s8},  {"<i2", 2, ElementType::s16},
                              {"<i4", 4, ElementType::s32}, {"<i8", 8, ElementType::s64},
                              {"|u1", 1, ElementType::u8},  {"<u2", 2, ElementType::u16},
                              {"<u4", 4, ElementType::u32}, {"|b1", 1, ElementType::boolean}};

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
    diagnostics.error(
        "npy-type", place, "numbers of type \"" + name + "\" cannot be read",
        "save as float32: array.astype('<f4'); f4 f8 i1 i2 i4 i8 u1 u2 u4 b1 are read");
  }
  return nullptr;
}

std::string shape_words(const std::vector<int64_t>& shape) {
  std::string text;
  for (int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "1" : text;
}

bool has_right_size(std::string_view data, const NpyTensor& tensor, const std::string& place,
                    Diagnostics& diagnostics) {
  if (tensor.elements() >= 0 && int64_t(data.size()) == tensor.elements() * tensor.type->bytes)
    return true;
  diagnostics.error("npy-size", place,
                    "its header promises " + shape_words(tensor.shape) + " numbers, but " +
                        std::to_string(data.size()) + " bytes follow",
                    "the file was cut off or damaged; copy it again");
  return false;
}

// Fortran order: the first dimension runs fastest.
std::string in_c_order(std::string_view data, const NpyTensor& tensor) {
  std::string out(data.size(), 0);
  const auto bytes = size_t(tensor.type->bytes);
  std::vector<int64_t> index(tensor.shape.size());
  for (size_t to = 0; to < out.size(); to += bytes) {
    int64_t from = 0;
    for (size_t d = index.size(); d-- > 0;) from = from * tensor.shape[d] + index[d];
    std::memcpy(out.data() + to, data.data() + size_t(from) * bytes, bytes);
    for (size_t d = index.size(); d-- > 0 && ++index[d] == tensor.shape[d];) index[d] = 0;
  }
  return out;
}

}  // namespace

// -1: more than any file holds.
int64_t NpyTensor::elements() const {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent == 0) return 0;
    if (count > kMostValues / extent) count = -1;
    if (count < 0) continue;
    count *= extent;
  }
  return count;
}

std::optional<NpyTensor> parse_npy_tensor(std::string_view bytes, const std::string& place,
                                          Diagnostics& diagnostics) {
  std::string_view dictionary, data;
  const bool split = split_header(bytes, dictionary, data);
  const auto header = split ? parse_dictionary(dictionary) : std::nullopt;
  if (!header) {
    diagnostics.error("npy-header", place, "is no NumPy array: its header is damaged or cut off",
                      "write it with np.save");
    return std::nullopt;
  }
  NpyTensor tensor;
  tensor.type = find_type(header->type, place, diagnostics);
  tensor.shape = header->shape;
  if (!tensor.type || !has_right_size(data, tensor, place, diagnostics)) return std::nullopt;
  tensor.data = header->fortran_order ? in_c_order(data, tensor) : std::string(data);
  return tensor;
}

std::string npy_bytes(ElementType type, const Shape& shape, std::span<const uint8_t> numbers) {
  std::string extents;
  for (int32_t extent : shape) extents += std::to_string(extent) + ", ";
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  std::string name;
  for (const NpyType& known : kTypes)
    if (known.element == type) name = known.name;
  std::string dictionary =
      "{'descr': '" + name + "', 'fortran_order': False, 'shape': (" + extents + "), }";
  // Spaces and a line feed bring the numbers to a multiple of 64 bytes.
  dictionary.append(63 - (10 + dictionary.size()) % 64, ' ').append("\n");
  const auto length = uint16_t(dictionary.size());
  std::string file(kMagic);
  file += {'\x01', '\0', char(length & 255), char(length >> 8)};
  return file + dictionary + std::string(numbers.begin(), numbers.end());
}

}  // namespace mote
