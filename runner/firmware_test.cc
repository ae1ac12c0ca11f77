// SPDX-License-Identifier: Apache-2.0
// The whole way of the fixture model (testdata/firmware): compiled, linked for a board, run on the
// emulated core, on the host under sanitizers and behind a serial line, and compared. Defects are
// planted in copies of the model and must be found and named.
#include <gtest/gtest.h>

#include <random>

#include "runner/cross_test.h"
#include "runner/fake_board_test.h"
#include "runner/player_ranges.h"
#include "runner/subprocess.h"

#define MOTE_NEEDS_EMULATOR()           \
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc"); \
  MOTE_NEEDS_TOOL("qemu-system-arm")

namespace mote {
namespace {

namespace fs = std::filesystem;
using test::FakeBoard;
using test::ScratchFolder;

constexpr PlayerSizes kFixtureSizes = {80, 4, 3, 9, 60};

std::string messages(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.errors()) text += to_string(d) + "\n";
  return text;
}

Board board_named(const std::string& name) {
  Diagnostics diagnostics;
  Board board = read_board(test::source_path("boards/" + name + ".toml"), diagnostics);
  diagnostics.stop_if_any();
  return board;
}

BuildRequest request_in(const ScratchFolder& folder) {
  BuildRequest request;
  request.model_folder = test::source_path("runner/testdata/firmware");
  request.source_root = test::source_path("");
  request.build_folder = folder.path("build");
  request.sizes = kFixtureSizes;
  return request;
}

// A copy of the fixture in which `from` (once there) is `to`.
fs::path changed_fixture(const ScratchFolder& folder, const std::string& file,
                         const std::string& from, const std::string& to) {
  const fs::path copy = folder.path("model");
  fs::copy(test::source_path("runner/testdata/firmware"), copy);
  std::string text = test::read_text((copy / file).string());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  folder.write("model/" + file, text);
  return copy;
}

constexpr const char* kDefect = "// A test puts a defect here.";

Feed samples(std::mt19937& random, uint32_t n) {
  Feed feed;
  for (uint32_t i = 0; i < 3 * n; ++i) feed.values.push_back(int16_t(random()));
  return feed;
}

// Three recordings: plain, observed, and observed with a gap and values of the second stream; the
// first is longer than one frame.
std::vector<Playback> playbacks(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Playback> all(3);
  all[0] = {"walk", {samples(random, 400)}, false};
  all[1] = {"rest", all[0].feeds, true};
  all[2] = {"gap", {samples(random, 11), Feed{0, 9, {}}, samples(random, 13)}, true};
  all[2].feeds.push_back(Feed{1, 0, {-12345}});
  all[2].feeds.push_back(samples(random, 8));
  return all;
}

RunRequest run_in(const ScratchFolder& folder, const Image& image) {
  RunRequest request;
  request.elf = image.elf;
  request.work_folder = folder.path("run");
  request.playbacks = playbacks(7);
  request.timeout_s = 60;
  return request;
}

Trace host_trace(const ScratchFolder& folder) {
  Diagnostics diagnostics;
  const Image image = build_host(request_in(folder), diagnostics);
  const auto trace = run_host(run_in(folder, image), diagnostics);
  diagnostics.stop_if_any();
  return trace.value();
}

std::string difference(const Trace& a, const Trace& b) {
  const auto d = first_difference(a, b);
  return d ? d->recording + ": " + d->what : "";
}

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

// ---- counting -----------------------------------------------------------------------------------

constexpr const char* kFixtureLayers[] = {"means", "energy", "dense", "decide"};

CountReport counted(const ScratchFolder& folder, const Image& image, const Board& board,
                    ImageKind kind) {
  ModelFunctions functions = {{{"push_plain", "push"}}, {}};
  for (const std::string layer : kFixtureLayers)
    functions.layers.push_back({"layer_" + layer, layer});
  RunRequest run = run_in(folder, image);
  run.playbacks.resize(1);
  run.self_test = false;
  run.counting = {count_plugin_path(), folder.path("ranges"), folder.path("out.json")};
  folder.write("ranges", ranges_text(player_ranges(image.elf, functions)));
  Diagnostics diagnostics;
  run_emulated(run, board, kind, diagnostics);
  diagnostics.stop_if_any();
  return read_count_report(folder.path("out.json"));
}

// Another run and another port count the same: nothing of player or port is in it.
TEST(Firmware, CountsAreOfTheModelAloneAndRepeat) {
  MOTE_NEEDS_EMULATOR();
  ASSERT_FALSE(count_plugin_path().empty()) << "mote_count.so was not built";
  ScratchFolder folder;
  for (const char* name : {"rp2040-pico", "nucleo-l4r5zi", "corstone-300"}) {
    SCOPED_TRACE(name);
    const Board board = board_named(name);
    Diagnostics diagnostics;
    const auto images = build_images(request_in(folder), board,
                                     {ImageKind::emulated, ImageKind::emulated_uart}, diagnostics);
    diagnostics.stop_if_any();
    const CountReport first = counted(folder, images[0], board, ImageKind::emulated);
    EXPECT_EQ(first.decisions, 99u);
    EXPECT_EQ(first.pushes, 400u);
    EXPECT_EQ(first.regions.size(), 5u);
    // Four pushes, one of which runs the layers.
    EXPECT_GT(first.mean_instructions, 500);
    EXPECT_LT(first.mean_instructions, 20000);
    EXPECT_LE(first.largest_push, first.first_instructions);
    const CountReport again = counted(folder, images[0], board, ImageKind::emulated);
    EXPECT_EQ(again.first, first.first);
    EXPECT_EQ(again.later, first.later);
    const CountReport uart = counted(folder, images[1], board, ImageKind::emulated_uart);
    EXPECT_EQ(uart.first, first.first);
    EXPECT_EQ(uart.later, first.later);
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

// ---- images -------------------------------------------------------------------------------------

// 16 more bytes of model are 16 more bytes over, and a model that fills the memory to the last byte
// beside the stack still fits: the player has its own memory where the emulated machine allows it.
TEST(Image, MisfitSaysHowManyBytesInWhichMemory) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder folder;
  const Board board = board_named("microbit");
  const uint32_t ram = 16 * 1024;
  BuildRequest request = request_in(folder);
  request.stack_bytes = 1024;
  // 16 bytes: the two file numbers of the semihosting port, aligned.
  const uint32_t largest = ram - request.stack_bytes - 16;
  const auto build = [&](uint32_t model_bytes, Diagnostics& diagnostics) {
    request.sizes.model_bytes = model_bytes;
    return build_images(request, board, {ImageKind::emulated}, diagnostics)[0];
  };
  Diagnostics fits;
  EXPECT_FALSE(build(largest, fits).elf.empty()) << messages(fits);
  Diagnostics over;
  const Image too_large = build(largest + 32, over);
  EXPECT_TRUE(too_large.elf.empty());
  EXPECT_FALSE(fs::exists(folder.path("build/microbit-emulated.elf")));
  ASSERT_EQ(too_large.misfits.size(), 1u) << messages(over);
  EXPECT_EQ(too_large.misfits[0].memory, "sram");
  const uint64_t bytes = too_large.misfits[0].bytes_over;
  EXPECT_NEAR(double(bytes), 32, 16);
  EXPECT_NE(messages(over).find("microbit: sram: microbit-emulated is " + std::to_string(bytes) +
                                " bytes too large"),
            std::string::npos)
      << messages(over);
  Diagnostics more;
  EXPECT_EQ(build(largest + 48, more).misfits.at(0).bytes_over, bytes + 16);
}

TEST(Image, SameBytesInEveryFolderAndNoPath) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder first, second;
  const Board board = board_named("nucleo-l4r5zi");
  const std::vector<ImageKind> kinds = {ImageKind::emulated, ImageKind::own};
  Diagnostics diagnostics;
  const auto a = build_images(request_in(first), board, kinds, diagnostics);
  BuildRequest elsewhere = request_in(second);
  elsewhere.model_folder = second.path("copied");
  fs::copy(test::source_path("runner/testdata/firmware"), elsewhere.model_folder);
  const auto b = build_images(elsewhere, board, kinds, diagnostics);
  diagnostics.stop_if_any();
  for (size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(a[i].objects, b[i].objects);
    EXPECT_EQ(a[i].sha256, b[i].sha256);
    const std::string elf = test::read_text(a[i].elf.string());
    EXPECT_EQ(elf.find(fs::absolute(test::source_path("")).string()), std::string::npos);
    EXPECT_EQ(elf.find(first.path("")), std::string::npos);
  }
  EXPECT_NE(a[0].sha256, a[1].sha256);
  // The certificate's claim: but for the port's link, both images hold the same objects.
  size_t n_model = 0;
  for (size_t i = 1; i < a[0].objects.size(); ++i) {
    EXPECT_EQ(a[0].objects[i], a[1].objects[i]);
    n_model += a[0].objects[i].name.rfind("model/", 0) == 0;
  }
  EXPECT_EQ(n_model, 2u);
}

TEST(Image, DefectInEmittedCodeIsTheCompilersMessage) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder folder;
  BuildRequest request = request_in(folder);
  request.model_folder = changed_fixture(folder, "model.cc", kDefect, "no_such_name();");
  Diagnostics diagnostics;
  const auto images =
      build_images(request, board_named("microbit"), {ImageKind::emulated}, diagnostics);
  EXPECT_TRUE(images[0].elf.empty());
  EXPECT_NE(messages(diagnostics).find("no_such_name"), std::string::npos);
}

