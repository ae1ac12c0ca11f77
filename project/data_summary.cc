// SPDX-License-Identifier: Apache-2.0
// Counting what was read. See data_summary.h.
#include "project/data_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "data/cut.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

// Groups beyond this many are counted, not listed, on a terminal.
constexpr size_t kMostGroupsShown = 20;

using Parts = std::map<std::string, PartSummary>;

void add(Parts& parts, const std::string& name, int64_t recordings, double seconds) {
  PartSummary& part = parts[name];
  part.name = name;
  part.recordings += recordings;
  part.seconds += seconds;
}

std::vector<PartSummary> listed(const Parts& parts) {
  std::vector<PartSummary> list;
  for (const auto& [name, part] : parts) list.push_back(part);
  return list;
}

void add_classes(Parts& classes, const Recording& recording) {
  if (recording.labels.empty()) {
    add(classes, recording.label, 1, duration_s(recording));
    return;
  }
  std::map<std::string, double> seconds;
  for (const LabelRange& range : recording.labels)
    seconds[range.label] += range.end_s - range.begin_s;
  for (const auto& [label, s] : seconds) add(classes, label, 1, s);
}

AxisSummary summarize_axis(const Dataset& dataset, size_t axis) {
  AxisSummary out;
  out.axis = dataset.recordings[0].axes[axis];
  out.lowest = std::numeric_limits<double>::infinity();
  out.highest = -out.lowest;
  double sum = 0;
  int64_t n = 0;
  for (const Recording& recording : dataset.recordings)
    for (size_t i = axis; i < recording.values.size(); i += recording.axes.size()) {
      const double value = recording.values[i];
      out.lowest = std::min(out.lowest, value);
      out.highest = std::max(out.highest, value);
      sum += value;
      ++n;
    }
  out.mean = n > 0 ? sum / double(n) : 0;
  return out;
}

ordered_json parts_json(const std::vector<PartSummary>& parts) {
  ordered_json list = ordered_json::array();
  for (const PartSummary& part : parts)
    list.push_back(
        {{"name", part.name}, {"recordings", part.recordings}, {"seconds", part.seconds}});
  return list;
}

std::string part_rows(const std::string& title, const std::vector<PartSummary>& parts,
                      size_t most) {
  std::string text = fmt::format("\n{:24} {:>10} {:>12}\n", title, "recordings", "seconds");
  for (size_t i = 0; i < parts.size() && i < most; ++i)
    text +=
        fmt::format("  {:22} {:>10} {:>12.1f}\n", parts[i].name.empty() ? "(none)" : parts[i].name,
                    parts[i].recordings, parts[i].seconds);
  if (parts.size() > most) text += fmt::format("  ... and {} more\n", parts.size() - most);
  return text;
}

}  // namespace

DataSummary summarize(const Data& data) {
  const Dataset& dataset = data.dataset;
  DataSummary out;
  out.recordings = int64_t(dataset.recordings.size());
  out.rate_hz = dataset.recordings.at(0).rate_hz;
  out.shortest_s = std::numeric_limits<double>::infinity();
  Parts classes, groups;
  for (const Recording& recording : dataset.recordings) {
    const double seconds = duration_s(recording);
    out.samples += recording.size();
    out.gaps += int64_t(recording.gaps.size());
    for (const Gap& gap : recording.gaps) out.missing_samples += gap.missing;
    out.seconds += seconds;
    out.shortest_s = std::min(out.shortest_s, seconds);
    out.longest_s = std::max(out.longest_s, seconds);
    add_classes(classes, recording);
    add(groups, recording.group, 1, seconds);
  }
  for (size_t a = 0; a < dataset.recordings[0].axes.size(); ++a)
    out.axes.push_back(summarize_axis(dataset, a));
  out.classes = listed(classes);
  out.groups = listed(groups);
  out.split = data.sentence;
  out.folds = int64_t(data.folds.size());
  out.sha256 = dataset.sha256;
  return out;
}

std::string to_text(const DataSummary& s) {
  std::string text =
      fmt::format("{} recordings, {:.1f} s in all ({:.2f} to {:.2f} s each), {:g} Hz\n",
                  s.recordings, s.seconds, s.shortest_s, s.longest_s, s.rate_hz);
  text += fmt::format("{} samples, {} missing in {} gaps\n", s.samples, s.missing_samples, s.gaps);
  text += fmt::format("\n{:24} {:>10} {:>12} {:>12} {:>12}\n", "axis", "unit", "lowest", "mean",
                      "highest");
  for (const AxisSummary& a : s.axes)
    text += fmt::format("  {:22} {:>10} {:>12.5g} {:>12.5g} {:>12.5g}\n", a.axis.name,
                        a.axis.unit.empty() ? "-" : a.axis.unit, a.lowest, a.mean, a.highest);
  text += part_rows("class", s.classes, s.classes.size());
  // Without a rule each recording is a group of its own: nothing to read there.
  if (s.groups.size() < size_t(s.recordings))
    text += part_rows("group", s.groups, kMostGroupsShown);
  text += "\n" + s.split + "\n";
  if (s.folds > 1)
    text += fmt::format("{} folds: each group of [data] is held out once.\n", s.folds);
  return text + fmt::format("data set {}\n", s.sha256);
}

std::string to_json(const DataSummary& s) {
  ordered_json json{{"recordings", s.recordings},
                    {"rate_hz", s.rate_hz},
                    {"samples", s.samples},
                    {"seconds", s.seconds},
                    {"shortest_s", s.shortest_s},
                    {"longest_s", s.longest_s},
                    {"gaps", s.gaps},
                    {"missing_samples", s.missing_samples}};
  json["axes"] = ordered_json::array();
  for (const AxisSummary& a : s.axes)
    json["axes"].push_back({{"name", a.axis.name},
                            {"unit", a.axis.unit},
                            {"lowest", a.lowest},
                            {"mean", a.mean},
                            {"highest", a.highest}});
  json["classes"] = parts_json(s.classes);
  json["groups"] = parts_json(s.groups);
  json["split"] = s.split;
  json["folds"] = s.folds;
  json["sha256"] = s.sha256;
  return json.dump(1) + "\n";
}

}  // namespace mote
