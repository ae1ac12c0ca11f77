// SPDX-License-Identifier: Apache-2.0
// Cut and resume in emitted code: at random cuts the player saves the state; later, after other
// samples, it loads that state and goes on. Every decision and every saved byte must be the
// evaluator's, and the last state that of a run without a cut. Damaged states and those of another
// model are refused, and the model goes on as if nothing had come.
#include <algorithm>
#include <numeric>
#include <random>

#include "graph/evaluator.h"
#include "ops/dsp/random_windows.h"
#include "runner/subprocess.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

constexpr int32_t kLength = 300;  // samples of the recording that is cut

// A conversation and the reports that it must bring: decisions and states, in order.
class Script {
 public:
  explicit Script(const Graph& graph) : graph_(graph), evaluator_(graph) {
    command(wire::Type::hello, std::string(4, '\0'));
  }

  void reset() {
    evaluator_.reset();
    steps_ = 0;
    command(wire::Type::reset, "");
  }
  void push(const std::vector<int16_t>& samples, int32_t begin, int32_t end) {
    for (int32_t i = begin; i < end; ++i) {
      const int16_t* sample = samples.data() + i * kAxes;
      std::string payload(4, '\0');
      payload[2] = char(kAxes);
      payload.append(reinterpret_cast<const char*>(sample), sizeof(int16_t) * kAxes);
      command(wire::Type::samples, payload);
      ++steps_;
      if (evaluator_.push(0, sample)) expect(wire::Type::decision, steps_, evaluator_.outputs());
    }
  }
  Bytes save() {
    command(wire::Type::save, "");
    const Bytes state = evaluator_.save();
    expect(wire::Type::state, uint32_t(state.size()), state);
    return state;
  }
  void load(const Bytes& state) {
    if (!evaluator_.load(state)) {
      expect(wire::Type::error, uint32_t(wire::ErrorCode::wrong_state));
      ++n_refused_;
    }
    for (size_t at = 0; at < state.size(); at += 1000) {
      std::string payload(4, '\0');
      wire::put_u32(reinterpret_cast<uint8_t*>(payload.data()), uint32_t(at));
      payload.append(state.begin() + int64_t(at),
                     state.begin() + int64_t(std::min(at + 1000, state.size())));
      command(wire::Type::load, payload);
    }
  }
  std::string commands() const { return commands_ + command_bytes(wire::Type::finish, ""); }
  const std::string& expected() const { return expected_; }
  size_t n_refused() const { return n_refused_; }

 private:
  void command(wire::Type type, const std::string& payload) {
    commands_ += command_bytes(type, payload);
  }
  void expect(wire::Type type, uint32_t first, const Bytes& bytes = {}) {
    expected_ += std::to_string(int(type)) + " " + std::to_string(first) + " ";
    expected_.append(bytes.begin(), bytes.end());
  }

  const Graph& graph_;
  Evaluator evaluator_;
  uint32_t steps_ = 0;
  size_t n_refused_ = 0;
  std::string commands_, expected_;
};

// The player's decisions, states and refusals in the words of Script::expect.
std::string reported(const std::string& bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size();) {
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data()) + at;
    const wire::Scan found = wire::scan(data, uint32_t(bytes.size() - at));
    if (found.found != wire::Found::frame) return out + " and then something that is no frame";
    at += found.size;
    if (found.type == wire::Type::error)
      out += std::to_string(int(found.type)) + " " + std::to_string(found.payload[0]) + " ";
    if (found.type != wire::Type::decision && found.type != wire::Type::state) continue;
    if (wire::get_u32(found.payload + 4) == 0)
      out += std::to_string(int(found.type)) + " " + std::to_string(wire::get_u32(found.payload)) +
             " ";
    out.append(reinterpret_cast<const char*>(found.payload) + 8, found.length - 8);
  }
  return out;
}

std::string converse(const Bench& bench, const Image& image, const std::string& board,
                     const std::string& commands) {
  Invocation program;
  program.folder = bench.folder();
  std::ofstream(bench.folder() / "mote_in.bin", std::ios::binary) << commands;
  if (board == "host") {
    program.args = {image.elf.string()};
    program.input = bench.folder() / "mote_in.bin";
    program.output = bench.folder() / "mote_out.bin";
  } else {
    program.args = emulator_args(board_for(board));
    program.args.insert(program.args.end(), {"-kernel", image.elf.string(), "-serial", "none",
                                             "-semihosting-config", "enable=on,target=native"});
  }
  const Ending ending = run_program(program);
  EXPECT_TRUE(ending.good()) << to_string(ending) << ending.text;
  return test::read_text((bench.folder() / "mote_out.bin").string());
}

