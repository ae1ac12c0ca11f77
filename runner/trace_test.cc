// SPDX-License-Identifier: Apache-2.0
// Traces: through text and back, text that is no trace, and where two runs part.
#include "runner/trace.h"

#include <gtest/gtest.h>

#include <random>

#include "runner/cross_test.h"

namespace mote {
namespace {

Trace example() {
  Trace t;
  t.model = "tractor";
  t.model_id = std::string(64, 'a');
  t.place = "host";
  t.port = "host";
  t.layers = {"framer", "dense"};
  t.stream_axes = {3};
  t.model_bytes = 1200;
  t.output_bytes = 2;
  t.saved_bytes = 40;
  t.self_test = 0;
  t.push_stack_bytes = 96;
  t.recordings = {{"walk", 40, {{8, {1, 2}}, {12, {3, 255}}}, true, {0xDEADBEEF, 7}, 0x12345678},
                  {"rest", 40, {{8, {1, 2}}}, false, {}, 0}};
  return t;
}

TEST(Trace, TextAndBackIsTheSame) {
  Trace t = example();
  EXPECT_EQ(trace_from_json(to_json(t), "t"), t);
  t.self_test.reset();
  t.recordings.clear();
  EXPECT_EQ(trace_from_json(to_json(t), "t"), t);
}

TEST(Trace, FileIsWrittenWholeOrNotAtAll) {
  ScratchFolder folder;
  write_trace(example(), folder.path("a.trace.json"));
  EXPECT_EQ(read_trace(folder.path("a.trace.json")), example());
  EXPECT_THROW(write_trace(example(), folder.path("none/a.trace.json")), UserError);
  EXPECT_THROW(read_trace(folder.path("b.trace.json")), UserError);
  const auto entries = std::filesystem::directory_iterator(folder.path(""));
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

std::string message_of(const std::string& text) {
  try {
    trace_from_json(text, "x.trace.json");
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Trace, WrongTextNamesTheKeyOrTheByte) {
  const std::string good = to_json(example());
  EXPECT_NE(message_of("{\"format\": ").find("x.trace.json: byte 12"), std::string::npos);
  // Bug: such a number came out as the JSON library's own exception.
  EXPECT_NE(message_of("{\"format\": 888888e888}").find("too large"), std::string::npos);
  EXPECT_NE(message_of("[]").find("is not an object"), std::string::npos);
  EXPECT_NE(message_of(changed(good, "mote-trace-1", "mote-trace-9")).find("format is not"),
            std::string::npos);
  EXPECT_NE(message_of(changed(good, "\"steps\": 40", "\"steps\": -1"))
                .find("recordings[0] steps is not a number"),
            std::string::npos);
  EXPECT_NE(message_of(changed(good, "\"0102\"", "\"01 2\"")).find("outputs is not hexadecimal"),
            std::string::npos);
  EXPECT_NE(message_of(changed(good, "deadbeef", "deadbee")).find("layer_crc is not 8"),
            std::string::npos);
  EXPECT_NE(message_of(changed(good, "\"model\"", "\"modle\"")).find("model is missing"),
            std::string::npos);
}

// Whatever is done to the text, a user's fault is the worst that comes of it.
TEST(Trace, MutatedTextIsNeverOurBug) {
  const uint32_t seed = 41;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good = to_json(example());
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (uint32_t i = 0; i <= random() % 3; ++i) text[random() % text.size()] = char(random());
    try {
      trace_from_json(text, "x");
    } catch (const UserError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Difference, SameRunsHaveNone) { EXPECT_FALSE(first_difference(example(), example())); }

TEST(Difference, FirstLayerOfTheFirstRecordingThatDiffers) {
  Trace device = example();
  device.recordings[0].layer_crc = {0xDEADBEEF, 8};
  device.recordings[0].decisions[1].outputs = {3, 254};
  const auto d = first_difference(example(), device);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->recording, "walk");
  EXPECT_EQ(d->layer, 1);
  EXPECT_EQ(d->layer_name, "dense");
  EXPECT_EQ(d->decision, 1);
  EXPECT_EQ(d->what,
            "layer 1 \"dense\" differs; decision 1 differs first in byte 1 of 2, ff and fe "
            "(bytes 0 to 1: 03ff and 03fe)");
}

TEST(Difference, LongOutputsAreShownAroundTheFirstByteThatDiffers) {
  const auto what = [](size_t at) {
    Trace host = example();
    host.recordings[0].decisions[0].outputs.assign(100, 0xAB);
    Trace device = host;
    for (size_t i = at; i < 100; i += 2) device.recordings[0].decisions[0].outputs[i] = 0;
    return first_difference(host, device)->what;
  };
  EXPECT_EQ(what(50),
            "decision 0 differs first in byte 50 of 100, ab and 00 (bytes 47 to 54: "
            "abababababababab and ababab00ab00ab00)");
  EXPECT_EQ(what(1),
            "decision 0 differs first in byte 1 of 100, ab and 00 (bytes 0 to 7: "
            "abababababababab and ab00ab00ab00ab00)");
  EXPECT_EQ(what(99),
            "decision 0 differs first in byte 99 of 100, ab and 00 (bytes 92 to 99: "
            "abababababababab and ababababababab00)");
  Trace shorter = example();
  shorter.recordings[0].decisions[0].outputs.clear();
  EXPECT_EQ(first_difference(example(), shorter)->what, "decision 0 has 2 and 0 bytes");
}

TEST(Difference, EachKindIsSeen) {
  const auto what = [](auto change) {
    Trace device = example();
    change(device);
    const auto d = first_difference(example(), device);
    return d ? d->what : "";
  };
  EXPECT_EQ(what([](Trace& t) { t.recordings[0].layer_crc[0] = 1; }),
            "layer 0 \"framer\" differs; no decision differs");
  EXPECT_EQ(what([](Trace& t) { t.recordings[0].state_crc = 1; }), "the saved state differs");
  EXPECT_EQ(what([](Trace& t) { t.recordings[1].decisions[0].step = 9; }),
            "decision 0 came after 8 samples on the one side and after 9 on the other");
  EXPECT_EQ(what([](Trace& t) { t.recordings[1].decisions.clear(); }), "1 and 0 decisions");
  EXPECT_EQ(what([](Trace& t) { t.recordings[1].n_steps = 41; }), "40 and 41 samples were pushed");
  EXPECT_EQ(what([](Trace& t) { t.recordings.pop_back(); }), "2 and 1 recordings were played");
  EXPECT_NE(what([](Trace& t) { t.model_id[0] = 'b'; }).find("two models"), std::string::npos);
  // Not what the model computes: where it ran, and with how much stack.
  EXPECT_EQ(what([](Trace& t) { t.place = "emulated", t.stack_bytes = 5; }), "");
}

}  // namespace
}  // namespace mote
