// SPDX-License-Identifier: Apache-2.0
// Host half of quantize: f32, or integers of another scale -> s8, u8, s16 or s32 of the same shape,
// at the scale and zero point that the attributes give.
#include "ops/nn/quantize/quantize.h"

#include <cmath>

#include "graph/text.h"
#include "ops/element_order.h"
#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/quantize/quantize.h";

#define MOTE_REQUANTIZE_FROM(T)                                                                  \
  {                                                                                              \
    Kernel{}, MOTE_KERNEL(requantize_each<T, int8_t>), MOTE_KERNEL(requantize_each<T, uint8_t>), \
        MOTE_KERNEL(requantize_each<T, int16_t>), MOTE_KERNEL(requantize_each<T, int32_t>)       \
  }

// Kernels of one input type, by the output's.
const KernelsOfTypes kFromF32{
    Kernel{}, MOTE_KERNEL(quantize_f32<int8_t>), MOTE_KERNEL(quantize_f32<uint8_t>),
    MOTE_KERNEL(quantize_f32<int16_t>), MOTE_KERNEL(quantize_f32<int32_t>)};
const KernelsOfTypes kEvenFromF32{Kernel{}, MOTE_KERNEL(quantize_even_f32<int8_t>),
                                  MOTE_KERNEL(quantize_even_f32<uint8_t>),
                                  MOTE_KERNEL(quantize_even_f32<int16_t>), Kernel{}};
const KernelsOfTypes kFromS8 MOTE_REQUANTIZE_FROM(int8_t);
const KernelsOfTypes kFromU8 MOTE_REQUANTIZE_FROM(uint8_t);
const KernelsOfTypes kFromS16 MOTE_REQUANTIZE_FROM(int16_t);
const KernelsOfTypes kFromS32 MOTE_REQUANTIZE_FROM(int32_t);

ElementType wanted(const NodeView& node) {
  return parse_element_type(node.text("output_type"), node.place());
}

const KernelsOfTypes kEvenQuotientFromF32{Kernel{}, MOTE_KERNEL(quantize_even_quotient_f32<int8_t>),
                                          MOTE_KERNEL(quantize_even_quotient_f32<uint8_t>),
                                          MOTE_KERNEL(quantize_even_quotient_f32<int16_t>),
                                          Kernel{}};

bool is_even(const NodeView& node) { return node.text("halves") == "even"; }

const KernelsOfTypes& kernels_from_f32(const NodeView& node) {
  const std::string& halves = node.text("halves");
  if (halves == "away") return kFromF32;
  if (halves == "even") return kEvenFromF32;
  if (halves == "even_quotient") return kEvenQuotientFromF32;
  node.refuse("wrong-attribute", "halves is '" + halves + "'", "use away, even or even_quotient");
}

Kernel kernel_for(const NodeView& node) {
  const auto to = size_t(wanted(node));
  switch (node.input(0).type) {
    case ElementType::f32:
      return kernels_from_f32(node)[to];
    case ElementType::s8:
      return kFromS8[to];
    case ElementType::u8:
      return kFromU8[to];
    case ElementType::s16:
      return kFromS16[to];
    case ElementType::s32:
      return kFromS32[to];
    default:
      return Kernel{};
  }
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  const ElementType to = wanted(node);
  if (!kernel_for(node).function)
    node.refuse("wrong-type",
                std::string(to_string(input.type)) + " is not quantised to " + to_string(to),
                "from f32, s8, u8, s16 or s32 to s8, u8, s16 or s32");
  if (input.type != ElementType::f32 && input.quantization.scales.size() != 1)
    node.refuse("wrong-quantization", "the input must have one scale");
  return {{{to, input.shape, checked_quantization(node, to), joint_clock(node)}}, {}};
}

// Beyond 8 bits the shift to the left may be large; s32 numbers then wrap around, as TFLM's do.
int64_t largest_number(ElementType type) {
  if (type == ElementType::s32) return 1;
  return type == ElementType::s16 ? 1 << 16 : 255;
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const Quantization& to = node.output().quantization;
  const auto count = int32_t(input.elements());
  const QuantizedClampRange range = limits_of(node.output().type);
  if (input.type == ElementType::f32 && is_even(node)) {
    const float inverse = 1.0f / to.scale();
    if (!std::isfinite(inverse))
      node.refuse("wrong-quantization", "1 / output_scale is no finite number");
    const QuantizeEvenParams params{count, inverse, to.zero_point(), range.min, range.max};
    return make_kernel_call(kHeader, kernel_for(node), "QuantizeEvenParams", params)
        .input(0)
        .output();
  }
  if (input.type == ElementType::f32) {
    const QuantizeParams params{count, to.scale(), to.zero_point(), range.min, range.max};
    return make_kernel_call(kHeader, kernel_for(node), "QuantizeParams", params).input(0).output();
  }
  const Quantization& from = input.quantization;
  const QuantizedMultiplier m =
      scale_ratio(node, double(from.scale()) / double(to.scale()), largest_number(input.type));
  const RequantizeParams params{count,   from.zero_point(), to.zero_point(), m.multiplier,
                                m.shift, range.min,         range.max};
  return make_kernel_call(kHeader, kernel_for(node), "RequantizeParams", params).input(0).output();
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back({"output_type", Attribute(std::string("s8")), "s8, u8, s16 or s32"});
  all.push_back(
      {"halves", Attribute(std::string("away")),
       "of f32: away (x / scale, halves away from zero), even (x times 1 / scale, halves to even) "
       "or even_quotient (x / scale, halves to even); the last two not to s32"});
  return all;
}

}  // namespace

const OpDef quantize_op{
    .name = "quantize",
    .room = "nn",
    .summary = "real numbers, or integers of another scale, to s8, u8, s16 or s32",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
