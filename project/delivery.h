// SPDX-License-Identifier: Apache-2.0
// A folder that the user named for mote to write into. It is replaced as a whole, and only when
// everything in it is what mote wrote there before (its mote.json lists the files with their
// hashes): nothing of the user's is ever lost.
#pragma once
#include <map>
#include <string>

#include "project/store.h"

namespace mote {

class Delivery {
 public:
  // Fails when `out` holds anything that mote did not write, or that was changed since.
  explicit Delivery(const std::filesystem::path& out);

  const std::filesystem::path& path() const { return staged_.path(); }  // where to write
  // Adds mote.json, then replaces the folder. `facts`: further names and values in mote.json.
  void commit(const std::map<std::string, std::string>& facts);

 private:
  StagedFolder staged_;
};

}  // namespace mote
