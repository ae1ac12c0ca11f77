// SPDX-License-Identifier: Apache-2.0
// See constants.h.
#include "compiler/import/tflite/constants.h"

#include "compiler/import/float16.h"
#include "compiler/import/tflite/sparse.h"
#include "graph/quantizer.h"

namespace mote::tflite {
namespace {

// Two numbers a byte, the first in the low half.
Bytes bytes_of_int4(std::span<const uint8_t> data, int64_t count) {
  Bytes out(static_cast<size_t>(count));
  for (size_t i = 0; i < out.size(); ++i) {
    const uint8_t half = i % 2 == 0 ? data[i / 2] & 15 : data[i / 2] >> 4;
    out[i] = uint8_t(half >= 8 ? half - 16 : half);
  }
  return out;
}

}  // namespace

ValueId import_constant(Assembly& assembly, const Tensor& tensor, const std::string& place) {
  using T = format::TensorType;
  if (element_count(tensor.shape) == 0)
    fail("wrong-shape", place, "constant \"" + tensor.name + "\" has no elements");
  if (tensor.sparsity) return import_sparse(assembly, tensor, place);
  if (tensor.type == T::FLOAT16)
    return assembly.add_constant(tensor.name, ElementType::f32, tensor.shape,
                                 floats_of_float16(tensor.data));
  if (tensor.type == T::INT4)
    return assembly.add_constant(tensor.name, ElementType::s8, tensor.shape,
                                 bytes_of_int4(tensor.data, element_count(tensor.shape)),
                                 tensor.quantization);
  ElementType type = ElementType::f32;
  if (!element_type(tensor.type, type))
    fail("wrong-type", place,
         "constant \"" + tensor.name + "\" is of type " + format::EnumNameTensorType(tensor.type),
         "mote takes float32, float16, integers of 4 to 64 bits and bool");
  return assembly.add_constant(tensor.name, type, tensor.shape,
                               Bytes(tensor.data.begin(), tensor.data.end()), tensor.quantization);
}

ValueId add_dequantized(Assembly& assembly, ValueId id, const std::string& place) {
  const Value value = assembly.graph().value(id);
  if (value.quantization.empty())
    fail("wrong-quantization", place, "constant \"" + value.name + "\" has no scale");
  const std::vector<double> reals = real_numbers(value, *value.data);
  const std::vector<float> numbers(reals.begin(), reals.end());
  return assembly.add_constant(value.name + "/f32", ElementType::f32, value.shape, numbers);
}

}  // namespace mote::tflite
