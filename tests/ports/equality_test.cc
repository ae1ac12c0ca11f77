// SPDX-License-Identifier: Apache-2.0
// Promise 1 on every core: each graph of graphs.h over thousands of windows, every layer, every
// decision and the state after each, on emulated cores and on the host under sanitizers, equal to
// the host's evaluation byte for byte; memory, stack and symbols as planned. Environment:
// MOTE_EXHAUSTIVE (100,000 windows a graph on M4F and M55 instead), MOTE_SEED.
#include <cstdlib>
#include <iostream>

#include "ops/registry.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

constexpr int32_t kBatch = 2000;  // windows of one run

// The host runs the kernels of every set of Cortex-M, by their plain twins, and its own.
constexpr const char *kHost = "host", *kHostVectors = "host with vectors";

struct Case {
  std::string graph;
  std::string board;  // or one of the two below: under sanitizers
  int32_t windows = kBatch;
};

bool is_host(const std::string& board) { return board == kHost || board == kHostVectors; }

bool exhaustive() { return std::getenv("MOTE_EXHAUSTIVE") != nullptr; }

uint64_t seed() {
  const char* given = std::getenv("MOTE_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.graph << " on " << c.board; }

class PortsEquality : public ::testing::TestWithParam<Case> {};

Trace run_on_port(const Bench& bench, const Image& image, const std::vector<Playback>& played) {
  const std::string& board = PortsEquality::GetParam().board;
  return is_host(board) ? bench.run_sanitized(image, played)
                        : bench.run(image, board_for(board), played);
}

// One batch of windows; the number of decisions that were compared.
size_t expect_equal(const Bench& bench, const Image& image, uint64_t batch_seed) {
  const int32_t windows = std::min(PortsEquality::GetParam().windows, kBatch);
  const std::vector<Playback> played = recordings(batch_seed, windows);
  const Trace host = bench.host(played);
  const Trace port = run_on_port(bench, image, played);
  EXPECT_EQ(port.self_test, 0u);
  EXPECT_EQ(difference(host, port), "") << "seed " << batch_seed;
  size_t decisions = 0;
  for (const TraceRecording& recording : host.recordings) decisions += recording.decisions.size();
  return decisions;
}

// As in an application, without observer: decisions, memory, stack, what is in the image.
void expect_plain_run(const Bench& bench, const Image& image) {
  const std::vector<Playback> played = unobserved(recordings(seed(), 20));
  const Trace port = run_on_port(bench, image, played);
  EXPECT_EQ(difference(bench.host(played), port), "");
  expect_memory_as_planned(bench, port);
  if (is_host(PortsEquality::GetParam().board)) return;
  expect_stack_bounded(bench, image, port);
  expect_clean_image(bench, image);
}

TEST_P(PortsEquality, EveryLayerAndDecisionIsThatOfTheHost) {
  const Case& c = GetParam();
  const Board board = is_host(c.board) ? Board{} : board_for(c.board);
  MOTE_NEEDS_EMULATOR_OF(board.core.architecture);
  const bool by_rows = c.graph == "image_by_rows";
  const Bench bench(graph_named(c.graph),
                    c.board == kHostVectors ? InstructionSet::simd128
                    : c.board == kHost      ? InstructionSet::mve
                                            : board.core.instruction_set,
                    by_rows ? 1 : 0);
  EXPECT_EQ(bench.plan().loop.has_value(), by_rows);
  const Image image = is_host(c.board) ? bench.sanitized_host() : bench.image(board);
  expect_plain_run(bench, image);
  size_t decisions = 0;
  for (int32_t done = 0; done < c.windows && !HasFailure(); done += kBatch)
    decisions += expect_equal(bench, image, seed() + uint64_t(done / kBatch));
  std::cout << c.graph << " on " << c.board << ": " << c.windows << " random windows from seed "
            << seed() << ", " << decisions << " decisions, " << bench.plan().layers.size()
            << " layers" << (HasFailure() ? "\n" : ", 0 differ\n");
}

// Soft float takes its time: fewer windows where the core has no FPU; and on M0+, which runs the
// M0's instructions; and of graphs with hundreds of layers without a state, or of layers with many
// products. The name says how many.
int32_t windows_on(const std::string& graph, const std::string& board) {
  const bool is_float = graph.rfind("float", 0) == 0;
  const bool soft =
      board == "m0" || board == "rp2040-pico" || board == "mps2-an385" || board == "qemu-virt-rv32";
  if (exhaustive()) return 100000;
  for (const char* products : {"convolutions", "dense_layers", "sums"})
    if (graph.find(products) != std::string::npos) return 100;
  const bool many_layers = graph.find("elementwise") != std::string::npos;
  return (is_float && soft) || many_layers || board == "rp2040-pico" ? 300 : kBatch;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  std::vector<std::string> boards = {kHost, kHostVectors};
  for (const std::string& name : board_names()) boards.push_back(name);
  if (exhaustive()) boards = {"nucleo-l4r5zi", "corstone-300"};
  for (const std::string& board : boards)
    for (const std::string& graph : graph_names())
      all.push_back({graph, board, windows_on(graph, board)});
  if (!exhaustive()) all.push_back({"small_chain", "microbit", kBatch});
  return all;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.graph + "_on_" + info.param.board + "_" +
                     std::to_string(info.param.windows) + "_windows";
  for (char& c : name)
    if (c == '-' || c == ' ') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ports, PortsEquality, ::testing::ValuesIn(cases()), case_name);

// A new operator or signal block must be on every core too: the graphs are held to the lists.
TEST(Ports, GraphsHoldEveryOperator) {
  std::string missing;
  for (const OpDef* op : all_ops()) {
    bool found = false;
    for (const std::string& name : graph_names())
      for (const Node& node : graph_named(name).nodes) found = found || node.op == op;
    if (!found) missing += " " + op->name;
  }
  EXPECT_EQ(missing, "");
}

}  // namespace
}  // namespace mote::ports