TEST(Image, MissingCompilerIsSaidWithARemedy) {
  ScratchFolder folder;
  const std::string path = getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  Diagnostics diagnostics;
  build_images(request_in(folder), board_named("microbit"), {ImageKind::emulated}, diagnostics);
  run_emulated(RunRequest{}, board_named("microbit"), ImageKind::emulated, diagnostics);
  setenv("PATH", path.c_str(), 1);
  ASSERT_EQ(diagnostics.errors().size(), 2u);
  for (const Diagnostic& error : diagnostics.errors()) {
    EXPECT_EQ(error.code, "tool-missing");
    EXPECT_NE(error.remedy.find("apt-get install"), std::string::npos);
  }
}

// ---- the player's manners, under sanitizers -----------------------------------------------------

struct Report {
  wire::Type type;
  std::string payload;
};

// The host player's answers to any bytes.
std::vector<Report> answers(const Image& image, const ScratchFolder& folder,
                            const std::string& bytes) {
  Invocation invocation;
  invocation.args = {image.elf.string()};
  invocation.input = folder.write("in.bin", bytes);
  invocation.output = folder.path("out.bin");
  const Ending ending = run_program(invocation);
  EXPECT_EQ(ending.how, Ended::exited) << to_string(ending) << ending.text;
  EXPECT_EQ(ending.text, "");
  const std::string out = test::read_text(folder.path("out.bin"));
  std::vector<Report> reports;
  for (size_t at = 0; at < out.size();) {
    const wire::Scan found =
        wire::scan(reinterpret_cast<const uint8_t*>(out.data()) + at, uint32_t(out.size() - at));
    if (found.found != wire::Found::frame) {
      ADD_FAILURE() << "no frame at byte " << at;
      break;
    }
    reports.push_back({found.type, out.substr(at + wire::kHeaderBytes, found.length)});
    at += found.size;
  }
  return reports;
}

