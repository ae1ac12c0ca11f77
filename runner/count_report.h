// SPDX-License-Identifier: Apache-2.0
// What the counting plugin takes and leaves (docs/formats/count.md). In: the code ranges of an
// image; the JSON that mote_count.so wrote. Out: the ranges file, the QEMU argument, and the counts
// as plain values.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/plugin/thumb.h"

namespace mote {

// Instructions by class, and what some of them move or do.
struct InstructionCounts {
  std::array<uint64_t, mote_count::kClasses> by_class{};  // indexed by mote_count::Class
  uint64_t load_words = 0, store_words = 0;               // moved by multiple loads and stores
  uint64_t pc_loads = 0;                                  // jumps by ldr pc, pop {pc}, tbb
  uint64_t loops_taken = 0;                               // low-overhead loops that jumped

  uint64_t instructions() const;
  InstructionCounts& operator+=(const InstructionCounts& other);
  bool operator==(const InstructionCounts&) const = default;
};

// Of the bytes of a memory, or of another data range.
struct AccessCounts {
  uint64_t loads = 0, stores = 0, load_bytes = 0, store_bytes = 0;

  uint64_t accesses() const { return loads + stores; }
  uint64_t bytes() const { return load_bytes + store_bytes; }
  AccessCounts& operator+=(const AccessCounts& other);
  bool operator==(const AccessCounts&) const = default;
};

struct CountedData {
  std::string name;
  AccessCounts first, later;
};

struct CountedRegion {
  std::string name, kind;          // kind: "push" or "layer"
  InstructionCounts first, later;  // until the first decision; from there to the last
  std::vector<CountedData> data;   // that it touched
};

struct CountReport {
  std::vector<CountedRegion> regions;
  uint64_t decisions = 0;
  InstructionCounts first, later;  // sums over the regions
  // Instructions of one decision: the first, and over those after it.
  uint64_t first_instructions = 0, min_instructions = 0, max_instructions = 0, after_last = 0;
  double mean_instructions = 0;
  uint64_t pushes = 0, largest_push = 0;

  // Of a data range, by all regions.
  CountedData accesses_to(const std::string& data) const;
};

// A range of code, or of data whose accesses are counted for each range of code.
struct CountedRange {
  uint32_t begin = 0, end = 0;  // end exclusive
  std::string kind;             // "none", "push", "layer", "mark"; "data"
  std::string name;
};

// The text of a ranges file.
std::string ranges_text(const std::vector<CountedRange>& ranges);

// The report in `path`; fails if the file is missing or is not one (the emulator was killed, say).
CountReport read_count_report(const std::filesystem::path& path);

// Where mote_count.so is: $MOTE_COUNT_PLUGIN, beside this program, or in ../lib/mote; empty if
// nowhere.
std::filesystem::path count_plugin_path();

// QEMU's arguments that load it. Commas separate plugin arguments, so a path with a comma is a user
// error.
std::vector<std::string> count_arguments(const std::filesystem::path& plugin,
                                         const std::filesystem::path& ranges,
                                         const std::filesystem::path& out);

}  // namespace mote
