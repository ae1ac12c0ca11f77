// SPDX-License-Identifier: Apache-2.0
// All kernels with which a core can run a node, where lower_for() takes one by rule. In: a core, a
// node. Out: calls by names that stay when the layer's numbers change. Every one of them gives the
// same bytes (ops/nn/variants_test.cc); they differ in cycles, flash and scratch.
#pragma once
#include "graph/op_def.h"

namespace mote {

struct KernelCandidate {
  // The function's without its output rule: "conv_2d_s8_dsp_4"; "_small" behind a smaller form's.
  std::string name;
  KernelCall call;
  bool is_compressed = false;  // fewer bytes of weights in more instructions
};

KernelCandidate named(KernelCall call);
// KernelCall::smaller, which must be there.
KernelCandidate smaller_form(KernelCall call);

// All that core and node allow, in the order of OpDef::variants, each with its smaller form behind
// it; then the portable one, then compressed ones. No name comes twice.
std::vector<KernelCandidate> kernels_for(InstructionSet core, const NodeView& node);

// The one of that name; where there is none, or no name, what lower_for() takes.
KernelCandidate find_kernel(InstructionSet core, const NodeView& node, const std::string& name);

}  // namespace mote