std::string u16(uint32_t n) { return {char(n), char(n >> 8)}; }
std::string u32(uint32_t n) { return u16(n) + u16(n >> 16); }

std::vector<std::string> refusals(const std::vector<Report>& reports) {
  std::vector<std::string> texts;
  for (const Report& r : reports) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(r.payload.data());
    if (r.type == wire::Type::error)
      texts.push_back(to_string(wire::ErrorCode(p[0]), wire::get_u32(p + 1), wire::get_u32(p + 5)));
  }
  return texts;
}

size_t count(const std::vector<Report>& reports, wire::Type type) {
  size_t n = 0;
  for (const Report& r : reports) n += r.type == type;
  return n;
}

TEST(Player, RefusesWhatIsWrongAndGoesOn) {
  ScratchFolder folder;
  Diagnostics diagnostics;
  const Image image = build_host(request_in(folder), diagnostics);
  diagnostics.stop_if_any();
  using wire::Type;
  const std::vector<std::string> wrong = {
      command_bytes(Type::hello, "abc"),
      command_bytes(Type(0x7F), "abc"),
      command_bytes(Type::samples, ""),
      command_bytes(Type::samples, u16(0) + u16(3) + u16(1)),
      command_bytes(Type::samples, u16(2) + u16(1) + u16(1)),
      command_bytes(Type::missing, u16(0) + u32(0)),
      command_bytes(Type::missing, u16(7) + u32(3)),
      command_bytes(Type::observe, ""),
      command_bytes(Type::load, "ab"),
      command_bytes(Type::load, u32(61) + "x"),
      command_bytes(Type::load, u32(0xFFFFFFFF) + "x"),
      command_bytes(Type::load, u32(0) + std::string(61, 'x')),
      std::string(50, '\xB5'),
      std::string("\xB5\x6D\x03\xFF\xFF garbage", 13),
  };
  for (const std::string& command : wrong) {
    const auto reports =
        answers(image, folder,
                command + command_bytes(Type::hello, "1234") + command_bytes(Type::finish, ""));
    EXPECT_EQ(refusals(reports).size(), 1u);
    EXPECT_EQ(count(reports, Type::info), 1u);
    EXPECT_EQ(count(reports, Type::summary), 1u);
  }
  // Half a sample: a gap, another stream and the end of the recording must not follow it.
  const std::string half = command_bytes(Type::samples, u16(0) + u16(2) + u32(0));
  for (const std::string& command :
       {command_bytes(Type::missing, u16(0) + u32(1)), command_bytes(Type::end, ""),
        command_bytes(Type::samples, u16(1) + u16(1) + u16(5))}) {
    EXPECT_EQ(refusals(answers(image, folder, half + command)).size(), 1u);
    EXPECT_EQ(
        refusals(answers(image, folder, half + command_bytes(Type::reset, "") + command)).size(),
        0u);
  }
}

