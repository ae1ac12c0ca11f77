// SPDX-License-Identifier: Apache-2.0
// Seeds that mote itself writes: the text of every graph that the ports play, and a trace. In: a
// folder with the empty folders graph/ and trace/. Out: files in them.
#include <filesystem>
#include <fstream>

#include "graph/text.h"
#include "runner/trace.h"
#include "tests/ports/graphs.h"

int main(int, char** argv) {
  using namespace mote;
  const std::filesystem::path folder = argv[1];
  for (const std::string& name : ports::graph_names())
    std::ofstream(folder / "graph" / name) << print(ports::graph_named(name));
  Trace trace;
  trace.model = "tractor";
  trace.model_id = std::string(64, 'a');
  trace.layers = {"framer", "dense"};
  trace.stream_axes = {3};
  trace.self_test = 0;
  trace.recordings = {{"walk", 40, {{8, {1, 2}}, {12, {3, 255}}}, true, {0xDEADBEEF, 7}, 1},
                      {"rest", 40, {{8, {1, 2}}}, false, {}, 0}};
  std::ofstream(folder / "trace" / "two_recordings") << to_json(trace);
}
