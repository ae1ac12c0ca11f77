// SPDX-License-Identifier: Apache-2.0
// The fixture model on emulated cores against the same on the host under sanitizers: equal traces
// on every core and port. Defects planted in copies of the model must be found and named.
#include "runner/emulator.h"

#include <gtest/gtest.h>

#include "runner/memory_use.h"
#include "runner/test_firmware.h"

namespace mote::test {
namespace {

namespace fs = std::filesystem;

// What the fixture's own rules say, independent of any run: a decision at 8 samples and each 4
// later.
void expect_fixture_trace(const Trace& trace) {
  EXPECT_EQ(trace.model, "fixture");
  EXPECT_EQ(trace.layers, (std::vector<std::string>{"means", "energy", "dense", "decide"}));
  EXPECT_EQ(trace.stream_axes, (std::vector<uint32_t>{3, 1}));
  EXPECT_EQ(trace.self_test, 0u);
  ASSERT_EQ(trace.recordings.size(), 3u);
  EXPECT_EQ(trace.recordings[0].decisions.size(), 99u);
  EXPECT_EQ(trace.recordings[0].decisions[0].step, 8u);
  EXPECT_EQ(trace.recordings[0].decisions[98].step, 400u);
  EXPECT_EQ(trace.recordings[0].decisions, trace.recordings[1].decisions);
  EXPECT_EQ(trace.recordings[2].n_steps, 11u + 9 + 13 + 1 + 8);
  // 8 | the gap 12..20 is one push, so one decision | 24 28 32 | 36 40 of stream 0
  EXPECT_EQ(trace.recordings[2].decisions.size(), 7u);
}

void expect_measured(const Trace& trace) {
  EXPECT_EQ(trace.stack_reserved_bytes, 4096u);
  EXPECT_GT(trace.push_stack_bytes, 16u);
  EXPECT_LT(trace.push_stack_bytes, trace.stack_bytes);
  EXPECT_LT(trace.stack_bytes, 1024u);
  EXPECT_GE(trace.model_touched_bytes, 76u);
  EXPECT_LE(trace.model_touched_bytes, trace.model_bytes);
}

TEST(Firmware, EveryCoreGivesTheTraceOfTheHost) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  expect_fixture_trace(host);
  for (const char* name : {"rp2040-pico", "mps2-an385", "nucleo-l4r5zi", "stm32f746-disco",
                           "rp2350-pico2", "corstone-300"}) {
    SCOPED_TRACE(name);
    const Board board = board_named(name);
    Diagnostics diagnostics;
    const auto images =
        build_images(request_in(folder), board, {ImageKind::emulated, ImageKind::own}, diagnostics);
    ASSERT_FALSE(images[1].elf.empty()) << messages(diagnostics);
    const auto trace =
        run_emulated(run_in(folder, images[0]), board, ImageKind::emulated, diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    EXPECT_EQ(trace->port, "semihosting");
    expect_fixture_trace(*trace);
    expect_measured(*trace);
  }
}

// Stack and data stay in the fastest memory; the same model runs from the slower one.
TEST(Firmware, AModelThatTheFirstRamDoesNotHoldLiesInTheNext) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  const std::pair<const char*, uint32_t> cases[] = {{"stm32f746-disco", 400 * 1024},
                                                    {"corstone-300", 600 * 1024}};
  for (const auto& [name, model_bytes] : cases) {
    SCOPED_TRACE(name);
    const Board board = board_named(name);
    const Memory& slow = board.memories.at(2);
    BuildRequest request = request_in(folder);
    request.sizes.model_bytes = model_bytes;
    Diagnostics diagnostics;
    const auto images =
        build_images(request, board, {ImageKind::emulated, ImageKind::own}, diagnostics);
    ASSERT_FALSE(images[1].elf.empty()) << messages(diagnostics);
    const uint32_t origins[] = {slow.emulated_origin.value(), slow.origin};
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(images[i].model_memory, slow.name);
      const ImageSize size = measure_image({images[i].elf, images[i].map});
      const ImageSymbol& model = size.symbols.at(0);
      EXPECT_EQ(model.symbol, "mote_model_memory");
      EXPECT_EQ(model.address, origins[i]);
      const std::vector<MemoryUse> rows = memory_use(board, {images[i], size, 96});
      EXPECT_EQ(to_text(rows.at(2)), slow.name + " " + std::to_string(model_bytes) + " of " +
                                         std::to_string(slow.bytes) + " bytes: model " +
                                         std::to_string(model_bytes));
      EXPECT_EQ(rows[0].used(), int64_t(size.flash_bytes));
      EXPECT_EQ(rows[1].used() + rows[2].used(), int64_t(size.static_ram_bytes()) + 96);
    }
    const auto trace =
        run_emulated(run_in(folder, images[0]), board, ImageKind::emulated, diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    EXPECT_EQ(trace->self_test, 0u);
  }
}

// Weights that begin at a multiple of 32 kB do not fit behind code in 32 kB.
TEST(Firmware, WeightsThatTheFirstFlashDoesNotHoldLieInTheNext) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  Board board = board_named("nucleo-l4r5zi");
  board.memories[0].bytes = 32 * 1024;
  board.memories.push_back({"qspi", MemoryKind::flash, 0x90000000, 64 * 1024, 0x21000000});
  BuildRequest request = request_in(folder);
  request.model_folder = changed_fixture(folder, "weights.cc", "extern const int8_t kWeights",
                                         "alignas(32768) extern const int8_t kWeights");
  Diagnostics diagnostics;
  const Image image = build_images(request, board, {ImageKind::emulated}, diagnostics)[0];
  ASSERT_FALSE(image.elf.empty()) << messages(diagnostics);
  EXPECT_EQ(image.weights_memory, "qspi");
  const auto rows = memory_use(board, {image, measure_image({image.elf, image.map}), 0});
  EXPECT_EQ(to_text(rows.at(2)), "qspi 6 of 65536 bytes: weights 6");
  const auto trace = run_emulated(run_in(folder, image), board, ImageKind::emulated, diagnostics);
  ASSERT_TRUE(trace) << messages(diagnostics);
  EXPECT_EQ(difference(host, *trace), "");
}

