// SPDX-License-Identifier: Apache-2.0
// Traces as JSON and their comparison. See trace.h; the format is docs/formats/trace.md.
#include "runner/trace.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace mote {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "mote-trace-1";

std::string hex_of(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Nothing when the text is not an even number of lower-case hexadecimal digits.
std::optional<std::vector<uint8_t>> bytes_of(const std::string& text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(uint8_t(high << 4 | low));
  }
  return bytes;
}

std::string crc_text(uint32_t crc) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", crc);
  return text;
}

Json json_of(const TraceRecording& r) {
  Json decisions = Json::array();
  for (const Decision& d : r.decisions)
    decisions.push_back({{"step", d.step}, {"outputs", hex_of(d.outputs)}});
  Json json = {{"name", r.name}, {"steps", r.n_steps}, {"observed", r.observed}};
  if (r.observed) {
    Json crcs = Json::array();
    for (uint32_t crc : r.layer_crc) crcs.push_back(crc_text(crc));
    json["layer_crc"] = std::move(crcs);
    json["state_crc"] = crc_text(r.state_crc);
  }
  json["decisions"] = std::move(decisions);
  return json;
}

// Reads keys of one object, and says which one was wrong.
class Reader {
 public:
  Reader(const Json& json, std::string file, std::string at)
      : json_(json), file_(std::move(file)), at_(std::move(at)) {
    if (!json.is_object()) wrong("", "is not an object");
  }

  const Json& get(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) wrong(key, "is missing");
    return *found;
  }

  std::string text(const char* key) const {
    const Json& value = get(key);
    if (!value.is_string()) wrong(key, "is not a string");
    return value.get<std::string>();
  }

  uint32_t number(const char* key) const { return number_of(get(key), key); }

  bool boolean(const char* key) const {
    const Json& value = get(key);
    if (!value.is_boolean()) wrong(key, "is neither true nor false");
    return value.get<bool>();
  }

  const Json& list(const char* key) const {
    const Json& value = get(key);
    if (!value.is_array()) wrong(key, "is not a list");
    return value;
  }

  uint32_t crc(const Json& value, const char* key) const {
    const auto bytes = value.is_string() ? bytes_of(value.get<std::string>()) : std::nullopt;
    if (!bytes || bytes->size() != 4) wrong(key, "is not 8 hexadecimal digits");
    return uint32_t((*bytes)[0]) << 24 | uint32_t((*bytes)[1]) << 16 | uint32_t((*bytes)[2]) << 8 |
           (*bytes)[3];
  }

  uint32_t number_of(const Json& value, const char* key) const {
    if (!value.is_number_unsigned() || value.get<uint64_t>() > UINT32_MAX)
      wrong(key, "is not a number from 0 to 4294967295");
    return value.get<uint32_t>();
  }

  [[noreturn]] void wrong(const std::string& key, const std::string& what) const {
    fail("bad-trace", file_, at_ + key + " " + what, "run the model again to write the trace anew");
  }

 private:
  const Json& json_;
  std::string file_;
  std::string at_;
};

TraceRecording recording_from(const Json& json, const std::string& file, size_t index) {
  const Reader r(json, file, "recordings[" + std::to_string(index) + "] ");
  TraceRecording recording;
  recording.name = r.text("name");
  recording.n_steps = r.number("steps");
  recording.observed = r.boolean("observed");
  if (recording.observed) {
    for (const Json& crc : r.list("layer_crc"))
      recording.layer_crc.push_back(r.crc(crc, "layer_crc"));
    recording.state_crc = r.crc(r.get("state_crc"), "state_crc");
  }
  for (const Json& item : r.list("decisions")) {
    const Reader d(item, file, "recordings[" + std::to_string(index) + "] decisions ");
    const auto outputs = bytes_of(d.text("outputs"));
    if (!outputs) d.wrong("outputs", "is not hexadecimal");
    recording.decisions.push_back({d.number("step"), *outputs});
  }
  return recording;
}

Json parsed(const std::string& text, const std::string& place) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    fail("bad-trace", place + ": byte " + std::to_string(e.byte), "this is not JSON",
         "run the model again to write the trace anew");
  } catch (const Json::exception&) {
    fail("bad-trace", place, "a number in it is too large for any trace",
         "run the model again to write the trace anew");
  }
}

std::string number_text(uint64_t n) { return std::to_string(n); }

// A trace does not know the outputs' types: the first byte that differs and up to eight around it.
std::string outputs_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  constexpr size_t kBefore = 3, kShown = 8;
  if (a.size() != b.size())
    return "has " + number_text(a.size()) + " and " + number_text(b.size()) + " bytes";
  const size_t at = size_t(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  const size_t begin = std::min(at - std::min(at, kBefore), a.size() - std::min(a.size(), kShown));
  const size_t end = std::min(begin + kShown, a.size());
  const auto hex = [](const std::vector<uint8_t>& bytes, size_t from, size_t to) {
    return hex_of({bytes.begin() + int64_t(from), bytes.begin() + int64_t(to)});
  };
  return "differs first in byte " + number_text(at) + " of " + number_text(a.size()) + ", " +
         hex(a, at, at + 1) + " and " + hex(b, at, at + 1) + " (bytes " + number_text(begin) +
         " to " + number_text(end - 1) + ": " + hex(a, begin, end) + " and " + hex(b, begin, end) +
         ")";
}

