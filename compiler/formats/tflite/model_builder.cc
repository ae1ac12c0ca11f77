// SPDX-License-Identifier: Apache-2.0
// See model_builder.h.
#include "compiler/formats/tflite/model_builder.h"

#include <algorithm>

namespace mote::tflite {
namespace {

constexpr uint32_t kSchemaVersion = 3;

struct TypePair {
  ElementType ours;
  format::TensorType theirs;
};
constexpr TypePair kTypes[] = {{ElementType::f32, format::TensorType::FLOAT32},
                               {ElementType::s8, format::TensorType::INT8},
                               {ElementType::u8, format::TensorType::UINT8},
                               {ElementType::s16, format::TensorType::INT16},
                               {ElementType::s32, format::TensorType::INT32},
                               {ElementType::s64, format::TensorType::INT64},
                               {ElementType::u16, format::TensorType::UINT16},
                               {ElementType::u32, format::TensorType::UINT32},
                               {ElementType::boolean, format::TensorType::BOOL},
                               {ElementType::u64, format::TensorType::UINT64}};
static_assert(std::size(kTypes) == kElementTypeCount);

flatbuffers::Offset<format::QuantizationParameters> add_quantization(
    flatbuffers::FlatBufferBuilder& flat, const Quantization& q) {
  if (q.empty()) return 0;
  std::vector<int64_t> zero_points(q.zero_points.begin(), q.zero_points.end());
  zero_points.resize(q.scales.size());
  return format::CreateQuantizationParametersDirect(flat, nullptr, nullptr, &q.scales, &zero_points,
                                                    format::QuantizationDetails::NONE, 0, q.axis);
}

}  // namespace

format::TensorType tensor_type(ElementType type) {
  for (const TypePair& pair : kTypes)
    if (pair.ours == type) return pair.theirs;
  internal_error(__FILE__, __LINE__, "an element type without a foreign word");
}

bool element_type(format::TensorType type, ElementType& found) {
  for (const TypePair& pair : kTypes)
    if (pair.theirs == type) return found = pair.ours, true;
  return false;
}

ModelBuilder::ModelBuilder() {
  buffers_.push_back(format::CreateBuffer(flat_));  // buffer 0 is the empty one by convention
}

int32_t ModelBuilder::add_tensor(const TensorSpec& tensor) {
  uint32_t buffer = 0;
  if (tensor.data) {
    buffers_.push_back(format::CreateBufferDirect(flat_, tensor.data));
    buffer = uint32_t(buffers_.size()) - 1;
  }
  const auto quantization = add_quantization(flat_, tensor.quantization);
  tensors_.push_back(format::CreateTensorDirect(flat_, &tensor.shape, tensor.type, buffer,
                                                tensor.name.c_str(), quantization,
                                                tensor.is_variable));
  return int32_t(tensors_.size()) - 1;
}

void ModelBuilder::add_operator(const OperatorSpec& op) {
  const uint32_t code = operator_code(op);
  const auto custom = op.custom_options.empty() ? nullptr : &op.custom_options;
  const auto intermediates = op.intermediates.empty() ? nullptr : &op.intermediates;
  operators_.push_back(format::CreateOperatorDirect(flat_, code, &op.inputs, &op.outputs,
                                                    op.options.type, op.options.table, custom, 0,
                                                    nullptr, intermediates));
}

uint32_t ModelBuilder::operator_code(const OperatorSpec& op) {
  const auto [found, is_new] =
      code_of_.insert({{op.code, op.custom_code, op.version}, uint32_t(codes_.size())});
  if (is_new) {
    // The old field has 7 bits; readers take the larger of the two.
    const auto old =
        int8_t(std::min(op.code, format::BuiltinOperator::PLACEHOLDER_FOR_GREATER_OP_CODES));
    const char* custom = op.custom_code.empty() ? nullptr : op.custom_code.c_str();
    codes_.push_back(format::CreateOperatorCodeDirect(flat_, old, custom, op.version, op.code));
  }
  return found->second;
}

void ModelBuilder::end_subgraph(const std::string& name, const std::vector<int32_t>& inputs,
                                const std::vector<int32_t>& outputs) {
  subgraphs_.push_back(
      format::CreateSubGraphDirect(flat_, &tensors_, &inputs, &outputs, &operators_, name.c_str()));
  tensors_.clear();
  operators_.clear();
}

Bytes ModelBuilder::finish() {
  MOTE_ASSERT(tensors_.empty() && operators_.empty());
  const auto model =
      format::CreateModelDirect(flat_, kSchemaVersion, &codes_, &subgraphs_, "mote", &buffers_);
  format::FinishModelBuffer(flat_, model);
  return Bytes(flat_.GetBufferPointer(), flat_.GetBufferPointer() + flat_.GetSize());
}

}  // namespace mote::tflite
