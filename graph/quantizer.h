// SPDX-License-Identifier: Apache-2.0
// What an operator's quantisation rule sees: the float node, the calibrated ranges, and the integer
// graph being written. quantize/ implements it; operators only call it.
#pragma once
#include "graph/op_def.h"

namespace mote {

// The smallest and largest value seen in calibration, widened to contain zero.
struct ValueRange {
  float min = 0;
  float max = 0;
};

// What stands for a float layer's weights and bias; -1 where the layer has no bias.
struct QuantizedWeights {
  ValueId weights = -1;
  ValueId bias = -1;
};

class Quantizer {
 public:
  virtual ~Quantizer() = default;

  // The integer graph being written.
  virtual Graph& graph() = 0;

  // Of the layer's activations: s8, or s16 where the layer computes in 16x8.
  virtual ElementType type(const NodeView& view) = 0;

  // What stands for input i of the float node: integers of that type, or a float constant as it is.
  virtual ValueId input(const NodeView& view, size_t i) = 0;

  // Input 1 as int8, symmetric by the index of `axis` (output channels), and input 2 as s32 (s64
  // for s16) at input_scale * weight_scale.
  virtual QuantizedWeights weights(const NodeView& view, int32_t axis) = 0;

  // The calibrated range of the float node's output i, its states behind them; parameters over it.
  virtual ValueRange range(const NodeView& view, size_t i = 0) = 0;
  virtual Quantization activation(const NodeView& view, size_t i = 0) = 0;

  // Adds the integer node of the same name; its outputs stand for the float node's outputs from now
  // on.
  virtual ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                          Attributes attributes) = 0;
};

// Integers over a range that contains zero. s8: scale = (max - min) / 255, zero point nudged to the
// nearest integer, so that zero is exact (TFLite's ChooseQuantizationParams). s16: symmetric, scale
// = max(-min, max) / 32767. A range of no width is taken as 1 wide.
Quantization quantization_over(ElementType type, ValueRange range);
// Symmetric: scale = peak / 127, or / 32767 for s16; zero point 0.
Quantization symmetric_over(ElementType type, float peak);

// round(real / scale) + zero point, ties to even, limited to the type: s8 or s16.
int32_t to_integer(double real, const Quantization& quantization, ElementType type);

// What the bytes of a value (or of several one after the other) stand for: scale * (integer - zero
// point), by channel where it has a scale for each; the numbers themselves where it has none.
std::vector<double> real_numbers(const Value& value, std::span<const uint8_t> bytes);

// The least and greatest number of a float constant, widened to contain zero. Refuses what is
// not finite.
ValueRange range_of_constant(const NodeView& view, size_t i);
// Input i, a float constant, as integers of the layer's type.
ValueId quantize_constant(Quantizer& quantizer, const NodeView& view, size_t i,
                          const Quantization& wanted);

// Why a node has no integer form: by its operator, or by what it asks of that; empty: it has one.
std::string why_float(const NodeView& view);

// The rule of operators that only move numbers or keep their scale (reshape, max pooling,
// concatenation of equals): the same node on the integer inputs.
void quantize_same_scale(Quantizer& quantizer, const NodeView& view);

// The fixed-point form of a positive real number: real = multiplier * 2^(shift - 31), multiplier in
// [2^30, 2^31). The rule of TFLite's QuantizeMultiplier
// (tensorflow/lite/kernels/internal/quantization_util.cc).
struct QuantizedMultiplier {
  int32_t multiplier = 0;
  int32_t shift = 0;
};
QuantizedMultiplier quantize_multiplier(double real);

}  // namespace mote
