// SPDX-License-Identifier: Apache-2.0
// The manners of device/player.cc, on the host under sanitizers: it refuses what is wrong and goes
// on, whatever bytes come, and resumes from a saved state.
#include <gtest/gtest.h>

#include <random>

#include "runner/protocol.h"
#include "runner/subprocess.h"
#include "runner/test_firmware.h"

namespace mote::test {
namespace {

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
  const std::string out = read_text(folder.path("out.bin"));
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
      command_bytes(Type::load, u32(65) + "x"),
      command_bytes(Type::load, u32(0xFFFFFFFF) + "x"),
      command_bytes(Type::load, u32(0) + std::string(65, 'x')),
      command_bytes(Type::load, u32(0) + std::string(64, '\0')),  // its check is wrong
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
  ASSERT_EQ(state.size(), 64u);
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
                         &request.sizes.saved_bytes};
    *sizes[what] = 1;
    const Image image = build_host(request, diagnostics);
    EXPECT_FALSE(run_host(run_in(folder, image), diagnostics));
    EXPECT_NE(messages(diagnostics).find("too little memory"), std::string::npos)
        << messages(diagnostics);
  }
}

}  // namespace
}  // namespace mote::test
