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

class Quantizer {
 public:
  virtual ~Quantizer() = default;

  // The integer graph being written, and the value in it that stands for input i of the float node.
  virtual Graph& graph() = 0;
  virtual ValueId input(const NodeView& view, size_t i) = 0;

  // The calibrated range of the float node's output i.
  virtual ValueRange range(const NodeView& view, size_t i = 0) = 0;

  // int8 activation parameters for output i: asymmetric over its range, as the TFLite converter
  // chooses them (scale = (max - min) / 255, zero point nudged to an integer).
  virtual Quantization activation(const NodeView& view, size_t i = 0) = 0;

  // Adds the integer node of the same name; its outputs stand for the float node's outputs from now
  // on.
  virtual ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                          Attributes attributes) = 0;
};

// The rule of operators that only move numbers or keep their scale (reshape, max pooling,
// concatenation of equals): the same node on the integer inputs.
void quantize_same_scale(Quantizer& quantizer, const NodeView& view);

// Symmetric int8 weights per index of `axis` (0: output channels first), scale = max|w| / 127 or
// more where the bias would not fit 30 bits, and their int32 bias at scale input_scale *
// weight_scale; -1 where the float node has no bias.
struct QuantizedWeights {
  ValueId weights = -1;
  ValueId bias = -1;
};
QuantizedWeights quantize_weights(Quantizer& quantizer, const NodeView& view, int32_t axis);

// The fixed-point form of a positive real number: real = multiplier * 2^(shift - 31), multiplier in
// [2^30, 2^31). The rule of TFLite's QuantizeMultiplier
// (tensorflow/lite/kernels/internal/quantization_util.cc).
struct QuantizedMultiplier {
  int32_t multiplier = 0;
  int32_t shift = 0;
};
QuantizedMultiplier quantize_multiplier(double real);

}  // namespace mote