Difference decision_difference(const TraceRecording& a, const TraceRecording& b) {
  Difference d;
  d.recording = a.name;
  const size_t n = std::min(a.decisions.size(), b.decisions.size());
  size_t i = 0;
  while (i < n && a.decisions[i] == b.decisions[i]) ++i;
  if (i < n || a.decisions.size() != b.decisions.size()) d.decision = int64_t(i);
  if (i < n && a.decisions[i].step != b.decisions[i].step)
    d.what = "decision " + number_text(i) + " came after " + number_text(a.decisions[i].step) +
             " samples on the one side and after " + number_text(b.decisions[i].step) +
             " on the other";
  else if (i < n)
    d.what = "decision " + number_text(i) + " " +
             outputs_difference(a.decisions[i].outputs, b.decisions[i].outputs);
  else if (d.decision >= 0)
    d.what =
        number_text(a.decisions.size()) + " and " + number_text(b.decisions.size()) + " decisions";
  else if (a.observed && b.observed && a.state_crc != b.state_crc)
    d.what = "the saved state differs";
  else if (a.n_steps != b.n_steps)
    d.what = number_text(a.n_steps) + " and " + number_text(b.n_steps) + " samples were pushed";
  return d;
}

std::optional<Difference> recording_difference(const Trace& host, size_t index,
                                               const TraceRecording& b) {
  const TraceRecording& a = host.recordings[index];
  Difference d = decision_difference(a, b);
  const size_t n = a.observed && b.observed ? std::min(a.layer_crc.size(), b.layer_crc.size()) : 0;
  for (size_t layer = 0; layer < n; ++layer) {
    if (a.layer_crc[layer] == b.layer_crc[layer]) continue;
    d.layer = int32_t(layer);
    d.layer_name = layer < host.layers.size() ? host.layers[layer] : "";
    const std::string decisions = d.what.empty() ? "no decision differs" : d.what;
    d.what = "layer " + number_text(layer) + " \"" + d.layer_name + "\" differs; " + decisions;
    break;
  }
  if (d.what.empty()) return std::nullopt;
  return d;
}

}  // namespace

std::string to_json(const Trace& t) {
  Json json = {{"format", kFormat},
               {"model", t.model},
               {"model_id", t.model_id},
               {"place", t.place},
               {"port", t.port},
               {"model_bytes", t.model_bytes},
               {"model_touched_bytes", t.model_touched_bytes},
               {"stack_reserved_bytes", t.stack_reserved_bytes},
               {"stack_bytes", t.stack_bytes},
               {"push_stack_bytes", t.push_stack_bytes},
               {"output_bytes", t.output_bytes},
               {"saved_bytes", t.saved_bytes},
               {"stream_axes", t.stream_axes},
               {"layers", t.layers}};
  json["self_test"] = t.self_test ? Json(*t.self_test) : Json(nullptr);
  json["recordings"] = Json::array();
  for (const TraceRecording& recording : t.recordings)
    json["recordings"].push_back(json_of(recording));
  // Names from outside may hold bytes that are no UTF-8; they are replaced, not refused.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Trace trace_from_json(const std::string& text, const std::string& place) {
  const Json json = parsed(text, place);
  const Reader r(json, place, "");
  if (r.text("format") != kFormat) r.wrong("format", std::string("is not ") + kFormat);
  Trace t;
  t.model = r.text("model");
  t.model_id = r.text("model_id");
  t.place = r.text("place");
  t.port = r.text("port");
  t.model_bytes = r.number("model_bytes");
  t.model_touched_bytes = r.number("model_touched_bytes");
  t.stack_reserved_bytes = r.number("stack_reserved_bytes");
  t.stack_bytes = r.number("stack_bytes");
  t.push_stack_bytes = r.number("push_stack_bytes");
  t.output_bytes = r.number("output_bytes");
  t.saved_bytes = r.number("saved_bytes");
  for (const Json& axes : r.list("stream_axes"))
    t.stream_axes.push_back(r.number_of(axes, "stream_axes"));
  for (const Json& name : r.list("layers")) {
    if (!name.is_string()) r.wrong("layers", "holds something that is not a string");
    t.layers.push_back(name.get<std::string>());
  }
  if (!r.get("self_test").is_null()) t.self_test = r.number("self_test");
  for (const Json& recording : r.list("recordings"))
    t.recordings.push_back(recording_from(recording, place, t.recordings.size()));
  return t;
}

void write_trace(const Trace& trace, const std::filesystem::path& path) {
  std::filesystem::path beside = path;
  beside += ".part" + std::to_string(getpid());
  std::ofstream file(beside, std::ios::binary);
  file << to_json(trace);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(beside, path, error);
  if (file && !error) return;
  std::filesystem::remove(beside, error);
  fail("cannot-write", path.string(), "the trace could not be written",
       "check that the folder exists and may be written");
}

Trace read_trace(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) fail("cannot-read", path.string(), "the trace could not be read", "check the path");
  return trace_from_json(text.str(), path.string());
}

std::optional<Difference> first_difference(const Trace& host, const Trace& device) {
  if (host.model_id != device.model_id)
    return Difference{"", -1, "", -1, "two models: " + host.model_id + " and " + device.model_id};
  const size_t n = std::min(host.recordings.size(), device.recordings.size());
  for (size_t i = 0; i < n; ++i)
    if (auto d = recording_difference(host, i, device.recordings[i])) return d;
  if (host.recordings.size() == device.recordings.size()) return std::nullopt;
  return Difference{"", -1, "", -1,
                    number_text(host.recordings.size()) + " and " +
                        number_text(device.recordings.size()) + " recordings were played"};
}

}  // namespace mote
