// SPDX-License-Identifier: Apache-2.0
// Tensors as a .pt2 file describes them: a type, sizes and strides over the raw bytes of a storage.
// Private to this folder.
#pragma once
#include "compiler/import/pytorch/json_view.h"
#include "compiler/import/pytorch/program.h"

namespace mote::pytorch {

// Of the schema's ScalarType: "float32", "type 99".
std::string type_name(int64_t type);

struct StoredTensor {
  std::string type;
  Shape shape;
  std::vector<int64_t> strides;  // in elements
  int64_t offset = 0;
  int64_t elements = 1;
};

// A TensorMeta. Sizes that depend on the input are refused by name.
StoredTensor stored_tensor(const JsonView& meta);

// Bytes of its elements as float32 or as they are; -1: mote has not its type.
int64_t constant_bytes(const StoredTensor& tensor);
// Its elements in the order of its shape; half precision becomes float32. Fails where they lie
// outside of the storage.
Constant read_constant(const StoredTensor& tensor, const Bytes& storage, const std::string& place);

}  // namespace mote::pytorch
