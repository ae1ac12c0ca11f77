// SPDX-License-Identifier: Apache-2.0
// One bit of one weight flipped in the emitted firmware: the self test names the layer, and so does
// the first difference to the host's evaluation.
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

// Flips bit 6 of the first number of `table` in the emitted weights.
void flip_weight(const Bench& bench, const std::string& table) {
  const std::filesystem::path path = bench.library() / "weights.cc";
  std::string text = test::read_text(path.string());
  const size_t at = text.find(" " + table + "[");
  ASSERT_NE(at, std::string::npos) << table;
  const size_t begin = text.find_first_of("-0123456789", text.find('{', at));
  const size_t end = text.find_first_not_of("-0123456789", begin);
  const int8_t flipped = int8_t(std::stoi(text.substr(begin, end - begin)) ^ 64);
  text.replace(begin, end - begin, std::to_string(flipped));
  std::ofstream(path, std::ios::binary) << text;
}

// The layers of an int8 graph that read weights.
std::vector<int32_t> layers_with_weights(const Graph& graph) {
  std::vector<int32_t> all;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.inputs.size() > 2 && node.op->macs &&
        graph.value(node.inputs[1]).type == ElementType::s8)
      all.push_back(int32_t(i));
  }
  return all;
}

TEST(Ports, AFlippedBitOfAWeightIsFoundAndItsLayerNamed) {
  MOTE_NEEDS_EMULATOR();
  const Graph graph = Bench(int8_network()).plan().graph;  // its layers in the library's order
  const std::vector<Playback> played = recordings(2, 20);
  const std::vector<int32_t> layers = layers_with_weights(graph);
  ASSERT_GE(layers.size(), 8u);
  for (const int32_t layer : {layers[0], layers[1], layers[3], layers.back()}) {
    const Node& node = graph.nodes[size_t(layer)];
    SCOPED_TRACE(node.name);
    const Bench bench(graph);
    flip_weight(bench, identifier(graph.name) + "_" + identifier(graph.value(node.inputs[1]).name));
    const Board board = board_for("nucleo-l4r5zi");
    const Trace trace = bench.run(bench.image(board), board, played);
    EXPECT_EQ(trace.self_test, uint32_t(layer) + 1);
    const auto found = first_difference(bench.host(played), trace);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->layer, layer);
    EXPECT_EQ(found->layer_name, layer_title(bench.plan(), layer));
  }
}

}  // namespace
}  // namespace mote::ports
