// SPDX-License-Identifier: Apache-2.0
// Runs a player image over recordings: on an emulated core, as a program of this host, or on a
// board behind a serial line. In: the image and what to play. Out: a Trace. Whatever goes wrong
// (program missing, fault on the device, damaged reports, no answer) is added to the diagnostics
// with its place, and there is no trace.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graph/diagnostics.h"
#include "runner/board.h"
#include "runner/image.h"
#include "runner/protocol.h"
#include "runner/trace.h"

namespace mote {

// Instruction counting (runner/plugin/). Relative paths are of the working folder.
struct CountingPlugin {
  std::filesystem::path library;
  std::filesystem::path ranges;
  std::filesystem::path out;
};

struct RunRequest {
  std::filesystem::path elf;          // the program; unused on a serial line
  std::filesystem::path work_folder;  // for the files of the conversation; made when it is missing
  std::vector<Playback> playbacks;
  bool self_test = true;
  std::optional<CountingPlugin> counting;
  double timeout_s = 120;  // for the whole run; on a line: without any answer
  Architecture architecture = Architecture::arm;  // of the program
};

// An image of ImageKind::emulated or emulated_uart.
std::optional<Trace> run_emulated(const RunRequest& request, const Board& board, ImageKind kind,
                                  Diagnostics& diagnostics);

// An image of build_host.
std::optional<Trace> run_host(const RunRequest& request, Diagnostics& diagnostics);

// Whether a device can be opened for a line; says why not.
bool serial_is_there(const std::string& device, Diagnostics& diagnostics);

// A board that plays already, at 115200 baud, 8N1. A damaged or silent conversation is begun anew,
// twice.
std::optional<Trace> run_serial(const RunRequest& request, const std::string& device,
                                Diagnostics& diagnostics);

// The emulator's command line for a board, without link and image.
std::vector<std::string> emulator_args(const Board& board);

}  // namespace mote