TEST(Player, RandomBytesNeitherCrashNorHang) {
  ScratchFolder folder;
  Diagnostics diagnostics;
  const Image image = build_host(request_in(folder), diagnostics);
  diagnostics.stop_if_any();
  const uint32_t seed = 31;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::string bytes;
  for (int i = 0; i < 3000; ++i) {
    std::string payload(random() % 40, 0);
    for (char& c : payload) c = char(random() % 3 ? random() % 4 : random());
    std::string frame = command_bytes(wire::Type(1 + random() % 9), payload);
    if (random() % 4 == 0) frame[random() % frame.size()] ^= char(1 << random() % 8);
    bytes += frame;
  }
  const auto reports = answers(image, folder, bytes);
  EXPECT_GT(count(reports, wire::Type::ack), 300u);
  EXPECT_GT(refusals(reports).size(), 300u);
}

// Saved after 20 samples and loaded into a fresh player, the rest gives the same decisions.
TEST(Player, LoadedStateGoesOnWhereItWasSaved) {
  ScratchFolder folder;
  Diagnostics diagnostics;
  const Image image = build_host(request_in(folder), diagnostics);
  diagnostics.stop_if_any();
  using wire::Type;
  std::mt19937 random(32);
  const auto sample_frame = [&](const Feed& feed) {
    std::string payload = u16(0) + u16(uint32_t(feed.values.size()));
    for (int16_t value : feed.values) payload += u16(uint16_t(value));
    return command_bytes(Type::samples, payload);
  };
  const std::string first = sample_frame(samples(random, 20));
  const std::string rest = sample_frame(samples(random, 40));
  const auto whole = answers(image, folder, first + command_bytes(Type::save, "") + rest);
  std::string state;
  std::vector<std::string> expected;
  for (const Report& r : whole) {
    if (r.type == Type::state) state = r.payload.substr(8);
    if (r.type == Type::decision && !state.empty()) expected.push_back(r.payload.substr(8));
  }
  ASSERT_EQ(state.size(), 60u);
  ASSERT_EQ(expected.size(), 10u);
  const auto resumed = answers(image, folder,
                               command_bytes(Type::load, u32(0) + state.substr(0, 25)) +
                                   command_bytes(Type::load, u32(25) + state.substr(25)) + rest);
  std::vector<std::string> got;
  for (const Report& r : resumed)
    if (r.type == Type::decision) got.push_back(r.payload.substr(8));
  EXPECT_EQ(got, expected);
}

TEST(Player, TooLittleMemoryIsSaidNotWritten) {
  for (int what : {1, 3, 5}) {
    ScratchFolder folder;
    Diagnostics diagnostics;
    BuildRequest request = request_in(folder);
    uint32_t* sizes[] = {nullptr,
                         &request.sizes.model_bytes,
                         &request.sizes.n_layers,
                         &request.sizes.sample_values,
                         &request.sizes.output_bytes,
                         &request.sizes.state_bytes};
    *sizes[what] = 1;
    const Image image = build_host(request, diagnostics);
    EXPECT_FALSE(run_host(run_in(folder, image), diagnostics));
    EXPECT_NE(messages(diagnostics).find("too little memory"), std::string::npos)
        << messages(diagnostics);
  }
}

// ---- the serial line ----------------------------------------------------------------------------

TEST(Serial, BoardBehindALineGivesTheTraceOfTheHost) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  const Board board = board_named("nucleo-l4r5zi");
  Diagnostics diagnostics;
  const auto images =
      build_images(request_in(folder), board, {ImageKind::emulated_uart}, diagnostics);
  diagnostics.stop_if_any();
  // No damage; damage in the first report; damage in the middle, after which it is played again.
  for (const int64_t damaged_byte : {-1, 30, 2000}) {
    SCOPED_TRACE(damaged_byte);
    FakeBoard fake(images[0], board, damaged_byte);
    RunRequest run = run_in(folder, images[0]);
    run.timeout_s = 5;
    const auto trace = run_serial(run, fake.device(), diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    EXPECT_EQ(trace->port, "uart_cmsdk");
    // The same player serves the next session.
    if (damaged_byte < 0) {
      const auto again = run_serial(run, fake.device(), diagnostics);
      ASSERT_TRUE(again) << messages(diagnostics);
      EXPECT_EQ(difference(host, *again), "");
    }
  }
}

TEST(Serial, DeviceThatIsNotThereIsAUsersFault) {
  Diagnostics diagnostics;
  EXPECT_FALSE(run_serial(RunRequest{}, "/dev/no-such-line", diagnostics));
  ASSERT_EQ(diagnostics.errors().size(), 1u);
  EXPECT_EQ(diagnostics.errors()[0].code, "cannot-open");
}

}  // namespace
}  // namespace mote
