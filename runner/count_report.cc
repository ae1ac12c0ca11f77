// SPDX-License-Identifier: Apache-2.0
// Reads the plugin's JSON; see count_report.h.
#include "runner/count_report.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "graph/diagnostics.h"

namespace mote {
namespace {

using nlohmann::json;

InstructionCounts read_counts(const json& in) {
  InstructionCounts out;
  for (int i = 0; i < mote_count::kClasses; ++i)
    out.by_class[size_t(i)] = in.value(mote_count::class_name(i), uint64_t{0});
  out.load_words = in.value("load_words", uint64_t{0});
  out.store_words = in.value("store_words", uint64_t{0});
  out.pc_loads = in.value("pc_loads", uint64_t{0});
  out.loops_taken = in.value("loops_taken", uint64_t{0});
  return out;
}

AccessCounts read_accesses(const json& in) {
  return {in.at("loads"), in.at("stores"), in.at("load_bytes"), in.at("store_bytes")};
}

CountedRegion read_region(const json& in) {
  CountedRegion out{
      in.at("name"), in.at("kind"), read_counts(in.at("first")), read_counts(in.at("later")), {}};
  for (const json& data : in.value("data", json::array()))
    out.data.push_back(
        {data.at("name"), read_accesses(data.at("first")), read_accesses(data.at("later"))});
  return out;
}

CountReport read_report(const json& in) {
  CountReport out;
  for (const json& region : in.at("regions")) out.regions.push_back(read_region(region));
  out.decisions = in.at("decisions");
  out.first = read_counts(in.at("first"));
  out.later = read_counts(in.at("later"));
  const json& n = in.at("instructions");
  out.first_instructions = n.at("first");
  out.mean_instructions = n.at("mean");
  out.min_instructions = n.at("min");
  out.max_instructions = n.at("max");
  out.after_last = n.at("after_last");
  out.pushes = in.at("pushes");
  out.largest_push = in.at("largest_push").at("instructions");
  return out;
}

}  // namespace

uint64_t InstructionCounts::instructions() const {
  uint64_t sum = 0;
  for (uint64_t n : by_class) sum += n;
  return sum;
}

InstructionCounts& InstructionCounts::operator+=(const InstructionCounts& other) {
  for (size_t i = 0; i < by_class.size(); ++i) by_class[i] += other.by_class[i];
  load_words += other.load_words;
  store_words += other.store_words;
  pc_loads += other.pc_loads;
  loops_taken += other.loops_taken;
  return *this;
}

AccessCounts& AccessCounts::operator+=(const AccessCounts& other) {
  loads += other.loads, stores += other.stores;
  load_bytes += other.load_bytes, store_bytes += other.store_bytes;
  return *this;
}

CountedData CountReport::accesses_to(const std::string& data) const {
  CountedData sum{data, {}, {}};
  for (const CountedRegion& region : regions)
    for (const CountedData& some : region.data)
      if (some.name == data) sum.first += some.first, sum.later += some.later;
  return sum;
}

std::string ranges_text(const std::vector<CountedRange>& ranges) {
  std::string text;
  for (const CountedRange& range : ranges) {
    char numbers[32];
    std::snprintf(numbers, sizeof numbers, "%08x %08x ", range.begin, range.end);
    text += numbers + range.kind + " " + range.name + "\n";
  }
  return text;
}

CountReport read_count_report(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file)
    fail("no-count-report", path.string(), "the counting plugin left no report",
         "the emulator did not end by itself; look at its messages");
  try {
    const json in = json::parse(file);
    if (in.at("format") != "mote-count-1")
      fail("wrong-format", path.string(), "this is not a mote-count-1 report");
    return read_report(in);
  } catch (const json::exception& error) {
    fail("broken-count-report", path.string(), error.what());
  }
}

std::filesystem::path count_plugin_path() {
  std::vector<std::filesystem::path> places;
  if (const char* given = std::getenv("MOTE_COUNT_PLUGIN")) places.push_back(given);
  std::error_code error;
  std::filesystem::path folder =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  // A build tree keeps the plugin at its top, programs one or two folders below.
  for (int up = 0; up < 3; ++up, folder = folder.parent_path()) {
    places.push_back(folder / "mote_count.so");
    places.push_back(folder / "lib" / "mote" / "mote_count.so");
  }
  for (const auto& place : places)
    if (std::filesystem::exists(place, error)) return place;
  return {};
}

std::vector<std::string> count_arguments(const std::filesystem::path& plugin,
                                         const std::filesystem::path& ranges,
                                         const std::filesystem::path& out) {
  for (const auto& path : {plugin, ranges, out})
    if (path.string().find(',') != std::string::npos)
      fail("comma-in-path", path.string(), "the emulator cannot take a path with a comma",
           "move it");
  return {"-plugin", plugin.string() + ",ranges=" + ranges.string() + ",out=" + out.string()};
}

}  // namespace mote
