// SPDX-License-Identifier: Apache-2.0
// Host: the call of a kernel that reads a LaneLayer. In: the kernels of the two output rules,
// parameters, the layer. Out: (input, packed, ...), which the operator ends.
#pragma once
#include "ops/nn/clamped_output.h"
#include "ops/nn/lane_layer.h"

namespace mote {

struct LaneKernels {
  const char* header;
  Kernel clamped;  // takes Clamped<P>
  Kernel any;      // takes P
  std::string params_type;
};

template <class P>
KernelCall lane_call(const LaneKernels& kernels, const P& params, const LaneLayer& layer) {
  KernelCall call =
      layer.is_clamped ? make_kernel_call(kernels.header, kernels.clamped,
                                          "Clamped<mote::" + kernels.params_type + ">",
                                          Clamped<P>{params, layer.low_bits, layer.signs})
                       : make_kernel_call(kernels.header, kernels.any, kernels.params_type, params);
  call.input(0).constant("packed", ElementType::u32, layer.words);
  return call;
}

}  // namespace mote
