// SPDX-License-Identifier: Apache-2.0
// See deploy_parts.h.
#include "project/deploy_parts.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "project/firmware.h"
#include "project/store.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// The name in `#include "name"`, or "".
std::string included(const std::string& line) {
  constexpr std::string_view kInclude = "#include \"";
  if (line.rfind(kInclude, 0) != 0) return "";
  return line.substr(kInclude.size(), line.find('"', kInclude.size()) - kInclude.size());
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// An emitted file, or a header of mote.
std::string text_of(const EmittedLibrary& library, const std::string& name) {
  const auto emitted = library.files.find(name);
  return emitted != library.files.end()
             ? emitted->second
             : read_file(source_root() / name, "install mote again, or set MOTE_HOME");
}

void gather(const EmittedLibrary& library, const std::string& name, DeployedFiles& files) {
  if (files.count(name)) return;
  files[name];  // seen
  std::string text;
  for (const std::string& line : lines_of(text_of(library, name))) {
    const std::string header = included(line);
    if (!header.empty()) gather(library, header, files);
    const fs::path from = fs::path(name).parent_path();
    text += header.empty()
                ? line
                : "#include \"" + fs::path(header).lexically_relative(from).generic_string() + "\"";
    text += '\n';
  }
  files[name] = text;
}

// Everything `name` includes in place of the include, once each; model.h is NAME.h, which stays a
// file.
void inline_file(const EmittedLibrary& library, const std::string& name,
                 std::set<std::string>& seen, std::string& text) {
  if (!seen.insert(name).second) return;
  text += fmt::format("\n// ======== {}\n", name);
  for (const std::string& line : lines_of(text_of(library, name))) {
    const std::string header = included(line);
    if (!header.empty())
      inline_file(library, header, seen, text);
    else if (line != "#pragma once")
      text += line + '\n';
  }
}

// The value that `decide` gives, or -1.
ValueId decision_of(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (std::string_view(node.op->name) == "decide")
      for (ValueId output : graph.outputs)
        if (node.outputs[0] == output) return output;
  return -1;
}

// A name may come from anywhere; in a comment it must not end the line.
std::string one_line(std::string text) {
  for (char& c : text)
    if (uint8_t(c) < 32 || c == '\\') c = '?';
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

DeployedFiles library_sources(const EmittedLibrary& library) {
  DeployedFiles files;
  for (const char* name : {"model.cc", "weights.cc", "model.h"}) gather(library, name, files);
  files["model.json"] = library.files.at("model.json");
  return files;
}

DeployedFiles player_sources(const EmittedLibrary& library) {
  DeployedFiles files = library_sources(library);
  gather(library, "interface.cc", files);
  return files;
}

DeployedFiles amalgamated(const EmittedLibrary& library, const std::string& name) {
  std::set<std::string> seen{"model.h"};
  std::string text = fmt::format(
      "// {0}: the whole model in one file, headers included; made by mote. Compile as C++17 with\n"
      "// {1}.\n#include \"{0}.h\"\n",
      name, kContractFlags);
  inline_file(library, "weights.cc", seen, text);
  inline_file(library, "model.cc", seen, text);
  return {{name + ".h", library.files.at("model.h")}, {name + ".cc", text}};
}

ExampleCode example_code(const Plan& plan) {
  const Graph& graph = plan.graph;
  const Stream& stream = graph.streams.at(0);
  const Value& sample = graph.value(stream.value);
  ExampleCode code;
  const std::string suffix = graph.streams.size() == 1 ? "" : "_" + identifier(stream.name);
  const bool one = stream.more.empty();
  code.buffers = plan.has_input() ? "auto* sample = model.input();"
                 : one
                     ? fmt::format("{} sample[{}] = {{}};", c_type(sample.type), sample.elements())
                     : fmt::format("{}_sample{} sample = {{}};", identifier(graph.name), suffix);
  code.push = fmt::format("model.push{}({}sample)", suffix, one || plan.has_input() ? "" : "&");
  if (plan.loop && plan.loop->comes_by_rows) {
    const int64_t rows = sample.shape[1];
    code.buffers = fmt::format("static {} sample[{}];  // a row\n  static int32_t row = -1;",
                               c_type(sample.type), sample.elements() / rows);
    code.push = fmt::format("model.push_row(row = (row + 1) % {}, sample)", rows);
  }
  const ValueId decision = decision_of(graph);
  code.decide =
      decision >= 0
          ? fmt::format("label = model.{0}()[0];  // -1: uncertain\n    score = model.{0}()[1];",
                        identifier(graph.value(decision).name))
          : fmt::format("score = int32_t(model.{}()[0]);",
                        identifier(graph.value(graph.outputs.at(0)).name));
  return code;
}

std::string example_main(const Plan& plan, const std::string& header) {
  const std::string name = identifier(plan.graph.name);
  const ExampleCode code = example_code(plan);
  std::string axes;
  for (const StreamAxis& axis : plan.graph.streams.at(0).axes)
    axes += (axes.empty() ? "" : ", ") + one_line(axis.name);
  return fmt::format(
      R"(// A small application around the model "{0}". It feeds zeros, so it runs anywhere; an
// application fills `sample` from its sensor{1}. The scale of each axis is in {2}.
#include "{2}"

namespace {{

{0}::Model model;

}}  // namespace

// Read these with a debugger, or send them where they are wanted.
volatile int32_t label = -1;
volatile int32_t score = 0;
volatile uint32_t decisions = 0;

int main() {{
  // Once after every change of compiler or flags: every layer is compared with what mote computed.
  if (!model.self_test()) return 1;
  model.reset();
  {3}
  for (int32_t step = 0; step < 1000; ++step) {{
    if (!{4}) continue;
    {5}
    decisions = decisions + 1;
  }}
  return 0;
}}
)",
      name, axes.empty() ? "" : ": " + axes, header, code.buffers, code.push, code.decide);
}

std::string arduino_sketch(const Plan& plan) {
  const std::string name = identifier(plan.graph.name);
  const ExampleCode code = example_code(plan);
  const Stream& stream = plan.graph.streams.at(0);
  const int64_t period_us = stream.rate_hz > 0 ? int64_t(1e6 / stream.rate_hz + 0.5) : 1000000;
  std::string answer = "Serial.println(label)";
  if (decision_of(plan.graph) < 0)
    answer = "Serial.println(score)";
  else if (!plan.graph.classes.empty())
    answer = fmt::format("Serial.println(label < 0 ? \"uncertain\" : {}::kLabels[label])", name);
  return fmt::format(
      R"(// The model "{0}": one sample each {1} us. Fill `sample` from the sensor where it says so.
#include <{0}.h>

static {0}::Model model;
static uint32_t next_us;

void setup() {{
  Serial.begin(115200);
  if (!model.self_test()) Serial.println("self test failed: see README.md");
  model.reset();
  next_us = micros();
}}

void loop() {{
  if (int32_t(micros() - next_us) < 0) return;
  next_us += {1};
  {2}
  // Here: sample[axis] = counts; physical value = counts * scale, scales are in {0}/model.h.
  if ({3}) {{
    int32_t label = -1, score = 0;
    {4}
    (void)label, (void)score;
    {5};
  }}
}}
)",
      name, period_us, code.buffers, code.push, code.decide, answer);
}

