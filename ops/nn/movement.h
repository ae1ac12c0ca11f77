// SPDX-License-Identifier: Apache-2.0
// Host: what the operators that only move numbers share. Checked shapes and axes, loop nests for
// strided_copy and take, and the quantisation of several inputs to one scale.
#pragma once
#include "graph/quantizer.h"
#include "ops/nn/strided_copy.h"

namespace mote {

// Whether every number of the output is one of input 0's, chosen by its place alone: such a layer
// does the same to integers as to the real numbers that they stand for.
bool moves_numbers(const OpDef& op);

// Dimensions of at least 1 whose elements are within 2^31 bytes at 8 bytes each, rank at most 8.
Shape checked_shape(const NodeView& node, const std::vector<int64_t>& dims);
// The same for an input.
void expect_movable(const NodeView& node, size_t input);

// Attribute `name` as a dimension of `rank`; negative counts from the last.
size_t axis_attribute(const NodeView& node, const std::string& name, size_t rank);
// A list of `count` integers; an empty one stands for `count` times `otherwise`.
std::vector<int64_t> list_attribute(const NodeView& node, const std::string& name, size_t count,
                                    int64_t otherwise);
// An attribute that is 0 or 1.
bool flag_attribute(const NodeView& node, const std::string& name);

// The output has input 0's type and scale and that shape. Refuses scales of an axis.
Inference moved(const NodeView& node, Shape shape);

// Input i has input 0's type and scale.
void expect_like_data(const NodeView& node, size_t input);

// Input i is s32: what the kernels read indices as.
void expect_indices(const NodeView& node, size_t input);

// Product of the dimensions first .. last - 1.
int32_t product(const Shape& shape, size_t first, size_t last);
// Distances of neighbours along each dimension of a dense tensor.
std::vector<int64_t> strides_of(const Shape& shape);

// One loop of a nest, outermost first: how often, and the distances of its steps in x and y.
struct Loop {
  int64_t count;
  int64_t in;
  int64_t out;
};
// The nest with loops of 1 dropped, neighbours joined, and the innermost run taken out. P has the
// fields of StridedCopyParams.
struct Nest {
  std::vector<Loop> loops;
  int64_t run = 1;
};
Nest joined(const std::vector<Loop>& loops);
void refuse_deep(const NodeView& node, size_t loops);
template <class P>
void set_loops(const NodeView& node, const std::vector<Loop>& loops, P& params) {
  const Nest nest = joined(loops);
  refuse_deep(node, nest.loops.size());
  params.run = int32_t(nest.run);
  const size_t unused = size_t(kMostLoops) - nest.loops.size();
  for (size_t d = 0; d < size_t(kMostLoops); ++d) {
    const Loop loop = d < unused ? Loop{1, 0, 0} : nest.loops[d - unused];
    params.dims[d] = int32_t(loop.count);
    params.in_strides[d] = int32_t(loop.in);
    params.out_strides[d] = int32_t(loop.out);
  }
}

// The call of strided_copy_<bytes>(input 0) -> output 0, output dense.
KernelCall strided_copy_call(const NodeView& node, const std::vector<Loop>& loops,
                             int64_t in_offset);

// The call of take_<bytes>: along dimension d of the output, the input's indices[d][i].
KernelCall take_call(const NodeView& node, const std::vector<std::vector<int32_t>>& indices);

// The float node on the integer inputs, those of `tensors` brought to its output's scale by a
// quantize layer each; the others (indices) as they are.
void quantize_to_one_scale(Quantizer& quantizer, const NodeView& node,
                           const std::vector<size_t>& tensors);

// One number of the value's type, in its bytes: a real number at its scale, ties to even, limited.
int64_t number_bits(const NodeView& node, const Value& value, double real);

}  // namespace mote
