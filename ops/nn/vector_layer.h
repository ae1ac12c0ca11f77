// SPDX-License-Identifier: Apache-2.0
// Host: s8 layers for kernels that multiply 16 numbers at a time (core/simd_mve.h). In: a layer's
// weights and bias, channel by channel. Out: a PackedLayer whose weights are vectors of 16, for
// four channels in turn, its numbers four of a kind (ops/nn/vector_output.h); the call of a kernel.
#pragma once
#include <array>

#include "ops/nn/fully_connected/fully_connected.h"
#include "ops/nn/packed_layer.h"
#include "ops/nn/vector_output.h"

namespace mote {

// How many vectors a kernel reads in a row, and how many rows.
struct RunsOfVectors {
  int32_t steps;
  int32_t count;
};
// The fewest runs that hold so many vectors, of equal lengths.
RunsOfVectors cut_in_runs(int32_t vectors);

// A channel's weights in rows of `row`, each filled up with 0 to `filled`, all to whole vectors.
struct RowsOfWeights {
  int32_t row;
  int32_t filled;
};
void fill_up(std::vector<Channel>& channels, RowsOfWeights rows);
std::optional<PackedLayer> vector_layer(const NodeView& node, std::vector<Channel> channels,
                                        QuantizedClampRange clamp, RowsOfWeights rows);

// Four neighbouring weights, the first in the lowest byte.
uint32_t word_of_weights(const Channel& channel, size_t k);

// The same for eight rows of weights in turn (core/simd_vector_rows.h), the even ones first; a call
// of the kernel of which fully connected layers, and convolutions of one place, are made.
std::optional<KernelCall> vector_rows_call(const NodeView& node, const FullyConnectedParams& p);

// The bias as it is: of sums that are not scaled.
int32_t plain_bias(const Channel& channel);

// A kernel for each output rule, in the order of PackedLayer::Rule.
struct VectorKernels {
  const char* header;
  std::array<Kernel, 3> kernels;  // MOTE_VECTOR_KERNELS
  std::string params_type;
};
// Of a template whose argument is the output rule.
#define MOTE_VECTOR_KERNELS(f)                                                   \
  {                                                                              \
    MOTE_KERNEL(f<mote::VectorOutput>), MOTE_KERNEL(f<mote::ExactVectorOutput>), \
        MOTE_KERNEL(f<mote::RoundedVectorOutput>),                               \
  }

// (input, packed, ...), which the operator ends.
template <class P>
KernelCall vector_call(const VectorKernels& kernels, const P& params, const PackedLayer& layer) {
  KernelCall call = make_kernel_call(kernels.header, kernels.kernels.at(size_t(layer.rule)),
                                     kernels.params_type, params);
  call.input(0).constant("packed", ElementType::u32, layer.words);
  return call;
}

}  // namespace mote