TEST(Firmware, UartGivesTheTraceOfTheHost) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  for (const char* name : {"microbit", "nucleo-l4r5zi"}) {
    SCOPED_TRACE(name);
    const Board board = board_named(name);
    Diagnostics diagnostics;
    const auto images =
        build_images(request_in(folder), board, {ImageKind::emulated_uart}, diagnostics);
    const auto trace =
        run_emulated(run_in(folder, images[0]), board, ImageKind::emulated_uart, diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    expect_measured(*trace);
  }
}

// ---- planted defects ----------------------------------------------------------------------------

struct Outcome {
  std::optional<Trace> trace;
  Diagnostics diagnostics;
};

Outcome run_changed(const ScratchFolder& folder, const std::string& board_name,
                    const fs::path& model, std::vector<Playback> played) {
  Outcome outcome;
  const Board board = board_named(board_name);
  BuildRequest build = request_in(folder);
  build.model_folder = model;
  const auto images = build_images(build, board, {ImageKind::emulated}, outcome.diagnostics);
  outcome.diagnostics.stop_if_any();
  RunRequest run = run_in(folder, images[0]);
  run.playbacks = std::move(played);
  run.self_test = false;
  outcome.trace = run_emulated(run, board, ImageKind::emulated, outcome.diagnostics);
  return outcome;
}

