// SPDX-License-Identifier: Apache-2.0
// Public data sets that mote knows by name: where they come from, under which licence, and the
// [data] options that read them. In: a name. Out: where the files lie on this machine. Nothing is
// downloaded but by fetch().
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace mote {

// Files inside a Python wheel that a package index serves.
struct WheelSource {
  std::string requirement;  // "aeon==1.6.0"
  struct Member {
    std::string path;  // in the wheel
    std::string name;  // in the folder of the set
    std::string sha256;
  };
  std::vector<Member> members;
};

struct CatalogueEntry {
  std::string name;
  std::string title;
  std::string source;
  std::string licence;
  std::string layout;   // what the folder holds, for people
  std::string folder;   // below MOTE_DATA
  std::string sha256;   // Dataset::sha256 of the version that mote's figures were measured on
  DataOptions options;  // paths relative to the folder
  std::optional<WheelSource> wheel;  // nothing: the user fetches it from `source`
};

const std::vector<CatalogueEntry>& catalogue();

// The entry of that name; throws UserError with the nearest name otherwise.
const CatalogueEntry& find_entry(const std::string& name);

// The folder of the set: below $MOTE_DATA, else in the cache ($XDG_CACHE_HOME/mote or
// ~/.cache/mote). Nothing when it is in neither; a warning when its files are another version than
// the entry's.
std::optional<std::filesystem::path> locate(const CatalogueEntry& entry, Diagnostics& diagnostics);

// locate(), and where that finds nothing the download into the cache; throws UserError when it
// cannot be had.
std::filesystem::path fetch(const CatalogueEntry& entry, Diagnostics& diagnostics);

// The entry's options with paths below `folder`.
DataOptions options_in(const CatalogueEntry& entry, const std::filesystem::path& folder);

}  // namespace mote
