// SPDX-License-Identifier: Apache-2.0
// Host: the call of a kernel that reads a PackedLayer. In: the kernel for each output rule
// (ops/nn/folded_output.h), parameters, the layer. Out: (input, packed, ...), which the operator
// ends.
#pragma once
#include <array>

#include "ops/nn/folded_output.h"
#include "ops/nn/packed_layer.h"

namespace mote {

struct PackedKernels {
  const char* header;
  std::array<Kernel, 11> kernels;  // MOTE_PACKED_KERNELS
  std::string params_type;
};

// Of a template whose last argument is the output rule; those before it follow f, with a comma.
#define MOTE_PACKED_KERNELS(f, ...)                           \
  {                                                           \
    MOTE_KERNEL(f<__VA_ARGS__ mote::FoldedOutput>),           \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 0>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 0>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 8>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 8>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 9>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 9>>),  \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 10>>), \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 10>>), \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 11>>), \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 11>>), \
  }

// Its place in PackedKernels.
inline size_t rule_of(const PackedLayer& layer) {
  static_assert(kLeastShift == 8 && kMostShift == 11);
  if (layer.rule != OutputRule::exact) return 0;
  const bool is_fixed = layer.shift >= kLeastShift && layer.shift <= kMostShift;
  return size_t(1 + (is_fixed ? 2 * (layer.shift - kLeastShift + 1) : 0) + layer.signs);
}

template <class P>
KernelCall packed_call(const PackedKernels& kernels, const P& params, const PackedLayer& layer) {
  KernelCall call =
      make_kernel_call(kernels.header, kernels.kernels.at(rule_of(layer)),
                       "Packed<mote::" + kernels.params_type + ">", Packed<P>{params, layer.shift});
  call.input(0).constant("packed", ElementType::u32, layer.words);
  return call;
}

}  // namespace mote
