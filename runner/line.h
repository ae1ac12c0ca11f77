// SPDX-License-Identifier: Apache-2.0
// A conversation with a player over file descriptors, one command at a time: the next one is sent
// when the last was acknowledged, so that a slow line without flow control loses nothing. In: the
// commands and two descriptors. Out: reports fed to a TraceReader.
#pragma once
#include <string>
#include <vector>

#include "runner/protocol.h"

namespace mote {

struct Line {
  int read_fd = -1;
  int write_fd = -1;
};

enum class Talk { complete, failed, silent, closed };

// `silence_s`: how long to wait for the next whole frame; noise is silence.
Talk talk(const Line& line, const std::vector<CommandFrame>& commands, double silence_s,
          TraceReader& reader);

// For at most two seconds: ends whatever the player was reading, and throws away what it still
// sends.
void flush(const Line& line);

// A serial device, raw, 115200 baud, 8N1, non-blocking (a device may stop taking bytes); -1 when it
// cannot be opened (errno says why).
int open_serial(const std::string& device);

}  // namespace mote
