// SPDX-License-Identifier: Apache-2.0
// Choices of kernels that follow from the layers alone. In: a graph, a core. Out: KernelChoices.
// Those that are measured: project/tune.h.
#pragma once
#include "compiler/plan/plan.h"

namespace mote {

// Of each layer whose weights a core can decode, the kernel that does; none where nothing is saved.
KernelChoices compressed_kernels(const Graph& graph, InstructionSet core);

}  // namespace mote
