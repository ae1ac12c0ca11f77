// SPDX-License-Identifier: Apache-2.0
// See bench.h.
#include "tests/ports/bench.h"

#include "ops/dsp/random_windows.h"
#include "project/host_trace.h"
#include "runner/player_ranges.h"

namespace mote::ports {
namespace {

constexpr int32_t kWindowsInRecording = 20;
constexpr int32_t kWorstWindows = 2;  // of each kind, one after the other

// Sample i of axis `a` in the worst case `kind`.
int16_t worst_sample(int32_t kind, int32_t i, int32_t a) {
  const bool odd = (i + a) % 2 != 0;
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return 32767;
    case 2:
      return -32768;
    case 3:
      return odd ? 32767 : -32768;
    case 4:
      return i < kWindowSamples ? -32768 : 32767;
    case 5:
      return i == a * 7 ? 32767 : 0;
    case 6:
      return i == kWindowSamples - 1 ? -32768 : 1;
    case 7:
      return i % 16 < 8 ? -32768 : 32767;
    default:
      return int16_t(a == 1 ? 32767 : odd ? 1 : -1);
  }
}
constexpr int32_t kWorstKinds = 9;

// Each kind from the start, and then after another, whose state it meets.
Playback worst_case(int32_t kind) {
  Feed feed;
  for (const int32_t now : {kind, (kind + 1) % kWorstKinds, kind, 0})
    for (int32_t i = 0; i < kWorstWindows * kWindowSamples; ++i)
      for (int32_t a = 0; a < kAxes; ++a) feed.values.push_back(worst_sample(now, i, a));
  return {"worst " + std::to_string(kind), {std::move(feed)}, true};
}

// An impulse and then so much silence that float filters ring down through the denormal numbers.
Playback ring_down() {
  Feed feed;
  feed.values.assign(size_t(kAxes) * 4000, 0);
  feed.values[0] = feed.values[1] = feed.values[2] = 32767;
  return {"ring down", {std::move(feed)}, true};
}

Playback random_recording(RandomWindows& windows, int32_t count, int32_t number) {
  Playback playback{"random " + std::to_string(number), {}, true};
  for (int32_t w = 0; w < count; ++w) {
    playback.feeds.push_back({0, 0, windows.next(kWindowSamples, kAxes)});
    if (number % 3 == 0 && w == count / 2)
      playback.feeds.push_back({0, uint32_t(1 + windows.below(40)), {}});
  }
  return playback;
}

}  // namespace

std::vector<std::string> board_names() {
  return {"m0",           "rp2040-pico",  "mps2-an385",    "nucleo-l4r5zi", "stm32f746-disco",
          "rp2350-pico2", "corstone-300", "qemu-virt-rv32"};
}

Board board_for(const std::string& name) {
  Diagnostics diagnostics;
  const std::string folder = name == "m0" ? "tests/ports/" : "boards/";
  Board board = read_board(test::source_path(folder + name + ".toml"), diagnostics);
  diagnostics.stop_if_any();
  return board;
}

std::vector<Playback> recordings(uint64_t seed, int32_t windows) {
  std::vector<Playback> all;
  for (int32_t kind = 0; kind < kWorstKinds; ++kind) all.push_back(worst_case(kind));
  all.push_back(ring_down());
  RandomWindows random(seed);
  for (int32_t done = 0; done < windows; done += kWindowsInRecording)
    all.push_back(random_recording(random, std::min(kWindowsInRecording, windows - done),
                                   int32_t(all.size())));
  return all;
}

std::vector<Playback> unobserved(std::vector<Playback> playbacks) {
  for (Playback& playback : playbacks) playback.observe = false;
  return playbacks;
}

Bench::Bench(const Graph& graph, InstructionSet core, int64_t ram_bytes,
             const KernelChoices& kernels)
    : Bench(graph, CompileOptions{.core = core, .ram_bytes = ram_bytes, .kernels = kernels}) {}

