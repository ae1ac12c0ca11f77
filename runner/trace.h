// SPDX-License-Identifier: Apache-2.0
// What one run of a model left: every decision of every recording, one CRC a layer, the CRC of the
// saved state, and the memory it touched. In: reports of a player (runner/protocol.h) or a file
// .trace.json (docs/formats/trace.md). Out: the same text on every machine, and the first
// difference between two runs.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graph/diagnostics.h"

namespace mote {

struct Decision {
  uint32_t step = 0;             // samples pushed since the recording began, missing ones included
  std::vector<uint8_t> outputs;  // bytes as on the device
  bool operator==(const Decision&) const = default;
};

struct TraceRecording {
  std::string name;
  uint32_t n_steps = 0;
  std::vector<Decision> decisions;
  bool observed = false;            // else the two below are empty
  std::vector<uint32_t> layer_crc;  // over all outputs of a layer in this recording, in order
  uint32_t state_crc = 0;           // over the saved states after every decision
  bool operator==(const TraceRecording&) const = default;
};

struct Trace {
  std::string model;     // the project's name
  std::string model_id;  // 64 hexadecimal digits
  std::string place;     // "host", "emulated mps2-an386 (cortex-m4f)", "serial /dev/ttyACM0"
  std::string port;
  std::vector<std::string> layers;
  std::vector<uint32_t> stream_axes;
  uint32_t model_bytes = 0;
  uint32_t output_bytes = 0;
  uint32_t saved_bytes = 0;
  std::optional<uint32_t> self_test;  // 0 = good, else 1 + index of the first layer that differs
  std::vector<TraceRecording> recordings;
  uint32_t stack_reserved_bytes = 0;  // 0: this port does not measure its stack
  uint32_t stack_bytes = 0;           // deepest of all, player included
  uint32_t push_stack_bytes = 0;      // deepest of one push, from its call, without observer
  uint32_t model_touched_bytes = 0;   // words of the model's memory that changed
  bool operator==(const Trace&) const = default;
};

std::string to_json(const Trace& trace);

// `place` names the text in messages. Text that is no trace fails with the key or byte at fault.
Trace trace_from_json(const std::string& text, const std::string& place);

// Written beside and renamed, so that no half file is left. Fails when the folder cannot be
// written.
void write_trace(const Trace& trace, const std::filesystem::path& path);
Trace read_trace(const std::filesystem::path& path);

// Where two runs of the same recordings part. Layers come first: a layer that differs is the cause
// of the decisions that do. `layer` is -1 when no layer but a decision, the state or the number of
// decisions differs (or when the runs were not observed).
struct Difference {
  std::string recording;
  int32_t layer = -1;
  std::string layer_name;
  int64_t decision = -1;  // index of the first one that differs; -1: none does
  std::string what;       // for people, one sentence
};

std::optional<Difference> first_difference(const Trace& host, const Trace& device);

}  // namespace mote