std::string deploy_readme(const Compiled& compiled, const std::string& how) {
  const Plan& plan = compiled.plan;
  const Stream& stream = plan.graph.streams.at(0);
  std::string text = fmt::format(
      "# {}\n\nA model emitted by mote; C++17, no heap, no libraries but `memcpy` and its kin.\n\n",
      plan.graph.name);
  text += fmt::format("* RAM: {} bytes (`sizeof({}_model)`), and stack; `mote run` measures it.\n",
                      plan.model_bytes, identifier(plan.graph.name));
  for (const StreamAxis& axis : stream.axes)
    text +=
        fmt::format("* Input `{}`: int16 counts, one count is {:.9g} {}.\n", one_line(axis.name),
                    axis.scale, axis.unit.empty() ? "(unit unknown)" : axis.unit);
  if (stream.rate_hz > 0)
    text += fmt::format(
        "* One sample every {:g} ms ({:g} Hz); samples that were lost: `push_missing(n)`.\n",
        1000 / stream.rate_hz, stream.rate_hz);
  if (!plan.graph.classes.empty())
    text += "* Labels: " + joined(plan.graph.classes) + "; -1 is \"uncertain\".\n";
  text += "\n" + how + "\n";
  return text +
         fmt::format(
             "\n## Check it\n\nThe flags `{}` are part of the arithmetic: without them float "
             "layers may differ in the last bit.\n"
             "`model.self_test()` runs a fixed input through every layer and compares: call it "
             "once after each change of\n"
             "compiler or flags. `mote.json` lists the files with their SHA-256.\n\nModel id {}\n",
             kContractFlags, compiled.library.model_id);
}

}  // namespace mote
