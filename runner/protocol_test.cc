// SPDX-License-Identifier: Apache-2.0
// The host's half of the protocol against reports written here by hand: whole, in pieces, damaged
// at every byte, and cut at every byte.
#include "runner/protocol.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

using wire::Type;

std::string u16(uint32_t n) { return {char(n), char(n >> 8)}; }
std::string u32(uint32_t n) { return u16(n) + u16(n >> 16); }

const std::vector<Playback>& played() {
  static const std::vector<Playback> playbacks = {
      {"a", {Feed{0, 0, {1, -2}}, Feed{0, 5, {}}}, true}};
  return playbacks;
}

std::vector<CommandFrame> commands() { return conversation(played(), true, 77); }

std::string ack(Type type, uint32_t n_reports) {
  return command_bytes(Type::ack, std::string(1, char(type)) + u32(n_reports));
}

// What a player with one stream of one axis, two layers and outputs of three bytes answers.
std::string good_answers() {
  const std::string info = u32(77) + u16(wire::kVersion) + u16(1024) + u32(100) + u32(2) + u32(1) +
                           u32(3) + u32(8) + std::string(64, 'f') + "name";
  return command_bytes(Type::info, info) + command_bytes(Type::stream, u32(0) + u32(1)) +
         command_bytes(Type::layer, u32(0) + "one") + command_bytes(Type::layer, u32(1) + "two") +
         ack(Type::hello, 4) + command_bytes(Type::self_test_result, u32(0)) +
         ack(Type::self_test, 1) + ack(Type::observe, 0) + ack(Type::reset, 0) +
         command_bytes(Type::decision, u32(2) + u32(0) + "xy") +
         command_bytes(Type::decision, u32(2) + u32(2) + "z") + ack(Type::samples, 2) +
         ack(Type::missing, 0) +
         command_bytes(Type::hashes, u32(2) + u32(0) + u32(0x11223344) + u32(5)) +
         command_bytes(Type::recording, u32(7) + u32(1) + u32(9)) + ack(Type::end, 2) +
         command_bytes(Type::summary, u32(4096) + u32(500) + u32(96) + u32(80) + "port") +
         ack(Type::finish, 1);
}

TEST(Protocol, ConversationIsInOrder) {
  std::vector<Type> types;
  for (const CommandFrame& command : commands()) types.push_back(command.type);
  EXPECT_EQ(types, (std::vector<Type>{Type::hello, Type::self_test, Type::observe, Type::reset,
                                      Type::samples, Type::missing, Type::end, Type::finish}));
  EXPECT_EQ(commands()[4].bytes,
            command_bytes(Type::samples, u16(0) + u16(2) + u16(1) + u16(0xFFFE)));
}

TEST(Protocol, LongFeedIsCutIntoWholeFrames) {
  Playback playback = {"long", {Feed{3, 0, std::vector<int16_t>(2000, 5)}}, false};
  size_t n_values = 0;
  for (const CommandFrame& command : conversation({playback}, false, 0)) {
    ASSERT_LE(command.bytes.size(), wire::kMaxFrame);
    if (command.type != Type::samples) continue;
    EXPECT_EQ(uint8_t(command.bytes[wire::kHeaderBytes]), 3);
    n_values += (command.bytes.size() - wire::kHeaderBytes - wire::kCrcBytes - 4) / 2;
  }
  EXPECT_EQ(n_values, 2000u);
}

TEST(Protocol, GoodAnswersAreATraceInAnyPieces) {
  const auto sent = commands();
  const std::string answers = good_answers();
  for (size_t piece : {size_t(1), size_t(7), answers.size()}) {
    TraceReader reader(sent, played());
    for (size_t at = 0; at < answers.size(); at += piece) reader.feed(answers.substr(at, piece));
    reader.end_of_link();
    ASSERT_TRUE(reader.complete() && !reader.failed()) << reader.fault();
    const Trace& t = reader.trace();
    EXPECT_EQ(t.model, "name");
    EXPECT_EQ(t.layers, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(t.self_test, 0u);
    EXPECT_EQ(t.port, "port");
    EXPECT_EQ(t.push_stack_bytes, 96u);
    const TraceRecording expected = {"a", 7, {{2, {'x', 'y', 'z'}}}, true, {0x11223344, 5}, 9};
    ASSERT_EQ(t.recordings.size(), 1u);
    EXPECT_EQ(t.recordings[0], expected);
  }
}

TEST(Protocol, WhatAnEarlierSessionLeftIsSkipped) {
  const auto sent = commands();
  TraceReader reader(sent, played());
  const std::string old_info = command_bytes(Type::info, u32(76) + std::string(88, 'x'));
  const std::string refusal = command_bytes(Type::error, std::string("\x01", 1) + u32(0) + u32(0));
  reader.feed("noise" + good_answers().substr(200, 90) + old_info + ack(Type::hello, 1) + refusal);
  EXPECT_FALSE(reader.failed());
  reader.feed(good_answers());
  EXPECT_TRUE(reader.complete() && !reader.failed()) << reader.fault();
}

TEST(Protocol, NoDamagedByteGoesUnseen) {
  const auto sent = commands();
  const std::string good = good_answers();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] ^= 0x10;
    TraceReader reader(sent, played());
    reader.feed(bytes);
    reader.end_of_link();
    EXPECT_FALSE(reader.complete() && !reader.failed()) << "byte " << at;
  }
}

TEST(Protocol, NoCutGoesUnseen) {
  const auto sent = commands();
  const std::string good = good_answers();
  for (size_t n = 0; n < good.size(); ++n) {
    TraceReader reader(sent, played());
    reader.feed(good.substr(0, n));
    reader.end_of_link();
    EXPECT_FALSE(reader.complete()) << n;
  }
}

// A whole report that never came leaves only good frames behind.
TEST(Protocol, NoLostReportGoesUnseen) {
  const auto sent = commands();
  const std::string good = good_answers();
  size_t n_frames = 0;
  for (size_t at = 0; at < good.size(); ++n_frames) {
    const wire::Scan frame =
        wire::scan(reinterpret_cast<const uint8_t*>(good.data()) + at, uint32_t(good.size() - at));
    ASSERT_EQ(frame.found, wire::Found::frame);
    TraceReader reader(sent, played());
    reader.feed(good.substr(0, at) + good.substr(at + frame.size));
    reader.end_of_link();
    EXPECT_FALSE(reader.complete() && !reader.failed()) << "frame " << n_frames;
    at += frame.size;
  }
  EXPECT_EQ(n_frames, 18u);
}

TEST(Protocol, DeviceErrorKeepsItsNumbersAndItsCommand) {
  const auto sent = commands();
  TraceReader reader(sent, played());
  const std::string good = good_answers();
  reader.feed(good.substr(0, good.find(ack(Type::samples, 2))));
  reader.feed(command_bytes(Type::error, std::string(1, 5) + u32(0x1234) + u32(0x100)));
  ASSERT_TRUE(reader.device_error());
  EXPECT_EQ(reader.device_error()->command, 4u);
  EXPECT_EQ(
      to_string(reader.device_error()->code, reader.device_error()->a, reader.device_error()->b),
      "took a fault at pc 0x00001234 (lr 0x00000100)");
}

}  // namespace
}  // namespace mote
