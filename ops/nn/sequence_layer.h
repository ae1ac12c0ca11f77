// SPDX-License-Identifier: Apache-2.0
// Host rules that recurrent layers share: the shape of their sequence, their attributes, and the
// table of the int16 gates. In: a node. Out: numbers of its Params; refuses what does not fit.
#pragma once
#include "graph/op_def.h"

namespace mote {

struct SequenceSizes {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
};

// time_major, reverse, keeps_state, final_state.
std::vector<AttributeSpec> sequence_attributes();

// Of x = input 0 of rank 3; units is the first dimension of input `weights`, [units of it, inputs].
// `gates`: how many gates lie stacked in that dimension.
SequenceSizes sequence_sizes(const NodeView& node, size_t weights, int32_t gates = 1);

// x's shape with `units` in its last dimension.
Shape sequence_output(const NodeView& node, int32_t units);

// Input i has this shape and type.
void expect_tensor(const NodeView& node, size_t i, ElementType type, const Shape& shape);

// Where the optional inputs of a layer stand: h before the first step, lengths (s32).
struct SequenceOptions {
  size_t initial;
  size_t lengths;
};
void check_options(const NodeView& node, const SequenceSizes& sizes, SequenceOptions at);
// Input i, a state before the first step, is a tensor of this form.
struct StateForm {
  ElementType type;
  Quantization quantization;
};
void check_initial(const NodeView& node, const SequenceSizes& sizes, size_t i,
                   const StateForm& form);
// Input i, or null where it is not given.
void add_optional(KernelCall& call, const NodeView& node, size_t i);
// Output i, or null where the node has not so many.
void add_final(KernelCall& call, const NodeView& node, size_t i);
// One more output for each state, in its form, where "final_state" asks for them.
void add_final_states(const NodeView& node, Inference& inference,
                      const std::vector<StateForm>& forms);

// "clip", "alpha", "beta", and an attribute for the name of each function.
struct RecurrentFunction {
  const char* attribute;
  const char* initial;
  const char* summary;
};
std::vector<AttributeSpec> recurrent_attributes(std::span<const RecurrentFunction> functions);

struct RecurrentActivationParams {
  int32_t code;
  float alpha, beta;
};
// Function `i` of the layer.
RecurrentActivationParams recurrent_activation(const NodeView& node, const char* attribute,
                                               size_t i);
float recurrent_clip(const NodeView& node);
// Whether the layer has only what `functions` have by default, no clip, no initial state: what the
// integer rules take.
bool is_plain_recurrent(const NodeView& node, std::span<const RecurrentFunction> functions);

// Fills clip and the arrays activation, alpha and beta.
template <class Params>
void fill_activations(Params& params, const NodeView& node,
                      std::span<const RecurrentFunction> functions) {
  params.clip = recurrent_clip(node);
  for (size_t i = 0; i < functions.size(); ++i) {
    const auto f = recurrent_activation(node, functions[i].attribute, i);
    params.activation[i] = f.code;
    params.alpha[i] = f.alpha;
    params.beta[i] = f.beta;
  }
}

template <class Params>
void fill_sequence(Params& params, const SequenceSizes& sizes) {
  params.batches = sizes.batches;
  params.steps = sizes.steps;
  params.inputs = sizes.inputs;
  params.units = sizes.units;
  params.batch_rows = sizes.batch_rows;
  params.step_rows = sizes.step_rows;
  params.reverse = sizes.reverse;
  params.keeps_state = sizes.keeps_state;
}

}  // namespace mote
