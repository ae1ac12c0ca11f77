// SPDX-License-Identifier: Apache-2.0
// See foreign.h.
#include "tests/conformance/foreign.h"

#include "tests/conformance/random_parts.h"

namespace mote::conformance {

std::vector<ForeignFamily> foreign_families() {
  std::vector<ForeignFamily> all;
  for (const auto& families : {
           foreign_constants(),
           foreign_control(),
           foreign_elementwise(),
           foreign_indices(),
           foreign_layers(),
           foreign_movement(),
           foreign_pools(),
           foreign_reductions(),
           foreign_recurrent(),
           foreign_signal(),
           foreign_unary(),
       })
    all.insert(all.end(), families.begin(), families.end());
  return all;
}

int32_t SingleOperator::input(ElementType type, const Shape& shape, const Quantization& q) {
  const std::string name = "input" + std::to_string(inputs_.size());
  const int32_t index = builder_.add_tensor({name, tflite::tensor_type(type), shape, q});
  inputs_.push_back(index);
  op_.inputs.push_back(index);
  return index;
}

int32_t SingleOperator::constant_bytes(tflite::format::TensorType type, const Shape& shape,
                                       const Bytes& data, const Quantization& q) {
  const std::string name = "constant" + std::to_string(op_.inputs.size());
  op_.inputs.push_back(builder_.add_tensor({name, type, shape, q, &data}));
  return op_.inputs.back();
}

int32_t SingleOperator::variable(ElementType type, const Shape& shape, const Quantization& q) {
  const std::string name = "variable" + std::to_string(op_.inputs.size());
  op_.inputs.push_back(
      builder_.add_tensor({name, tflite::tensor_type(type), shape, q, nullptr, true}));
  return op_.inputs.back();
}

int32_t SingleOperator::output(ElementType type, const Shape& shape, const Quantization& q) {
  const std::string name = "output" + std::to_string(outputs_.size());
  outputs_.push_back(builder_.add_tensor({name, tflite::tensor_type(type), shape, q}));
  op_.outputs.push_back(outputs_.back());
  return outputs_.back();
}

int32_t SingleOperator::variable_output(ElementType type, const Shape& shape,
                                        const Quantization& q) {
  const std::string name = "output" + std::to_string(outputs_.size());
  outputs_.push_back(
      builder_.add_tensor({name, tflite::tensor_type(type), shape, q, nullptr, true}));
  op_.outputs.push_back(outputs_.back());
  return outputs_.back();
}

Bytes SingleOperator::close() {
  builder_.add_operator(op_);
  builder_.end_subgraph("main", inputs_, outputs_);
  return builder_.finish();
}

Bytes SingleOperator::finish(tflite::format::BuiltinOperator code, int32_t version,
                             tflite::OptionsTable options) {
  op_.code = code;
  op_.version = version;
  op_.options = options;
  return close();
}

Bytes SingleOperator::finish_custom(const std::string& name, const Bytes& options) {
  op_.custom_code = name;
  op_.custom_options = options;
  return close();
}

Quantization random_quantization(Random& random, ElementType type) {
  if (type == ElementType::s8)
    return per_tensor(random.scale(1e-3f, 0.5f), random_zero_point(random));
  if (type == ElementType::u8)
    return per_tensor(random.scale(1e-3f, 0.5f), random_zero_point(random) + 128);
  if (type == ElementType::s16) return per_tensor(random.scale(1e-5f, 1e-2f), 0);
  return {};
}

}  // namespace mote::conformance
