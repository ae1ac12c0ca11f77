// SPDX-License-Identifier: Apache-2.0
// A module of `mote deploy --as wasm` for tests. In: a graph; recordings, or a script. Out: the
// module, built by clang; what Node says that it answers, beside what the host's evaluation does.
#pragma once
#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>
#include <utility>

#include "project/deploy.h"
#include "project/host_trace.h"
#include "project/store.h"
#include "project/wasm_module.h"
#include "runner/cross_test.h"
#include "runner/subprocess.h"

#define MOTE_NEEDS_WASM()                                                               \
  if (mote::wasm_compiler().empty())                                                    \
    GTEST_SKIP() << "SKIPPED: clang++ or its lld is not installed; this is not tested"; \
  MOTE_NEEDS_TOOL("node")

namespace mote::test {

// Plays recordings.json; of each recording the decisions, then the check of the states after them,
// which is that of core/crc32.h, without each state's own check of four bytes.
constexpr const char* kPlayer = R"(import { readFileSync } from 'node:fs';
const name = process.argv[2];
const { Model, facts } = await import(`./${name}.mjs`);
const model = await Model.load(readFileSync(`${name}.wasm`));
if (model.selfTest() !== 0) throw new Error(`self test: ${model.selfTest()}`);

const crc32 = (crc, bytes) => {
  crc = ~crc;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc >>> 0;
};
let step, check;
const lines = [];
const take = (outputs) => {
  if (outputs === null) return;
  const hex = outputs.map((output) => Buffer.from(output.buffer).toString('hex')).join('');
  lines.push(`${step}: ${hex}`);
  check = crc32(check, model.save().subarray(0, -4));
};
for (const feeds of JSON.parse(readFileSync('recordings.json'))) {
  model.reset();
  step = check = 0;
  for (const { stream, missing, values } of feeds) {
    if (missing > 0) {
      step += missing;
      take(model.pushMissing(missing, stream));
    }
    const bytes = facts.streams[stream].sample_bytes, stride = 2 * Math.ceil(bytes / 2);
    const samples = new Uint8Array(Int16Array.from(values).buffer);
    for (let at = 0; at < samples.length; at += stride) {
      ++step;
      take(model.push(samples.subarray(at, at + bytes), stream));
    }
  }
  lines.push(`states ${check}`);
}
console.log(lines.join('\n'));
)";

class WasmBench {
 public:
  explicit WasmBench(const Graph& graph) {
    Diagnostics diagnostics;
    compiled_ = compile(graph, {.core = core_of_form("wasm")}, diagnostics);
    for (const auto& [name, text] : deploy(compiled_, "wasm")) write_file(folder() / name, text);
    module_ = build_module(folder(), compiled_);
  }
  std::filesystem::path folder() const { return scratch_.path("out"); }
  const Compiled& compiled() const { return compiled_; }
  const WasmModule& module() const { return module_; }

  // What a script says under Node.
  std::string said_by(const std::string& script, const std::string& word = "") const {
    write_file(folder() / "script.mjs", script);
    const Ending ending = run_program({{"node", "script.mjs", word}, folder(), {}, {}, 300});
    EXPECT_TRUE(ending.good()) << ending.text;
    return ending.text;
  }

  // "", or the first line in which module and host part: lines may be too long to print.
  std::string difference(std::vector<Playback> recordings) const {
    write_file(folder() / "recordings.json", to_json(recordings));
    std::istringstream said(said_by(kPlayer, identifier(compiled_.plan.graph.name)));
    std::istringstream wanted(said_on_host(std::move(recordings)));
    std::string is, want;
    for (int line = 1; std::getline(wanted, want); ++line)
      if (!std::getline(said, is) || is != want)
        return "line " + std::to_string(line) + ": " + is.substr(0, 60) + " for " +
               want.substr(0, 60);
    return std::getline(said, is) ? "it says more: " + is.substr(0, 60) : "";
  }

 private:
  static std::string to_json(const std::vector<Playback>& recordings) {
    std::ostringstream json;
    const char* comma = "[";
    for (const Playback& recording : recordings) {
      json << std::exchange(comma, ",") << "[";
      const char* feed_comma = "";
      for (const Feed& feed : recording.feeds) {
        json << std::exchange(feed_comma, ",") << "{\"stream\":" << feed.stream
             << ",\"missing\":" << feed.n_missing << ",\"values\":[";
        const char* value_comma = "";
        for (const int16_t value : feed.values) json << std::exchange(value_comma, ",") << value;
        json << "]}";
      }
      json << "]";
    }
    return json.str() + "]";
  }
  // Decisions of the model as it was given; states of what was compiled, where layers may be gone.
  std::string said_on_host(std::vector<Playback> recordings) const {
    for (Playback& recording : recordings) recording.observe = true;
    const Trace given = host_trace(compiled_.model(), recordings);
    const Trace states = host_trace(compiled_.plan.graph, recordings);
    std::ostringstream text;
    for (size_t r = 0; r < recordings.size(); ++r) {
      for (const Decision& decision : given.recordings[r].decisions) {
        text << decision.step << ": " << std::hex << std::setfill('0');
        for (const uint8_t byte : decision.outputs) text << std::setw(2) << int(byte);
        text << std::dec << "\n";
      }
      text << "states " << states.recordings[r].state_crc << "\n";
    }
    return text.str();
  }

  ScratchFolder scratch_;
  Compiled compiled_;
  WasmModule module_;
};

}  // namespace mote::test