Bench::Bench(const Graph& graph, const CompileOptions& options) {
  Diagnostics diagnostics;
  compiled_ = compile(graph, options, diagnostics);
  diagnostics.stop_if_any();
  write_library(compiled_.library, library());
}

BuildRequest Bench::build_request() const {
  BuildRequest request;
  request.model_folder = library();
  request.source_root = test::source_path("");
  request.build_folder = scratch_.path("image");
  request.sizes = player_sizes(plan());
  request.tables = table_reads(compiled_.library);
  return request;
}

Image Bench::image(const Board& board, uint32_t stack_bytes) const {
  Diagnostics diagnostics;
  BuildRequest request = build_request();
  request.stack_bytes = stack_bytes;
  Image image = build_images(request, board, {ImageKind::emulated}, diagnostics)[0];
  diagnostics.stop_if_any();
  return image;
}

Image Bench::sanitized_host() const {
  Diagnostics diagnostics;
  Image image = build_host(build_request(), diagnostics);
  diagnostics.stop_if_any();
  return image;
}

Trace Bench::host(const std::vector<Playback>& playbacks) const {
  Trace trace = host_trace(plan().graph, playbacks);
  trace.model = identifier(plan().graph.name);
  trace.model_id = compiled_.library.model_id;
  for (size_t i = 0; i < trace.layers.size(); ++i)
    trace.layers[i] = layer_title(plan(), int32_t(i));
  return trace;
}

RunRequest Bench::run_request(const Image& image, std::vector<Playback> playbacks) const {
  RunRequest request;
  request.elf = image.elf;
  request.work_folder = scratch_.path("run");
  request.playbacks = std::move(playbacks);
  request.timeout_s = 3000;
  return request;
}

Trace Bench::run(const Image& image, const Board& board, std::vector<Playback> playbacks) const {
  Diagnostics diagnostics;
  const auto trace = run_emulated(run_request(image, std::move(playbacks)), board,
                                  ImageKind::emulated, diagnostics);
  diagnostics.stop_if_any();
  return trace.value();
}

Trace Bench::run_sanitized(const Image& image, std::vector<Playback> playbacks) const {
  Diagnostics diagnostics;
  const auto trace = run_host(run_request(image, std::move(playbacks)), diagnostics);
  diagnostics.stop_if_any();
  return trace.value();
}

CountReport Bench::count(const Image& image, const Board& board, std::vector<Playback> playbacks,
                         const std::vector<CountedRange>& data) const {
  ModelFunctions functions;
  for (const Stream& stream : plan().graph.streams)
    functions.pushes.push_back({push_function(plan(), stream), "push"});
  for (size_t i = 0; i < plan().layers.size(); ++i)
    if (plan().layers[i].has_kernel)
      functions.layers.push_back(
          {identifier(plan().graph.name) + "_" + layer_function(plan(), int32_t(i)),
           std::to_string(i)});
  RunRequest request = run_request(image, unobserved(std::move(playbacks)));
  request.self_test = false;
  request.counting =
      CountingPlugin{count_plugin_path(), scratch_.path("ranges"), scratch_.path("count.json")};
  scratch_.write("ranges", ranges_text(player_ranges(image.elf, functions)) + ranges_text(data));
  Diagnostics diagnostics;
  run_emulated(request, board, ImageKind::emulated, diagnostics);
  diagnostics.stop_if_any();
  return read_count_report(request.counting->out);
}

uint32_t Bench::stack_bound(const Image& image) const {
  StackRequest request = stack_request(image);
  request.entry = push_function(plan(), plan().graph.streams.at(0));
  const StackBound bound = bound_stack(request);
  EXPECT_EQ(bound.problems, std::vector<std::string>());
  return bound.bytes;
}

std::string difference(const Trace& a, const Trace& b) {
  const auto d = first_difference(a, b);
  return d ? d->recording + ": " + d->what : "";
}

}  // namespace mote::ports