TEST(Firmware, FlippedBitOfAWeightIsLocated) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  const fs::path model = changed_fixture(folder, "weights.cc", "23, 5", "22, 5");
  const Outcome flipped = run_changed(folder, "nucleo-l4r5zi", model, playbacks(7));
  ASSERT_TRUE(flipped.trace) << messages(flipped.diagnostics);
  const auto d = first_difference(host, *flipped.trace);
  ASSERT_TRUE(d);
  // The first recording was not observed: only its decisions can tell.
  EXPECT_EQ(d->recording, "walk");
  EXPECT_EQ(d->layer, -1);
  EXPECT_EQ(d->decision, 0);
  std::vector<Playback> observed = playbacks(7);
  observed.erase(observed.begin());
  const Outcome again = run_changed(folder, "nucleo-l4r5zi", model, observed);
  Trace host_observed = host;
  host_observed.recordings.erase(host_observed.recordings.begin());
  ASSERT_TRUE(again.trace);
  const auto located = first_difference(host_observed, *again.trace);
  ASSERT_TRUE(located);
  EXPECT_EQ(located->recording, "rest");
  EXPECT_EQ(located->layer, 2);
  EXPECT_EQ(located->layer_name, "dense");
}

std::vector<Playback> poison() {
  return {{"fine", {Feed{0, 0, {1, 2, 3}}}, false}, {"poison", {Feed{0, 0, {12345, 2, 3}}}, false}};
}

TEST(Firmware, FaultNamesRecordingAndFunction) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const fs::path model =
      changed_fixture(folder, "model.cc", kDefect, "if (sample[0] == 12345) __builtin_trap();");
  for (const char* board : {"rp2040-pico", "nucleo-l4r5zi", "corstone-300"}) {
    SCOPED_TRACE(board);
    const Outcome fault = run_changed(folder, board, model, poison());
    EXPECT_FALSE(fault.trace);
    const std::string text = messages(fault.diagnostics);
    EXPECT_NE(text.find("recording \"poison\""), std::string::npos) << text;
    EXPECT_NE(text.find("took a fault at pc"), std::string::npos) << text;
    EXPECT_NE(text.find("push"), std::string::npos) << text;
  }
}

// On v6-M and v7-M the paint tells after the push, on v8-M the core faults at its limit.
TEST(Firmware, StackOverflowIsReported) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const fs::path model = changed_fixture(folder, "model.cc", kDefect,
                                         "const auto dig = []() __attribute__((noinline)) {\n"
                                         "  volatile char deep[5000];\n"
                                         "  for (int i = 0; i < 5000; ++i) deep[i] = 1;\n"
                                         "};\n"
                                         "if (sample[0] == 12345) dig();");
  for (const char* board : {"rp2040-pico", "nucleo-l4r5zi", "rp2350-pico2"}) {
    SCOPED_TRACE(board);
    const Outcome overflow = run_changed(folder, board, model, poison());
    EXPECT_FALSE(overflow.trace);
    const std::string text = messages(overflow.diagnostics);
    EXPECT_NE(text.find("recording \"poison\""), std::string::npos) << text;
    EXPECT_NE(text.find("ran out of stack; reserve more stack"), std::string::npos) << text;
  }
}

TEST(Firmware, EndlessLoopIsNoAnswer) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const fs::path model =
      changed_fixture(folder, "model.cc", kDefect, "for (volatile int i = 0; i == 0;) {}");
  const Board board = board_named("nucleo-l4r5zi");
  BuildRequest build = request_in(folder);
  build.model_folder = model;
  for (const ImageKind kind : {ImageKind::emulated, ImageKind::emulated_uart}) {
    Diagnostics diagnostics;
    const auto images = build_images(build, board, {kind}, diagnostics);
    RunRequest run = run_in(folder, images[0]);
    run.self_test = false;
    run.timeout_s = 1;
    EXPECT_FALSE(run_emulated(run, board, kind, diagnostics));
    EXPECT_NE(messages(diagnostics).find("no-answer"), std::string::npos) << messages(diagnostics);
  }
}

}  // namespace
}  // namespace mote::test
