// SPDX-License-Identifier: Apache-2.0
// Command frames out, reports in. See protocol.h.
#include "runner/protocol.h"

#include <algorithm>
#include <cstdio>

namespace mote {
namespace {

using wire::ErrorCode;
using wire::Found;
using wire::Scan;
using wire::Type;

std::string u16(uint32_t value) {
  uint8_t bytes[2];
  wire::put_u16(bytes, value);
  return {reinterpret_cast<char*>(bytes), 2};
}

std::string u32(uint32_t value) { return u16(value) + u16(value >> 16); }

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

void add_samples(const Feed& feed, int64_t recording, std::vector<CommandFrame>& commands) {
  constexpr size_t kValues = (wire::kMaxPayload - 4) / 2;
  for (size_t at = 0; at < feed.values.size(); at += kValues) {
    const size_t n = std::min(kValues, feed.values.size() - at);
    std::string payload = u16(feed.stream) + u16(uint32_t(n));
    for (size_t i = 0; i < n; ++i) payload += u16(uint16_t(feed.values[at + i]));
    commands.push_back({Type::samples, recording, command_bytes(Type::samples, payload)});
  }
}

// The nonce that a hello command carries.
uint32_t nonce_of(const std::vector<CommandFrame>& commands) {
  MOTE_ASSERT(!commands.empty() && commands[0].type == Type::hello);
  return wire::get_u32(reinterpret_cast<const uint8_t*>(commands[0].bytes.data()) +
                       wire::kHeaderBytes);
}

std::string text_after(const Scan& frame, uint32_t offset) {
  return {reinterpret_cast<const char*>(frame.payload) + offset, frame.length - offset};
}

}  // namespace

std::string command_bytes(Type type, std::string_view payload) {
  MOTE_ASSERT(payload.size() <= wire::kMaxPayload);
  uint8_t header[wire::kHeaderBytes];
  const uint32_t crc = wire::put_header(header, type, uint32_t(payload.size()));
  std::string bytes(reinterpret_cast<char*>(header), sizeof header);
  return bytes + std::string(payload) + u32(crc32(crc, payload.data(), payload.size()));
}

std::vector<CommandFrame> conversation(const std::vector<Playback>& playbacks, bool self_test,
                                       uint32_t nonce) {
  std::vector<CommandFrame> commands;
  const auto add = [&](Type type, int64_t recording, std::string_view payload) {
    commands.push_back({type, recording, command_bytes(type, payload)});
  };
  add(Type::hello, -1, u32(nonce));
  if (self_test) add(Type::self_test, -1, "");
  for (size_t i = 0; i < playbacks.size(); ++i) {
    const int64_t recording = int64_t(i);
    add(Type::observe, recording, std::string(1, char(playbacks[i].observe)));
    add(Type::reset, recording, "");
    for (const Feed& feed : playbacks[i].feeds) {
      if (feed.n_missing > 0)
        add(Type::missing, recording, u16(feed.stream) + u32(feed.n_missing));
      else
        add_samples(feed, recording, commands);
    }
    add(Type::end, recording, "");
  }
  add(Type::finish, -1, "");
  return commands;
}

std::string to_string(ErrorCode code, uint32_t a, uint32_t b) {
  switch (code) {
    case ErrorCode::damaged_frame:
      return "received a damaged frame";
    case ErrorCode::unknown_command:
      return "does not know command " + std::to_string(a);
    case ErrorCode::bad_payload:
      return "refused command " + std::to_string(a) + " (" + std::to_string(b) + ")";
    case ErrorCode::too_little_memory: {
      static constexpr const char* kWhat[] = {"",         "the model", "the layers",
                                              "a sample", "outputs",   "the state"};
      return std::string("was built with too little memory for ") + (a <= 5 ? kWhat[a] : "this");
    }
    case ErrorCode::fault:
      return "took a fault at pc " + hex(a) + " (lr " + hex(b) + ")";
    case ErrorCode::stack_overflow:
      return "ran out of stack";
    case ErrorCode::wrong_state:
      return "refused a state that is damaged or another model's";
  }
  return "sent the unknown error " + std::to_string(int(code));
}

TraceReader::TraceReader(const std::vector<CommandFrame>& commands,
                         const std::vector<Playback>& playbacks)
    : commands_(commands) {
  for (const Playback& playback : playbacks) {
    TraceRecording recording;
    recording.name = playback.name;
    recording.observed = playback.observe;
    trace_.recordings.push_back(std::move(recording));
  }
}

void TraceReader::feed(std::string_view bytes) {
  buffer_ += bytes;
  n_bytes_ += bytes.size();
  scan_all(false);
}

void TraceReader::end_of_link() { scan_all(true); }

void TraceReader::scan_all(bool ended) {
  size_t at = 0;
  while (at < buffer_.size()) {
    const Scan found = wire::scan(reinterpret_cast<const uint8_t*>(buffer_.data()) + at,
                                  uint32_t(buffer_.size() - at));
    if (found.found == Found::need_bytes && !ended) break;
    if (found.found == Found::frame) {
      ++n_frames_;
      take(found);
      at += found.size;
      continue;
    }
    if (introduced_) broken("a damaged report");
    at += found.found == Found::garbage ? found.size : 1;
  }
  buffer_.erase(0, at);
}

void TraceReader::broken(const std::string& why) {
  if (fault_.empty()) fault_ = why;
}

bool TraceReader::long_enough(const Scan& frame, uint32_t least) {
  if (frame.length >= least) return true;
  broken("a report that is too short");
  return false;
}

TraceRecording* TraceReader::current() {
  const int64_t index =
      n_acknowledged_ < commands_.size() ? commands_[n_acknowledged_].recording : -1;
  if (index >= 0) return &trace_.recordings[size_t(index)];
  broken("a report outside every recording");
  return nullptr;
}

// Before the info report that carries our nonce, everything belongs to an earlier session, but for
// an error: a device that cannot even say hello says so with one.
void TraceReader::take(const Scan& frame) {
  if (frame.type == Type::error) return take_error(frame);
  if (!introduced_ && frame.type != Type::info) return;
  if (frame.type != Type::ack) ++n_reports_;
  switch (frame.type) {
    case Type::info:
      return take_info(frame);
    case Type::stream:
      return take_stream(frame);
    case Type::layer:
      return take_layer(frame);
    case Type::decision:
      return take_decision(frame);
    case Type::hashes:
      return take_hashes(frame);
    case Type::recording:
      return take_recording(frame);
    case Type::self_test_result:
      if (long_enough(frame, 4)) trace_.self_test = wire::get_u32(frame.payload);
      return;
    case Type::summary:
      return take_summary(frame);
    case Type::ack:
      return take_ack(frame);
    default:
      return broken("a report of the unknown type " + std::to_string(int(frame.type)));
  }
}

void TraceReader::take_info(const Scan& frame) {
  if (frame.length < 92 || wire::get_u32(frame.payload) != nonce_of(commands_)) return;
  introduced_ = true;
  n_reports_ = 1;
  if (wire::get_u16(frame.payload + 4) != wire::kVersion)
    return broken("version " + std::to_string(wire::get_u16(frame.payload + 4)) +
                  " of the protocol instead of " + std::to_string(wire::kVersion));
  trace_.model_bytes = wire::get_u32(frame.payload + 8);
  trace_.output_bytes = wire::get_u32(frame.payload + 20);
  trace_.saved_bytes = wire::get_u32(frame.payload + 24);
  trace_.model_id = text_after(frame, 28).substr(0, 64);
  trace_.model = text_after(frame, 92);
}

void TraceReader::take_stream(const Scan& frame) {
  if (!long_enough(frame, 8)) return;
  if (wire::get_u32(frame.payload) != trace_.stream_axes.size()) return broken("a lost stream");
  trace_.stream_axes.push_back(wire::get_u32(frame.payload + 4));
}

void TraceReader::take_layer(const Scan& frame) {
  if (!long_enough(frame, 4)) return;
  if (wire::get_u32(frame.payload) != trace_.layers.size()) return broken("a lost layer name");
  trace_.layers.push_back(text_after(frame, 4));
}

void TraceReader::take_decision(const Scan& frame) {
  TraceRecording* recording = current();
  if (recording == nullptr || !long_enough(frame, 8)) return;
  const uint32_t offset = wire::get_u32(frame.payload + 4);
  if (offset == 0) recording->decisions.push_back({wire::get_u32(frame.payload), {}});
  if (recording->decisions.empty() || recording->decisions.back().outputs.size() != offset)
    return broken("a lost part of a decision");
  std::vector<uint8_t>& outputs = recording->decisions.back().outputs;
  outputs.insert(outputs.end(), frame.payload + 8, frame.payload + frame.length);
}

void TraceReader::take_hashes(const Scan& frame) {
  TraceRecording* recording = current();
  if (recording == nullptr || !long_enough(frame, 8)) return;
  if (wire::get_u32(frame.payload + 4) != 4 * recording->layer_crc.size())
    return broken("a lost part of the layers' CRCs");
  for (uint32_t at = 8; at + 4 <= frame.length; at += 4)
    recording->layer_crc.push_back(wire::get_u32(frame.payload + at));
}

void TraceReader::take_recording(const Scan& frame) {
  TraceRecording* recording = current();
  if (recording == nullptr || !long_enough(frame, 12)) return;
  recording->n_steps = wire::get_u32(frame.payload);
  if (wire::get_u32(frame.payload + 4) != recording->decisions.size())
    return broken("a lost decision");
  for (const Decision& decision : recording->decisions)
    if (decision.outputs.size() != trace_.output_bytes) return broken("an incomplete decision");
  if (recording->observed && recording->layer_crc.size() != trace_.layers.size())
    return broken("a lost CRC of a layer");
  recording->state_crc = wire::get_u32(frame.payload + 8);
}

void TraceReader::take_summary(const Scan& frame) {
  if (!long_enough(frame, 16)) return;
  trace_.stack_reserved_bytes = wire::get_u32(frame.payload);
  trace_.stack_bytes = wire::get_u32(frame.payload + 4);
  trace_.push_stack_bytes = wire::get_u32(frame.payload + 8);
  trace_.model_touched_bytes = wire::get_u32(frame.payload + 12);
  trace_.port = text_after(frame, 16);
}

void TraceReader::take_ack(const Scan& frame) {
  if (!long_enough(frame, 5)) return;
  if (complete() || Type(frame.payload[0]) != commands_[n_acknowledged_].type)
    return broken("an ack of another command");
  if (wire::get_u32(frame.payload + 1) != n_reports_) return broken("a lost report");
  n_reports_ = 0;
  ++n_acknowledged_;
}

void TraceReader::take_error(const Scan& frame) {
  if (!long_enough(frame, 9) || device_error_) return;
  const ErrorCode code = ErrorCode(frame.payload[0]);
  const bool about_a_command = code == ErrorCode::damaged_frame ||
                               code == ErrorCode::unknown_command || code == ErrorCode::bad_payload;
  if (!introduced_ && about_a_command) return;  // of an earlier session
  device_error_ = DeviceError{code, wire::get_u32(frame.payload + 1),
                              wire::get_u32(frame.payload + 5), n_acknowledged_};
}

}  // namespace mote
