// SPDX-License-Identifier: Apache-2.0
// What every image must keep: memory as planned, stack within its bound, every layer and nothing
// forbidden inside. See bench.h.
#include <set>

#include "ops/registry.h"
#include "runner/image_size.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

// Whether a value is float32 or a statistic is computed through float32 (ops/dsp/moments.h).
bool has_float(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (node.op == &flatten_op || node.op == &spectral_op) return true;
  for (const Value& value : graph.values)
    if (value.type == ElementType::f32 && value.kind != ValueKind::constant) return true;
  return false;
}

// Names that libgcc gives to software floating point.
bool is_soft_float(const std::string& symbol) {
  for (const char* start : {"__aeabi_f", "__aeabi_d", "__aeabi_cf", "__aeabi_cd", "__aeabi_i2f",
                            "__aeabi_i2d", "__aeabi_ui2f", "__aeabi_ui2d", "__aeabi_l2f",
                            "__aeabi_ul2f", "__aeabi_l2d", "__aeabi_ul2d"})
    if (symbol.rfind(start, 0) == 0) return true;
  return false;
}

// Idle bytes that alignment explains: blocks begin at multiples of eight, so one word of four
// behind a word in use may belong to nobody. Two idle words side by side are explained by nothing.
int64_t alignment_bytes(const Plan& plan) {
  std::vector<bool> used(size_t(plan.ram_bytes() / 4), false);
  const auto mark = [&](int64_t begin, int64_t end) {
    for (int64_t byte = begin; byte < end; ++byte) used.at(size_t(byte / 4)) = true;
  };
  for (const ArenaBlock& block : plan.blocks) mark(block.begin, block.end);
  for (ValueId id : plan.resident) {
    const int64_t offset = plan.far_bytes() + plan.locations[size_t(id)].offset;
    mark(offset, offset + plan.graph.value(id).bytes());
  }
  if (plan.far_bytes() > 0) mark(plan.arena_bytes, plan.arena_bytes + kFarPointerBytes);
  int64_t idle = 0;
  for (size_t word = 1; word < used.size(); word += 2) idle += !used[word] && used[word - 1];
  return 4 * idle;
}

}  // namespace

void expect_memory_as_planned(const Bench& bench, const Trace& trace) {
  const Plan& plan = bench.plan();
  EXPECT_EQ(trace.model_bytes, plan.ram_bytes());  // sizeof, as the image reports it
  EXPECT_EQ(trace.model_touched_bytes, plan.touched_bytes);
  EXPECT_EQ(plan.ram_bytes() - plan.touched_bytes, alignment_bytes(plan))
      << "more than alignment lies idle";
  int64_t idle = 0;
  for (const Alignment& gap : plan.alignment) {
    EXPECT_NE(gap.behind, "");
    idle += gap.end - gap.begin;
  }
  EXPECT_EQ(plan.touched_bytes + idle, plan.ram_bytes());
}

void expect_stack_bounded(const Bench& bench, const Image& image, const Trace& trace) {
  const uint32_t bound = bench.stack_bound(image);
  const int64_t measured = trace.push_stack_bytes - player_call_bytes(bench.plan(), image);
  EXPECT_GT(measured, 0);
  EXPECT_GE(bound, measured);
  EXPECT_LE(bound, measured * 3 / 2);
}

void expect_clean_image(const Bench& bench, const Image& image) {
  const ImageSize size = measure_image({image.elf, image.map, image.architecture});
  EXPECT_EQ(forbidden_symbols(size), std::vector<std::string>());
  std::set<std::string> names;
  std::string soft_float;
  for (const ImageSymbol& symbol : size.symbols) {
    names.insert(symbol.symbol);
    if (is_soft_float(symbol.symbol)) soft_float += " " + symbol.symbol;
  }
  EXPECT_TRUE(soft_float.empty() || has_float(bench.plan().graph)) << soft_float;
  const std::string prefix = identifier(bench.plan().graph.name) + "_";
  for (size_t i = 0; i < bench.plan().layers.size(); ++i) {
    const std::string layer = prefix + layer_function(bench.plan(), int32_t(i));
    EXPECT_TRUE(!bench.plan().layers[i].has_kernel || names.count(layer)) << layer << " is lost";
  }
}

}  // namespace mote::ports
