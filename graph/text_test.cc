// SPDX-License-Identifier: Apache-2.0
// The text form: what is printed reads back to the same bytes, a fault is told with its line, and
// no text, however torn, does anything but parse or raise UserError.
#include "graph/text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "graph/base64.h"
#include "graph/evaluator.h"
#include "graph/test_graphs.h"
#include "graph/verify.h"

namespace mote {
namespace {

using namespace testing_graphs;

Graph parse(const std::string& text) {
  Diagnostics diagnostics;
  return parse_graph(text, "g.graph.txt", all_ops(), diagnostics);
}

// The diagnostics of a text that must not be taken.
std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const UserError& error) {
    return error.what();
  }
  return "taken";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(GraphText, ReadsBackToTheSameBytes) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    const std::string text = print(random_graph(seed));
    ASSERT_EQ(print(parse(text)), text) << "seed " << seed;
  }
}

TEST(GraphText, ReadsBackToTheSameGraph) {
  const Graph graph = small_graph();
  const Graph again = parse(print(graph));
  EXPECT_EQ(again.name, "small");
  EXPECT_EQ(again.classes, graph.classes);
  EXPECT_EQ(again.outputs, graph.outputs);
  ASSERT_EQ(again.streams.size(), 2u);
  EXPECT_EQ(again.streams[0].axes, graph.streams[0].axes);
  EXPECT_EQ(again.streams[0].pending, graph.streams[0].pending);
  ASSERT_EQ(again.values.size(), graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    EXPECT_EQ(again.values[i].clock, graph.values[i].clock) << i;
    EXPECT_EQ(again.values[i].quantization, graph.values[i].quantization) << i;
    ASSERT_EQ(bool(again.values[i].data), bool(graph.values[i].data)) << i;
    if (graph.values[i].data) {
      EXPECT_EQ(*again.values[i].data, *graph.values[i].data) << i;
    }
  }
  ASSERT_EQ(again.nodes.size(), 3u);
  EXPECT_EQ(again.nodes[0].op, &framer_op);
  EXPECT_EQ(again.nodes[1].attributes, graph.nodes[1].attributes);
}

TEST(GraphText, KeepsEveryBitOfFloats) {
  Graph graph = small_graph();
  const uint32_t bits[] = {0x00000001, 0x80000000, 0x7F7FFFFF, 0x7FC12345, 0xFF800000, 0x3EAAAAAB};
  for (uint32_t b : bits) {
    Bytes data(4);
    std::memcpy(data.data(), &b, 4);
    graph.add_constant("bits" + std::to_string(b), ElementType::f32, {1}, data);
  }
  graph.add_constant("least", ElementType::s64, {1},
                     std::vector<int64_t>{std::numeric_limits<int64_t>::min()});
  const Graph again = parse(print(graph));
  for (size_t i = 0; i < graph.values.size(); ++i) {
    if (!graph.values[i].data) continue;
    EXPECT_EQ(*again.values[i].data, *graph.values[i].data) << i;
  }
}

TEST(GraphText, KeepsEveryKindOfAttribute) {
  Graph graph = small_graph();
  const Attributes all = {{"a", int64_t{-7}},
                          {"b", 2.0},
                          {"c", std::string("x\"\\\n")},
                          {"d", 1e-300},
                          {"e", std::vector<int64_t>{}},
                          {"f", std::vector<double>{}},
                          {"g", std::vector<int64_t>{1, -2}},
                          {"h", std::vector<double>{1, 0.1}},
                          {"i", std::numeric_limits<double>::infinity()}};
  for (const auto& [name, value] : all) graph.nodes[0].attributes[name] = value;
  EXPECT_EQ(parse(print(graph)).nodes[0].attributes, graph.nodes[0].attributes);
}

TEST(GraphText, FillsInDefaultsThatAHandWrittenTextLeavesOut) {
  std::string text = print(small_graph());
  const size_t begin = text.find("{activation = \"relu\"");
  ASSERT_NE(begin, std::string::npos);
  text.replace(begin, text.find('}', begin) + 1 - begin, "{}");
  EXPECT_EQ(std::get<std::string>(parse(text).nodes[1].attributes.at("activation")), "none");
}

TEST(GraphText, IsTruncatedAtNoByteUnnoticed) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    const std::string text = print(random_graph(seed));
    for (size_t n = 0; n + 1 < text.size(); ++n)
      ASSERT_NE(refusal(text.substr(0, n)), "taken") << "seed " << seed << ", " << n << " bytes";
  }
}

// What verify() lets through must run: every size that a kernel relies on is checked by then.
// (Sanitizers watch.)
void push_zeros(const Graph& graph) {
  Evaluator evaluator(graph);
  for (int round = 0; round < 12; ++round) {
    for (size_t s = 0; s < graph.streams.size(); ++s) {
      const Bytes zeros(static_cast<size_t>(graph.value(graph.streams[s].value).bytes()));
      evaluator.push(int32_t(s), zeros.data());
    }
  }
}

