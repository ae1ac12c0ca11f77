// SPDX-License-Identifier: Apache-2.0
// Host: the call of a kernel that reads a PackedLayer. In: the kernel for each output rule
// (ops/nn/folded_output.h), parameters, the layer. Out: (input, packed, ...), which the operator
// ends.
#pragma once
#include <vector>

#include "ops/nn/folded_output.h"
#include "ops/nn/packed_layer.h"

namespace mote {

struct PackedKernels {
  const char* header;
  std::vector<Kernel> kernels;  // MOTE_PACKED_KERNELS
  std::string params_type;
};

// Of a template whose last argument is the output rule; those before it follow f, with a comma.
#define MOTE_PACKED_KERNELS(f, ...) \
  { MOTE_KERNEL(f<__VA_ARGS__ mote::FoldedOutput>), MOTE_EXACT_KERNELS(f, __VA_ARGS__) }
// With rules for channels that are alike, too: a negative of 0 costs them nothing that counts.
#define MOTE_PACKED_KERNELS_ALIKE(f, ...)                                               \
  {                                                                                     \
    MOTE_KERNEL(f<__VA_ARGS__ mote::FoldedOutput>), MOTE_EXACT_KERNELS(f, __VA_ARGS__), \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 0, true>>),                      \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 8, true>>),                      \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 9, true>>),                      \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 10, true>>),                     \
        MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 11, true>>)                      \
  }
#define MOTE_EXACT_KERNELS(f, ...)                          \
  MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 0>>),      \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 0>>),  \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 8>>),  \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 8>>),  \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 9>>),  \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 9>>),  \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 10>>), \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 10>>), \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<0, 11>>), \
      MOTE_KERNEL(f<__VA_ARGS__ mote::ExactOutput<1, 11>>)

// Its place in PackedKernels: of the rule with that shift, or for any.
inline size_t rule_of(const PackedLayer& layer, bool fixed) {
  static_assert(kLeastShift == 8 && kMostShift == 11);
  if (layer.rule != OutputRule::exact) return 0;
  const int32_t shift = fixed ? layer.shift - kLeastShift + 1 : 0;
  return size_t(layer.alike ? 11 + shift : 1 + 2 * shift + layer.signs);
}

// The rules for any shift are loops of a compiler, those with one may be longer.
template <class P>
KernelCall packed_call(const PackedKernels& kernels, const P& params, const PackedLayer& layer) {
  const bool fixed =
      layer.rule == OutputRule::exact && layer.shift >= kLeastShift && layer.shift <= kMostShift;
  KernelCall call = make_kernel_call(
      kernels.header, kernels.kernels.at(rule_of(layer, fixed)),
      "Packed<mote::" + kernels.params_type + ">",
      Packed<P>{params, layer.shift, layer.offset, layer.multiplier, layer.negative});
  if (fixed) call.smaller = kernels.kernels.at(rule_of(layer, false));
  call.input(0).constant("packed", ElementType::u32, layer.words);
  return call;
}

}  // namespace mote
