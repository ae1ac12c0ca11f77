// SPDX-License-Identifier: Apache-2.0
// Leaving whole groups out of a set (data.without), as if their recordings were not there. In: the
// files with their groups, then the recordings. Out: the same without those groups, and how many
// recordings that were. Files are left out unread wherever the path alone says their group.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/find_files.h"
#include "data/recording.h"

namespace mote {

struct LeftOut {
  std::set<std::string> names;            // of the recordings that were not read
  std::set<std::string> groups;           // that paths name, the left out ones too
  std::map<std::string, int64_t> counts;  // recordings left out of each group
};

// Those whose `left_out` is set.
LeftOut leave_out_files(std::vector<SourceFile>& files);

// What only reading showed: blocks of a recording that is spread over groups, lines of a .ts file.
// A group that neither files nor recordings have is an error with the nearest one.
void leave_out_recordings(const DataOptions& options, std::vector<Recording>& recordings,
                          LeftOut& left_out, Diagnostics& diagnostics);

// "Left out: 1 recording of group ana, 3 of group theo.", or nothing.
std::string left_out_sentence(const std::map<std::string, int64_t>& counts);

}  // namespace mote
