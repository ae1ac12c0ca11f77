// SPDX-License-Identifier: Apache-2.0
// Every kernel that a core has for a layer, chosen by name: a small network of an image, by rows
// and whole, on each emulated core, every layer and decision equal to the host's. Image k holds the
// k-th kernel of each layer, as in a tune (project/tune.h).
#include "graph/kernel_choice.h"

#include <set>

#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

constexpr int32_t kWindows = 20;

class KernelChoice : public ::testing::TestWithParam<std::string> {};

// The names of all kernels of each node; those behind the last one are the first again.
std::vector<KernelChoices> all_choices(const Graph& graph, InstructionSet core) {
  std::vector<KernelChoices> all;
  for (const Node& node : graph.nodes) {
    if (node.op->alias == Alias::view) continue;
    const std::vector<KernelCandidate> kernels = kernels_for(core, NodeView(graph, node));
    all.resize(std::max(all.size(), kernels.size()));
    for (size_t k = 0; k < kernels.size(); ++k) all[k][node.name] = kernels[k].name;
  }
  return all;
}

TEST_P(KernelChoice, EveryOneIsByteExact) {
  MOTE_NEEDS_EMULATOR();
  const Board board = board_for(GetParam());
  const InstructionSet core = board.core.instruction_set;
  const std::vector<Playback> played = recordings(3, kWindows);
  std::set<std::string> taken;
  for (const int64_t ram_bytes : {0, 1}) {
    const Graph graph = Bench(graph_named("image_by_rows"), core, ram_bytes).plan().graph;
    for (const KernelChoices& choices : all_choices(graph, core)) {
      const Bench bench(graph, core, ram_bytes, choices);
      for (const Layer& layer : bench.plan().layers) taken.insert(layer.kernel);
      EXPECT_EQ(difference(bench.host(played), bench.run(bench.image(board), board, played)), "");
    }
  }
  const size_t sets = size_t(core);
  EXPECT_GE(taken.size(), 5 * sets) << "kernels of " << to_string(core);
}

std::string board_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ports, KernelChoice, ::testing::ValuesIn(board_names()), board_name);

}  // namespace
}  // namespace mote::ports
