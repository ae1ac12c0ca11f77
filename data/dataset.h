// SPDX-License-Identifier: Apache-2.0
// From a folder of recordings to a Dataset: finds the files, reads them, gives each its label and
// group, and checks that they fit together. In: what mote.toml says in [data]. Out: the set, or one
// UserError with every problem found.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

// Where the label of a recording comes from. A pattern is a regular expression (ECMAScript) with
// one group in parentheses; it is searched in the file's name, or for folders in the folder's path
// below `recordings`.
struct LabelRule {
  // "" = the file's own label, else its folder; "none"; "folder" (without a pattern: the topmost);
  // "file" (without a pattern: the name up to the first _ or .); "column"; "ranges" (a CSV of
  // file,begin,end,label); "value" (the file's own, as in .ts).
  std::string by;
  std::string pattern;
  std::string column;
  std::string file;  // of ranges, below `recordings` unless absolute
};

// Which recordings a split must never part. "none": each recording is a group of its own.
struct GroupRule {
  std::string by = "none";  // "none", "folder" (without a pattern: the lowest), "file"
  std::string pattern;
  // A recording that the pattern does not match is cut into one time block for each group that
  // others have; without this it is an error.
  bool spread = false;
};

struct DataOptions {
  std::filesystem::path recordings;  // folder or file
  std::filesystem::path test;        // folder or file of held-out recordings, "" = none
  std::string format;                // "" = by extension
  double rate_hz = 0;                // 0 = as in the files
  std::vector<std::string> axes;     // empty = all
  std::vector<std::string> units;    // empty = as in the files
  std::string time_column;           // "" = found by its name, "none" = there is none
  LabelRule label;
  GroupRule group;
  std::string
      merge;  // pattern: files with the same group (and another rest) are sensors of one recording
  std::string missing = "drop";  // drop, hold, interpolate, fail
  std::map<std::string, std::string>
      classes;                // label in the data -> class; others are left out; empty = all as is
  std::string classes_place;  // for messages; "": labels of `classes` need not occur in the data
  std::vector<std::string> without;            // groups left out, as if they were not there
  std::string without_place = "data.without";  // for messages: "mote.toml:7"
};

// Reads everything; throws UserError with all errors. The Dataset holds the recordings of
// `recordings`, then those of `test`, each sorted by name. Dataset::sha256 is that of the lines
// "<sha256 of the file>  <name>\n", as sha256sum prints them.
Dataset read_dataset(const DataOptions& options, Diagnostics& diagnostics);

// The class number of a label; -1 when it is no class.
int64_t class_index(const Dataset& dataset, const std::string& label);

// The [data] part of mote.toml that says the same.
std::string to_toml(const DataOptions& options);

}  // namespace mote