Bytes state_without_cut(const Graph& graph, const std::vector<int16_t>& samples) {
  Evaluator evaluator(graph);
  for (int32_t i = 0; i < kLength; ++i) evaluator.push(0, samples.data() + i * kAxes);
  return evaluator.save();
}

class PortsResume : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(PortsResume, FromRandomCutsByteForByte) {
  MOTE_NEEDS_EMULATOR();
  const auto& [graph, board] = GetParam();
  const Bench bench(graph_named(graph));
  RandomWindows windows(17);
  const std::vector<int16_t> samples = windows.next(kLength, kAxes);
  const std::vector<int16_t> other = windows.next(kLength, kAxes);
  Script script(bench.plan().graph);
  for (int i = 0; i < 12; ++i) {
    const int32_t cut = windows.below(kLength + 1);
    script.reset();
    script.push(samples, 0, cut);
    const Bytes state = script.save();
    script.reset();
    script.push(other, 0, windows.below(kLength));
    script.load(state);
    script.push(samples, cut, kLength);
    EXPECT_EQ(script.save(), state_without_cut(bench.plan().graph, samples)) << "cut " << cut;
  }
  const Image image = board == "host" ? bench.sanitized_host() : bench.image(board_for(board));
  EXPECT_TRUE(reported(converse(bench, image, board, script.commands())) == script.expected());
}

// Every byte of the state xored with each of `flips`, under sanitizers.
void expect_damage_refused(const Graph& graph, const std::vector<int>& flips) {
  const Bench bench(graph);
  RandomWindows windows(19);
  const std::vector<int16_t> samples = windows.next(kLength, kAxes);
  Script script(bench.plan().graph);
  script.reset();
  script.push(samples, 0, kLength / 2);
  Bytes state = script.save();
  for (uint8_t& byte : state)
    for (const int flip : flips) {
      byte = uint8_t(byte ^ flip);
      script.load(state);
      byte = uint8_t(byte ^ flip);
    }
  const size_t n_refused = state.size() * flips.size();
  EXPECT_EQ(script.n_refused(), n_refused);
  script.push(samples, kLength / 2, kLength);
  EXPECT_EQ(script.save(), state_without_cut(bench.plan().graph, samples));
  EXPECT_TRUE(reported(converse(bench, bench.sanitized_host(), "host", script.commands())) ==
              script.expected());
}

TEST(PortsState, EveryDamagedByteIsRefused) {
  std::vector<int> flips(255);
  std::iota(flips.begin(), flips.end(), 1);
  expect_damage_refused(small_chain(), flips);
  expect_damage_refused(fixed_signals(), {1});
}

// The same layout, one weight differs by one bit.
TEST(PortsState, ThatOfAnotherModelIsRefused) {
  const Bench bench(small_chain());
  Graph graph = bench.plan().graph;
  const auto weights = std::find_if(graph.values.begin(), graph.values.end(), [](const Value& v) {
    return v.kind == ValueKind::constant && v.type == ElementType::s8;
  });
  ASSERT_NE(weights, graph.values.end());
  Bytes changed = *weights->data;
  changed[0] ^= 1;
  weights->data = std::make_shared<const Bytes>(changed);
  Script script(bench.plan().graph);
  script.load(Evaluator(graph).save());
  EXPECT_EQ(script.n_refused(), 1u);
  script.load(Evaluator(bench.plan().graph).save());
  EXPECT_EQ(script.n_refused(), 1u);
  EXPECT_TRUE(reported(converse(bench, bench.sanitized_host(), "host", script.commands())) ==
              script.expected());
}

INSTANTIATE_TEST_SUITE_P(Ports, PortsResume,
                         ::testing::Combine(::testing::Values("fixed_signals", "float_signals",
                                                              "int8_network"),
                                            ::testing::Values("host", "corstone-300")),
                         [](const auto& p) {
                           const std::string board = std::get<1>(p.param);
                           return std::get<0>(p.param) + (board == "host" ? "_on_host" : "_on_m55");
                         });

}  // namespace
}  // namespace mote::ports
