// SPDX-License-Identifier: Apache-2.0
// Recording from a board that prints numbers: lines of numbers between commas, semicolons, tabs or
// spaces over a serial port (or any stream) become a CSV that read_csv() takes. In: the port. Out:
// the file and a short report.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/diagnostics.h"

namespace mote {

struct RecordOptions {
  std::filesystem::path out;      // the CSV; written whole at the end, or not at all
  std::vector<std::string> axes;  // names of the columns; empty = axis_1, axis_2, ...
  double rate_hz = 0;             // 0 = measured from the times at which lines arrive
  int64_t n_samples = 0;          // stop after so many; 0 = no limit
  double duration_s = 0;          // stop after so long; 0 = no limit
  double silence_s = 5;           // nothing for so long ends the recording
  int baud = 115200;
  std::string name;                         // of the port, for messages; record_serial fills it in
  const std::atomic<bool>* stop = nullptr;  // set by a signal: end now and write what is there
};

struct RecordReport {
  int64_t n_samples = 0;
  int64_t n_bad_lines = 0;  // after the first good line: written as missing samples
  double rate_hz = 0;       // of the file
  double measured_hz = 0;   // from arrival times
};

// Opens a serial port (8 bits, no parity, raw) and records from it.
RecordReport record_serial(const std::filesystem::path& port, const RecordOptions& options,
                           Diagnostics& diagnostics);

// Records from an open file descriptor that poll() can wait for; the caller closes it.
RecordReport record_stream(int descriptor, const RecordOptions& options, Diagnostics& diagnostics);

}  // namespace mote
