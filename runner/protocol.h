// SPDX-License-Identifier: Apache-2.0
// The host's half of the player's protocol (docs/formats/wire.md). In: recordings as counts. Out:
// the command frames to send, and from the reports that come back a Trace. Knows no link: the same
// code reads a file that an emulated core wrote and a serial line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/wire.h"
#include "graph/diagnostics.h"
#include "runner/trace.h"

namespace mote {

// One stretch of a recording: n_missing samples of a gap, or values[n_samples][n_axes].
struct Feed {
  uint32_t stream = 0;
  uint32_t n_missing = 0;
  std::vector<int16_t> values;
};

// What is played: stretches in order of time, over all streams. `observe` asks for the CRC of each
// layer; without it push() runs as in an application, which is what is counted and timed.
struct Playback {
  std::string name;
  std::vector<Feed> feeds;
  bool observe = false;
};

struct CommandFrame {
  wire::Type type;
  int64_t recording;  // index of the playback it belongs to, -1: none
  std::string bytes;
};

std::string command_bytes(wire::Type type, std::string_view payload);

// hello, the self test if asked for, every playback, finish. `nonce` comes back in the first
// report.
std::vector<CommandFrame> conversation(const std::vector<Playback>& playbacks, bool self_test,
                                       uint32_t nonce);

// A device's refusal, in words: "took a fault at pc 0x00001234 (lr 0x00000100)".
std::string to_string(wire::ErrorCode code, uint32_t a, uint32_t b);

struct DeviceError {
  wire::ErrorCode code = wire::ErrorCode::damaged_frame;
  uint32_t a = 0;
  uint32_t b = 0;
  size_t command = 0;  // index of the command it answers
};

// Reads reports and builds the trace. Bytes may come in any pieces.
class TraceReader {
 public:
  TraceReader(const std::vector<CommandFrame>& commands, const std::vector<Playback>& playbacks);

  void feed(std::string_view bytes);
  // No more bytes will come: what still waits for its end is damaged.
  void end_of_link();

  size_t n_acknowledged() const { return n_acknowledged_; }
  size_t n_bytes() const { return n_bytes_; }    // that came
  size_t n_frames() const { return n_frames_; }  // that were whole; noise has none
  bool complete() const { return n_acknowledged_ == commands_.size(); }
  // A damaged or a missing report, or a refusal by the device: the run cannot be used.
  bool failed() const { return device_error_ || !fault_.empty(); }
  const std::optional<DeviceError>& device_error() const { return device_error_; }
  // Why the reports cannot be used, when it is not the device that refused; "" = they can.
  const std::string& fault() const { return fault_; }
  const Trace& trace() const { return trace_; }

 private:
  void take(const wire::Scan& frame);
  void take_info(const wire::Scan& frame);
  void take_stream(const wire::Scan& frame);
  void take_layer(const wire::Scan& frame);
  void take_decision(const wire::Scan& frame);
  void take_hashes(const wire::Scan& frame);
  void take_recording(const wire::Scan& frame);
  void take_summary(const wire::Scan& frame);
  void take_ack(const wire::Scan& frame);
  void take_error(const wire::Scan& frame);
  bool long_enough(const wire::Scan& frame, uint32_t least);
  TraceRecording* current();
  void broken(const std::string& why);
  void scan_all(bool ended);

  const std::vector<CommandFrame>& commands_;
  Trace trace_;
  std::string buffer_;
  size_t n_acknowledged_ = 0;
  size_t n_bytes_ = 0;
  size_t n_frames_ = 0;
  uint32_t n_reports_ = 0;  // since the last ack
  bool introduced_ = false;
  std::optional<DeviceError> device_error_;
  std::string fault_;
};

}  // namespace mote
