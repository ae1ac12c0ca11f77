// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as the reports of a device that plays two recordings. See wire_bytes.h.
#include "tests/fuzz/wire_bytes.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  static const std::vector<Playback> playbacks = {{"a", {{0, 0, {1, 2, 3}}, {0, 5, {}}}, true},
                                                  {"b", {{1, 0, {4}}}, false}};
  static const std::vector<CommandFrame> commands = conversation(playbacks, true, 0);
  const std::string link = link_bytes(bytes);
  TraceReader reader(commands, playbacks);
  reader.feed(std::string_view(link).substr(0, link.size() / 2));
  reader.feed(std::string_view(link).substr(link.size() / 2));
  reader.end_of_link();
  const Trace& trace = reader.trace();
  if (reader.complete() && !reader.failed()) trace_from_json(to_json(trace), "fuzz");
}
