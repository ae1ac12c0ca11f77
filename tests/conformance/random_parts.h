// SPDX-License-Identifier: Apache-2.0
// The parts that random graphs are made of. In: a seeded generator. Out: inputs, shapes, windows
// and output scales that operators accept and that leave the outputs something to get wrong.
#pragma once
#include "tests/conformance/single_op.h"

namespace mote::conformance {

std::string random_activation(Random& random);
int32_t random_zero_point(Random& random);
Shape random_shape(Random& random);

// A stream of that shape: s8 with a random scale, or f32.
ValueId add_input(Graph& graph, Random& random, Shape shape);
ValueId add_f32_input(Graph& graph, Shape shape);

// output_scale and output_zero_point of an output about as wide as an input of that scale; now and
// then at a simple ratio, which makes ties of rounding frequent.
Attributes output_for(Random& random, float scale);

// Adds the operator under test; its output becomes the graph's and its description the graph's
// name.
void finish(Graph& graph, const OpDef& op, std::vector<ValueId> inputs, Attributes attributes);

// Where a kernel slides: sizes, strides and dilations such that at least one window fits the input.
struct Window {
  int32_t kernel, stride, dilation, input;
};
struct Windows {
  bool padded;
  Window h, w;
};
Windows random_windows(Random& random, bool dilated);
Attributes strides(const Windows& windows);
Attributes strides_and_dilations(const Windows& windows);

}  // namespace mote::conformance
