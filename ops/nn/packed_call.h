// SPDX-License-Identifier: Apache-2.0
// Host: the call of a kernel that reads a PackedLayer. In: the kernels of the two output rules,
// parameters, the layer. Out: (input, packed, ...), which the operator ends.
#pragma once
#include "ops/nn/folded_output.h"
#include "ops/nn/packed_layer.h"

namespace mote {

struct PackedKernels {
  const char* header;
  Kernel exact;  // takes Exact<P>
  Kernel any;    // takes P
  std::string params_type;
};

template <class P>
KernelCall packed_call(const PackedKernels& kernels, const P& params, const PackedLayer& layer) {
  KernelCall call =
      layer.is_exact ? make_kernel_call(kernels.header, kernels.exact,
                                        "Exact<mote::" + kernels.params_type + ">",
                                        Exact<P>{params, layer.shift, layer.signs})
                     : make_kernel_call(kernels.header, kernels.any, kernels.params_type, params);
  call.input(0).constant("packed", ElementType::u32, layer.words);
  return call;
}

}  // namespace mote
