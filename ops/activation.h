// SPDX-License-Identifier: Apache-2.0
// The activation that is fused into convolutions, fully connected layers and additions: its name as
// an attribute, and its clamp in real and in quantised numbers (TFLite's
// CalculateActivationRangeQuantized).
#pragma once
#include "graph/op_def.h"

namespace mote {

struct ClampRange {
  float min;
  float max;
};
struct QuantizedClampRange {
  int32_t min;
  int32_t max;
};

// The attribute "activation": none, relu, relu6, relu_n1_to_1 or relu_0_to_1.
AttributeSpec activation_attribute();
// "output_scale", "output_zero_point": the quantisation of an integer node's output; not looked at
// for f32.
std::vector<AttributeSpec> output_quantization_attributes();

// Both: what a layer with a fused activation and nothing else takes.
std::vector<AttributeSpec> fused_activation_attributes();

// Whether the node's output passes a fused clamp that is "none": an activation behind it can become
// it.
bool has_free_clamp(const Node& node);

ClampRange activation_range(const NodeView& node);
QuantizedClampRange quantized_activation_range(const NodeView& node, const Value& output);

// f32 for an f32 input; else the input's type at the scale that the attributes give.
ValueType like_input(const NodeView& node, Shape shape);

// {activation..., output_scale, output_zero_point} for the integer form of a float node.
Attributes with_output_quantization(Attributes attributes, const Quantization& quantization);

}  // namespace mote
