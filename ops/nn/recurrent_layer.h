// SPDX-License-Identifier: Apache-2.0
// Host rules of recurrent layers in integers: scales of stacked gates, the fields of
// recurrent_integer.h, and the rule of quantisation for weights that are read step by step. In: a
// node. Out: numbers of its Params, constants of the integer graph; refuses what does not fit.
#pragma once
#include "graph/quantizer.h"
#include "ops/nn/sequence_layer.h"

namespace mote {

// Of input i, weights of `gates` equal runs of rows: the scale of each. Refuses zero points, and
// other scales than one in all, or one that all rows of a gate have.
std::vector<double> gate_scales(const NodeView& node, size_t i, size_t gates);

// x of s8, or s16 with zero point 0, each with one scale; the output likewise, by its attributes.
ValueType integer_output(const NodeView& node, int32_t units);

// Of h behind a curve: 2^-15 times as many powers of two as "hidden_scale" says. How many.
int32_t hidden_bits(const NodeView& node);
AttributeSpec hidden_scale_attribute(const std::string& summary);
// The least such scale for h that ends at 1 and a first h of `initial`.
double hidden_scale_over(const ValueRange& initial);

// Where the weights and the first h stand, and the steps of a gate's sum and of h.
struct RecurrentSums {
  size_t w, r, initial;
  size_t gates;
  double step;
  double hidden_scale;
};

// Factors of fixed point from scales, in the order of OutputForm and the Params.
QuantizedMultiplier recurrent_ratio(const NodeView& node, double real);
template <class Params>
void fill_integer(Params& params, const NodeView& node, const RecurrentSums& sums) {
  const std::vector<double> w = gate_scales(node, sums.w, sums.gates);
  const std::vector<double> r = gate_scales(node, sums.r, sums.gates);
  const Quantization& input = node.input(0).quantization;
  const double output_scale = double(float(node.number("output_scale")));
  params.input_zero_point = input.zero_point();
  params.output_zero_point = int32_t(node.integer("output_zero_point"));
  for (size_t g = 0; g < sums.gates; ++g) {
    const auto x = recurrent_ratio(node, double(input.scale()) * w[g] / sums.step);
    const auto h = recurrent_ratio(node, sums.hidden_scale * r[g] / sums.step);
    params.x_multiplier[g] = x.multiplier, params.x_shift[g] = x.shift;
    params.h_multiplier[g] = h.multiplier, params.h_shift[g] = h.shift;
  }
  const auto shown = recurrent_ratio(node, sums.hidden_scale / output_scale);
  const Quantization first =
      node.has_input(sums.initial) ? node.input(sums.initial).quantization : per_tensor(1.0f, 0);
  const auto taken = recurrent_ratio(node, double(first.scale()) / sums.hidden_scale);
  params.initial_zero_point = first.zero_point();
  params.output_multiplier = shown.multiplier, params.output_shift = shown.shift;
  params.initial_multiplier = taken.multiplier, params.initial_shift = taken.shift;
}

// For OpDef::stays_float: that one of the inputs first .. last, its weights, is computed.
std::string computed_weights(const NodeView& node, size_t first, size_t last);

// Input `weights` as s8, symmetric by gate, 8 bits in every plan; input `bias`, -1: none, at
// input_scale times that, s32 or s64. A scale is at least what lets an s32 bias stay in 30 bits.
struct GateWeights {
  size_t weights;
  int32_t bias;
  double input_scale;
  size_t gates = 1;
  ElementType bias_type = ElementType::s32;
};
QuantizedWeights quantize_gates(Quantizer& quantizer, const NodeView& node,
                                const GateWeights& gates);

// Input i, a state before the first step: its range (0 where it is not given), and it as `type` at
// `wanted`, or at its own range; -1 where it is not given.
ValueRange range_of_state(Quantizer& quantizer, const NodeView& node, size_t i);
ValueId quantize_state(Quantizer& quantizer, const NodeView& node, size_t i, ElementType type,
                       const Quantization& wanted);
ValueId quantize_state(Quantizer& quantizer, const NodeView& node, size_t i);
ValueRange widened(const ValueRange& a, const ValueRange& b);

}  // namespace mote
