// SPDX-License-Identifier: Apache-2.0
// From a Survey to a commented mote.toml. See new_project.h.
#include "project/new_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "project/build.h"
#include "project/store.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

struct WindowChoice {
  double length_ms = 0;
  double stride_ms = 0;
  bool whole = false;
  int64_t samples = 0;
  std::string why;
};

double up_to(double value, double step) { return std::ceil(value / step - 1e-9) * step; }

WindowChoice window_of_audio(const Survey& seen) {
  WindowChoice w;
  if (seen.longest_s <= 2) {
    w.length_ms = w.stride_ms = up_to(1000 * seen.longest_s, 100);
    w.whole = true;
    w.why = "each recording is one short sound: it counts once";
  } else {
    w.length_ms = 1000;
    w.stride_ms = 500;
    w.why = "one second, a new decision every half";
  }
  return w;
}

WindowChoice window_of_sensor(const Survey& seen) {
  WindowChoice w;
  const double shortest = seen.shortest_s * seen.rate_hz, longest = seen.longest_s * seen.rate_hz;
  const bool same = longest - shortest < 1.5 && longest <= 1024;
  const double samples =
      std::min(same ? longest : std::clamp(2 * seen.rate_hz, 64.0, 2048.0), shortest);
  w.samples = std::max<int64_t>(2, int64_t(samples + 0.5));
  w.length_ms = 1000 * double(w.samples) / seen.rate_hz;
  w.stride_ms =
      same ? w.length_ms : 1000 * double(std::max<int64_t>(1, w.samples / 2)) / seen.rate_hz;
  w.why = same ? "the recordings are all this long"
               : fmt::format("{} samples, half of them new", w.samples);
  return w;
}

WindowChoice window_of(const Survey& seen) {
  if (seen.rate_hz <= 0) return {1000, 500, false, 0, "set the rate above, then choose the window"};
  WindowChoice w = seen.audio ? window_of_audio(seen) : window_of_sensor(seen);
  if (w.samples == 0) w.samples = int64_t(w.length_ms * seen.rate_hz / 1000);
  return w;
}

std::string signal_text(const Survey& seen, const WindowChoice& window) {
  if (seen.audio)
    return "[[signal]]\nblock = \"mfcc\"                 # also: mfe, spectrogram, flatten, "
           "spectral, raw\n\n"
           "[[model]]\nkind = \"cnn1d\"                 # also: dscnn, mlp\n";
  if (seen.rate_hz <= 5)
    return "[[signal]]\nblock = \"flatten\"              # statistics of each axis; also: "
           "spectral, raw\n\n"
           "[[model]]\nkind = \"mlp\"                   # also: cnn1d\n";
  const auto half = std::bit_floor(uint64_t(std::max<int64_t>(4, window.samples / 2)));
  const int64_t fft = std::clamp<int64_t>(int64_t(half), 4, seen.rate_hz > 500 ? 256 : 64);
  return fmt::format(
      "[[signal]]\nblock = \"spectral\"             # also: flatten, raw, mfe, mfcc, spectrogram\n"
      "fft_length = {}\n\n[[model]]\nkind = \"mlp\"                   # also: cnn1d, dscnn\n",
      fft);
}

// A text in quotes, with what TOML wants escaped.
std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += uint8_t(c) < 32 ? '?' : c;
  }
  return out + "\"";
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + toml_text(word);
  return text;
}

std::string rule(const char* key, const std::string& by, const std::string& pattern,
                 const std::string& column) {
  std::string text = fmt::format("{} = {{ by = \"{}\"", key, by);
  if (!pattern.empty()) text += fmt::format(", pattern = '{}'", pattern);
  if (!column.empty()) text += fmt::format(", column = {}", toml_text(column));
  return text + " }\n";
}

