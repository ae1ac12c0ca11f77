// SPDX-License-Identifier: Apache-2.0
// Leaving groups out. See leave_out.h.
#include "data/leave_out.h"

#include <algorithm>

namespace mote {
namespace {

bool is_without(const DataOptions& options, const std::string& group) {
  return std::count(options.without.begin(), options.without.end(), group) > 0;
}

void check_known(const DataOptions& options, const LeftOut& left_out, Diagnostics& diagnostics) {
  const std::vector<std::string> known(left_out.groups.begin(), left_out.groups.end());
  for (const std::string& group : options.without) {
    if (left_out.groups.count(group)) continue;
    const std::string near = nearest(group, known);
    diagnostics.error("unknown-group", options.without_place,
                      "no recording is of the group \"" + group + "\" that data.without names",
                      near.empty() ? "the groups are those that data.group finds"
                                   : "did you mean \"" + near + "\"?");
  }
}

}  // namespace

LeftOut leave_out_files(std::vector<SourceFile>& files) {
  LeftOut left_out;
  for (const SourceFile& file : files) {
    if (!file.split_group.empty()) left_out.groups.insert(file.split_group);
    const bool first = file.left_out && left_out.names.insert(file.recording()).second;
    if (first) ++left_out.counts[file.split_group];
  }
  std::erase_if(files, [](const SourceFile& file) { return file.left_out; });
  return left_out;
}

void leave_out_recordings(const DataOptions& options, std::vector<Recording>& recordings,
                          LeftOut& left_out, Diagnostics& diagnostics) {
  for (const Recording& recording : recordings) {
    left_out.groups.insert(recording.group);
    if (is_without(options, recording.group)) ++left_out.counts[recording.group];
  }
  std::erase_if(recordings, [&](const Recording& r) { return is_without(options, r.group); });
  check_known(options, left_out, diagnostics);
}

std::string left_out_sentence(const std::map<std::string, int64_t>& counts) {
  std::string text;
  for (const auto& [group, n] : counts) {
    const std::string word = !text.empty() ? "" : n == 1 ? " recording" : " recordings";
    text += (text.empty() ? "Left out: " : ", ") + std::to_string(n) + word + " of group " + group;
  }
  return text.empty() ? "" : text + ".";
}

}  // namespace mote