// Random damage: a UserError or a graph; verify() takes whatever was parsed.
TEST(GraphText, SurvivesDamage) {
  Random random(7);
  const std::string tokens[] = {"%",  "-",  "9999999999", "[", "]", "(",           "-1",
                                "\"", "\n", "\\x",        "0", " ", "data %1 AAAA"};
  for (int round = 0; round < 3000; ++round) {
    std::string text = print(random_graph(uint32_t(round % 40)));
    for (int32_t hits = pick(random, 1, 3); hits > 0; --hits) {
      const auto at = size_t(pick(random, 0, int32_t(text.size())));
      const auto cut = size_t(pick(random, 0, 4));
      text.replace(at, std::min(cut, text.size() - at), tokens[random() % std::size(tokens)]);
    }
    try {
      Diagnostics diagnostics;
      const Graph graph = parse(text);
      verify(graph, diagnostics);
      diagnostics.stop_if_any();
      push_zeros(graph);
    } catch (const UserError&) {
    }
  }
}

struct Fault {
  const char* from;
  const char* to;
  const char* message;
};
class GraphTextFault : public ::testing::TestWithParam<Fault> {};
TEST_P(GraphTextFault, IsToldWithItsLine) {
  const std::string text = replaced(print(small_graph()), GetParam().from, GetParam().to);
  EXPECT_EQ(refusal(text), GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(
    Lines, GraphTextFault,
    ::testing::Values(
        Fault{"mote-graph 1", "PK\x03\x04",
              "g.graph.txt:1: this is no mote graph: the first line must be 'mote-graph 1' "
              "[no-graph]"},
        Fault{"mote-graph 1", "mote-graph 2",
              "g.graph.txt:1: version 2 of the format is unknown; this mote reads version 1 "
              "[wrong-version]"},
        Fault{"node framer", "node framr",
              "g.graph.txt:25: operator 'framr' is unknown; did you mean 'framer'? "
              "[unknown-operator]"},
        Fault{"s16[4, 3]", "s16[4, 0]",
              "g.graph.txt:14: a dimension is below 1 or the tensor is larger than 2 GB "
              "[wrong-shape]"},
        Fault{"s16[4, 3]", "s16[65536, 65536, 65536, 65536]",
              "g.graph.txt:14: a dimension is below 1 or the tensor is larger than 2 GB "
              "[wrong-shape]"},
        Fault{"s16[4, 3]", "s61[4, 3]",
              "g.graph.txt:14: element type 's61' is unknown; use f32, s8, u8, s16, s32, s64, u16, "
              "u32 or bool "
              "[unknown-type]"},
        Fault{"value %3", "value %4", "g.graph.txt:14: value %3 is expected here [wrong-order]"},
        Fault{"missing interpolate", "missing guess",
              "g.graph.txt:5: the policy 'guess' is unknown [unknown-word]"},
        Fault{"outputs (", "outputs %", "g.graph.txt:28: '(' is expected here [syntax]"},
        Fault{"length = 4", "length = 4x",
              "g.graph.txt:25: '4x' is no number that fits [wrong-number]"},
        Fault{"data [-1]", "data [-1, 2]",
              "g.graph.txt:13: 4 bytes of data are expected and 8 are given [wrong-data-size]"},
        Fault{"end\n", "end\nname \"x\"\n",
              "g.graph.txt:32: nothing may follow the line 'end' [syntax]"},
        Fault{"\nend\n", "\n",
              "g.graph.txt: the last line, 'end', is missing; the file is cut short; make it "
              "again [truncated-graph]"}));

TEST(GraphText, TheExampleInTheDocumentIsOne) {
  const char* root = std::getenv("MOTE_SOURCE_DIR");
  if (!root) GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: run through ctest";
  std::ifstream file(std::string(root) + "/docs/formats/graph.md");
  const std::string document((std::istreambuf_iterator<char>(file)), {});
  const size_t begin = document.find("mote-graph 1"), end = document.find("\nend\n", begin);
  ASSERT_NE(end, std::string::npos);
  const std::string text = document.substr(begin, end + 5 - begin);
  const Graph graph = parse(text);
  Diagnostics diagnostics;
  verify(graph, diagnostics);
  EXPECT_NO_THROW(diagnostics.stop_if_any());
  EXPECT_EQ(print(graph), text);
}

TEST(GraphText, TellsSeveralFaultsAtOnce) {
  std::string text = replaced(print(small_graph()), "node framer", "node framr");
  text = replaced(text, "missing interpolate", "missing guess");
  EXPECT_EQ(
      refusal(text),
      "g.graph.txt:5: the policy 'guess' is unknown [unknown-word]\n"
      "g.graph.txt:25: operator 'framr' is unknown; did you mean 'framer'? [unknown-operator]");
}

TEST(Base64, ReadsBackAndIsCanonical) {
  Random random(3);
  for (size_t n = 0; n < 50; ++n) {
    Bytes bytes(n);
    for (uint8_t& b : bytes) b = uint8_t(random());
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_EQ(to_base64(Bytes{'M', 'a'}), "TWE=");  // RFC 4648
  for (const char* wrong : {"TWE", "TWF=", "T=E=", "TW E", "====", "A===", "TWE=TWE="})
    EXPECT_FALSE(from_base64(wrong)) << wrong;
}

}  // namespace
}  // namespace mote
