// SPDX-License-Identifier: Apache-2.0
// See pt2_tensor.h. The format is torch/_export/serde/schema.py: TensorMeta.
#include "compiler/import/pytorch/pt2_tensor.h"

#include "compiler/import/float16.h"

namespace mote::pytorch {
namespace {

using List = std::vector<int64_t>;

constexpr size_t kMostDimensions = 8;
constexpr int64_t kStrided = 7;
constexpr const char* kExportAgain = "export the model again";

// ScalarType of the schema.
constexpr const char* kTypeNames[] = {"unknown",   "uint8",      "int8",    "int16",   "int32",
                                      "int64",     "float16",    "float32", "float64", "complex32",
                                      "complex64", "complex128", "bool",    "bfloat16"};

// A size that is an expression of the input's is refused by name.
int64_t fixed(const JsonView& size) {
  const auto [kind, value] = size.choice();
  if (kind == "as_int") return value.integer();
  fail("dynamic-shape", size.path(),
       "a size depends on the input" +
           (kind == "as_expr" ? ": " + value["expr_str"].text() : std::string()),
       "export the model without dynamic_shapes");
}

// The elements of a storage in the order of the shape.
Bytes gathered(const StoredTensor& t, const Bytes& storage, int64_t size,
               const std::string& where) {
  int64_t last = t.offset;
  bool valid = t.offset >= 0;
  const auto most = int64_t(storage.size()) / size;
  for (size_t d = 0; valid && d < t.shape.size(); ++d) {
    valid = t.strides[d] >= 0 && t.strides[d] <= most;
    if (valid && t.shape[d] > 0) last += (t.shape[d] - 1) * t.strides[d];
    valid = valid && last <= most;
  }
  if (!valid || (t.elements > 0 && last >= most))
    fail("wrong-data", where,
         "its sizes and strides reach beyond its " + std::to_string(storage.size()) + " bytes",
         kExportAgain);
  Bytes data;
  data.reserve(size_t(t.elements * size));
  List at(t.shape.size(), 0);
  int64_t place = t.offset;
  for (int64_t n = 0; n < t.elements; ++n) {
    const uint8_t* element = storage.data() + place * size;
    data.insert(data.end(), element, element + size);
    for (size_t d = t.shape.size(); d-- > 0;) {
      place += t.strides[d];
      if (++at[d] < t.shape[d]) break;
      place -= t.strides[d] * t.shape[d];
      at[d] = 0;
    }
  }
  return data;
}

bool is_half(const StoredTensor& t) { return t.type == "float16" || t.type == "bfloat16"; }

}  // namespace

std::string type_name(int64_t type) {
  if (type >= 0 && type < int64_t(std::size(kTypeNames))) return kTypeNames[type];
  if (type == 28) return "uint16";
  return "type " + std::to_string(type);
}

StoredTensor stored_tensor(const JsonView& meta) {
  StoredTensor t;
  t.type = type_name(meta["dtype"].integer());
  const auto sizes = meta["sizes"].list();
  if (sizes.size() > kMostDimensions) meta.refuse("it has more than 8 dimensions");
  for (const JsonView& size : sizes) {
    const int64_t extent = fixed(size);
    if (extent < 0 || extent > INT32_MAX || (t.elements *= extent) > INT32_MAX)
      fail("wrong-shape", size.path(), "a size is " + std::to_string(extent), kExportAgain);
    t.shape.push_back(int32_t(extent));
  }
  if (meta["layout"].integer() != kStrided) meta.refuse("its layout is not strided");
  for (const JsonView& stride : meta["strides"].list()) t.strides.push_back(fixed(stride));
  t.offset = fixed(meta["storage_offset"]);
  if (t.strides.size() != t.shape.size()) meta.refuse("its strides are not one a dimension");
  return t;
}

int64_t constant_bytes(const StoredTensor& tensor) {
  ElementType type = ElementType::f32;
  if (!is_half(tensor) && !element_type(tensor.type, type)) return -1;
  return tensor.elements * element_bytes(type);
}

Constant read_constant(const StoredTensor& tensor, const Bytes& storage, const std::string& place) {
  Constant constant{{ElementType::f32, tensor.shape}, {}};
  const bool half = is_half(tensor);
  if (!half) element_type(tensor.type, constant.meta.type);
  constant.data = gathered(tensor, storage, half ? 2 : element_bytes(constant.meta.type), place);
  if (tensor.type == "float16") constant.data = floats_of_float16(constant.data);
  if (tensor.type == "bfloat16") constant.data = floats_of_bfloat16(constant.data);
  if (constant.meta.type == ElementType::boolean)
    for (uint8_t& b : constant.data) b = b != 0;
  return constant;
}

}  // namespace mote::pytorch
