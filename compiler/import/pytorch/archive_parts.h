// SPDX-License-Identifier: Apache-2.0
// For tests: the entries of a zip archive. Of a .pt2 file, to be changed and put together again; of
// the test models of PyTorch's formats.
#pragma once
#include <map>
#include <string>

#include "graph/graph.h"

namespace mote::pytorch {

using ArchiveParts = std::map<std::string, std::string>;

// A file of tests/conformance/pytorch/models.zip (environment: MOTE_SOURCE_DIR); fails where it is
// not there.
Bytes read_test_file(const std::string& name);
ArchiveParts parts_of(const Bytes& archive);
// Stored, or compressed.
Bytes archive_of(const ArchiveParts& parts, bool compressed = false);

}  // namespace mote::pytorch