std::string data_text(const Survey& seen, const fs::path& base) {
  const auto relative = [&](const fs::path& path) {
    return fs::absolute(path)
        .lexically_normal()
        .lexically_relative(fs::absolute(base).lexically_normal())
        .generic_string();
  };
  std::vector<std::string> axes;
  for (const Axis& axis : seen.axes) axes.push_back(axis.name);
  std::string text =
      fmt::format("[data]\nrecordings = {}\n", toml_text(relative(seen.data.recordings)));
  if (!seen.data.test.empty())
    text += fmt::format("test = {}\n", toml_text(relative(seen.data.test)));
  if (seen.rate_hz > 0 && seen.data.rate_hz > 0)
    text += fmt::format("rate_hz = {:g}\n", seen.rate_hz);
  else if (seen.rate_hz > 0)
    text += fmt::format("# {:g} Hz, as the files say\n", seen.rate_hz);
  else
    text +=
        "# rate_hz = 100                 # FILL IN: the files do not say how many samples a second "
        "they hold\n";
  if (seen.data.axes.empty())
    text +=
        fmt::format("# axes = [{}]   # all of them; list fewer to leave some out\n", quoted(axes));
  else
    text += fmt::format("axes = [{}]   # the files have no header: give the columns their names\n",
                        quoted(axes));
  const LabelRule& label = seen.data.label;
  if (label.by.empty())
    text +=
        "# label = { by = \"folder\" }     # FILL IN: no labels were found; see "
        "docs/formats/recordings.md\n";
  else
    text += rule("label", label.by, label.pattern, label.column);
  if (seen.data.group.by != "none")
    text += rule("group", seen.data.group.by, seen.data.group.pattern, "");
  else
    text +=
        "# group = { by = \"file\", pattern = '_(\\d+)' }  # what a split must never part: "
        "subject, machine, day\n";
  if (!seen.data.test.empty()) return text;
  if (seen.fewest_of_a_label < 2)
    return text +
           "split = { by = \"time\" }         # one recording a class: its end tests. Record more "
           "for an honest figure\n";
  if (seen.data.group.by == "none")
    return text +
           "split = { by = \"recording\", test = 0.25 }  # each class keeps its share; also "
           "\"group\", \"time\"\n";
  return text +
         "# split = { by = \"group\", test = 0.25 }  # or by = \"recording\", \"time\", "
         "\"leave-one-group-out\"\n";
}

std::string config_text(const Survey& seen, const NewProject& wanted) {
  const WindowChoice window = window_of(seen);
  std::string text =
      fmt::format("# {}: {} files ({})", toml_text(wanted.folder.filename().string()), seen.files,
                  quoted(seen.formats));
  if (!seen.labels.empty()) text += fmt::format("; labels {}", quoted(seen.labels));
  text += "\n# Every key: docs/formats/project.md\n";
  text += fmt::format(
      "[project]\nname = {}\nboard = \"{}\"         # `mote doctor` lists the boards\n\n",
      toml_text(wanted.folder.filename().string()), wanted.board);
  text += data_text(seen, wanted.folder) + "\n";
  text +=
      fmt::format("[window]                       # {}\nlength_ms = {:.10g}\nstride_ms = {:.10g}\n",
                  window.why, window.length_ms, window.stride_ms);
  if (window.whole) text += "whole = true\n";
  text += "\n" + signal_text(seen, window) + "\n";
  return text +
         "# [decision]\n# smoothing = 3                 # decisions averaged\n"
         "# minimum_score = 0.6           # below: \"uncertain\"\n\n"
         "# [budget]                     # the build fails beyond these\n# ram_kb = 32\n# flash_kb "
         "= 128\n# latency_ms = 20\n";
}

}  // namespace

WrittenProject new_project(const NewProject& given, Diagnostics& diagnostics) {
  NewProject wanted = given;
  wanted.folder = fs::absolute(given.folder).lexically_normal();
  if (!wanted.folder.has_filename()) wanted.folder = wanted.folder.parent_path();
  const fs::path file = wanted.folder / "mote.toml";
  if (fs::exists(file))
    fail("project-there", (given.folder / "mote.toml").string(), "there is a project already",
         "choose another name, or remove the file");
  board_named(wanted.board, "--board", diagnostics);
  WrittenProject out;
  out.seen = survey(wanted.data, wanted.rate_hz, diagnostics);
  out.text = config_text(out.seen, wanted);
  out.file = given.folder / "mote.toml";
  write_file(file, out.text);
  return out;
}

}  // namespace mote
