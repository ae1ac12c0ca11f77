// SPDX-License-Identifier: Apache-2.0
// The bytes of a .pt2 file (torch.export.save) as a checked Program. In: bytes. Out: the calls of
// its JSON graph, the types and shapes of its tensors, its raw weights. Nothing pickled is ever
// read. Private to this folder.
#pragma once
#include "compiler/import/pytorch/program.h"

namespace mote::pytorch {

// Fails with what cannot be taken.
Program read_pt2(const ModelFile& file, Diagnostics& diagnostics);

}  // namespace mote::pytorch
