// SPDX-License-Identifier: Apache-2.0
// See tensor.h.
#include "compiler/import/torchscript/plugin/tensor.h"

namespace mote::torchscript {
namespace {

struct TypePair {
  ElementType ours;
  at::ScalarType theirs;
};
constexpr TypePair kTypes[] = {{ElementType::f32, at::kFloat},   {ElementType::s8, at::kChar},
                               {ElementType::u8, at::kByte},     {ElementType::s16, at::kShort},
                               {ElementType::s32, at::kInt},     {ElementType::s64, at::kLong},
                               {ElementType::boolean, at::kBool}};

}  // namespace

bool element_type(at::ScalarType type, ElementType& out) {
  for (const TypePair& pair : kTypes)
    if (pair.theirs == type) return out = pair.ours, true;
  return false;
}

at::ScalarType scalar_type(ElementType type) {
  for (const TypePair& pair : kTypes)
    if (pair.ours == type) return pair.theirs;
  return at::kFloat;
}

pytorch::TensorMeta meta_of(const at::Tensor& tensor, ElementType type) {
  pytorch::TensorMeta meta{type, {}};
  for (int64_t size : tensor.sizes()) meta.shape.push_back(int32_t(size));
  return meta;
}

bool constant_of(const at::Tensor& tensor, pytorch::Constant& out) {
  if (tensor.is_quantized() || tensor.layout() != at::kStrided) return false;
  at::Tensor plain = tensor.detach().contiguous();
  const at::ScalarType type = plain.scalar_type();
  if (type == at::kHalf || type == at::kBFloat16 || (type == at::kDouble && plain.dim() == 0))
    plain = plain.to(at::kFloat);
  ElementType element = ElementType::f32;
  if (!element_type(plain.scalar_type(), element)) return false;
  out.meta = meta_of(plain, element);
  const auto* bytes = static_cast<const uint8_t*>(plain.data_ptr());
  out.data.assign(bytes, bytes + plain.nbytes());
  return true;
}

}  // namespace mote::torchscript
