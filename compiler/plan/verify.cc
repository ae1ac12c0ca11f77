// SPDX-License-Identifier: Apache-2.0
// verify(plan): the layers in order on a model of the arena that remembers whose each byte is.
// Lifetimes, offsets and overlaps are not taken from the plan's reasoning, but from what is read
// and written. See plan.h.
#include <algorithm>

#include "compiler/plan/plan.h"

namespace mote {
namespace {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;

  bool meets(const Range& other) const { return begin < other.end && other.begin < end; }
};

class Replay {
 public:
  explicit Replay(const Plan& plan) : plan_(plan), owner_(size_t(plan.arena_bytes), -1) {}

  void run() {
    for (const Layer& layer : plan_.layers)
      if (layer.has_kernel) run(layer);
    if (plan_.arena_output < 0) return;
    const Range output = range(plan_.arena_output);
    MOTE_ASSERT(output.begin == 0);
    expect_own(output, plan_.arena_output);
  }

 private:
  const Location& location(ValueId id) const { return plan_.locations[size_t(id)]; }
  bool in_arena(ValueId id) const {
    return id >= 0 && (location(id).region == Region::arena ||
                       (plan_.arena_output >= 0 && location(id).storage == plan_.arena_output));
  }

  Range range(ValueId id) const {
    const int64_t begin = location(id).offset;
    return checked({begin, begin + plan_.graph.value(id).bytes()},
                   element_bytes(plan_.graph.value(id).type));
  }

  Range checked(Range range, int64_t alignment) const {
    MOTE_ASSERT(range.begin >= 0 && range.end <= plan_.arena_bytes);
    MOTE_ASSERT(range.begin % 4 == 0 && range.begin % alignment == 0);
    return range;
  }

  void run(const Layer& layer) {
    MOTE_ASSERT(int32_t(layer.call.arguments.size()) == layer.call.kernel.arity);
    const Node& node = plan_.graph.nodes[size_t(layer.node)];
    std::vector<Range> written;
    if (layer.call.scratch_bytes > 0)
      written.push_back(
          checked({layer.scratch_offset, layer.scratch_offset + layer.call.scratch_bytes}, 8));
    for (ValueId out : node.outputs)
      if (in_arena(out)) written.push_back(range(out));
    for (size_t a = 0; a < written.size(); ++a)
      for (size_t b = 0; b < a; ++b) MOTE_ASSERT(!written[a].meets(written[b]));
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (in_arena(node.inputs[i])) read(layer, int32_t(i), written);
    for (const Range& range : written) own(range, -1);
    for (ValueId out : node.outputs)
      if (in_arena(out)) own(range(out), location(out).storage);
  }

  void own(const Range& range, ValueId owner) {
    std::fill(owner_.begin() + range.begin, owner_.begin() + range.end, owner);
  }

  void expect_own(const Range& range, ValueId owner) const {
    MOTE_ASSERT(std::all_of(owner_.begin() + range.begin, owner_.begin() + range.end,
                            [&](ValueId of) { return of == owner; }));
  }

  void read(const Layer& layer, int32_t input, const std::vector<Range>& written) const {
    const Node& node = plan_.graph.nodes[size_t(layer.node)];
    const ValueId id = node.inputs[size_t(input)];
    const Range bytes = range(id);
    expect_own(bytes, location(id).storage);
    const Range out = in_arena(node.outputs[0]) ? range(node.outputs[0]) : Range{};
    for (const Range& range : written)
      if (range.meets(bytes)) {
        MOTE_ASSERT(range.begin == out.begin && range.end == out.end);
        step_through(layer, input, bytes.begin, out.begin);
      }
  }

  // With addresses: nothing that was written may be read.
  void step_through(const Layer& layer, int32_t input, int64_t in, int64_t out) const {
    const auto& orders = layer.call.orders;
    const auto order = std::find_if(orders.begin(), orders.end(),
                                    [&](const AccessOrder& o) { return o.input == input; });
    MOTE_ASSERT(order != orders.end() && (in - out) % order->lanes == 0);
    Range written{INT64_MAX, INT64_MIN};
    for_each_step(*order, [&](const AccessStep& step) {
      MOTE_ASSERT(!written.meets({in + step.read_begin, in + step.read_end}));
      written = {std::min(written.begin, out + step.write_begin),
                 std::max(written.end, out + step.write_end)};
    });
  }

  const Plan& plan_;
  std::vector<ValueId> owner_;  // of each byte; -1: nobody
};

}  // namespace

void verify(const Plan& plan) { Replay(plan).run(); }

}  // namespace mote
