// SPDX-License-Identifier: Apache-2.0
// The `.plan.txt`: what a person looks at to see where the memory goes.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/plan/plan.h"

namespace mote {
namespace {

constexpr int kColumns = 64;

// What a loop holds of each value.
std::string windows(const Plan& plan) {
  if (!plan.loop) return "";
  const RowLoop& loop = *plan.loop;
  std::string text = fmt::format("\nlayers {} to {} by rows, steps {} to {}\n", loop.first,
                                 loop.last, loop.begin, loop.end - 1);
  for (size_t v = 0; v + 1 < loop.values.size(); ++v) {
    const RowValue& rows = loop.values[v];
    text += fmt::format("    {:48} {:3} kept {:3} new of {:4} rows  arena {}..{}\n",
                        plan.graph.value(rows.value).name, rows.window.kept, rows.window.fresh,
                        rows.window.rows, rows.offset, rows.offset + rows.bytes());
  }
  return text;
}

std::string shape_text(const Value& value) {
  return fmt::format("{}[{}]", to_string(value.type), fmt::join(value.shape, ","));
}

std::string where(const Plan& plan, ValueId id) {
  const Location& location = plan.locations[size_t(id)];
  const int64_t end = location.offset + plan.bytes_at_location(id);
  switch (location.region) {
    case Region::arena: {
      const int64_t far = plan.near_arena_bytes;
      if (location.offset >= far)
        return fmt::format("far {}..{}", location.offset - far, end - far);
      return fmt::format("arena {}..{}", location.offset, end);
    }
    case Region::state:
      return fmt::format("state {}..{}", location.offset, end);
    case Region::output:
      return fmt::format("output {}..{}", location.offset, end);
    case Region::sample:
      return "sample";
    case Region::flash:
      return "flash";
  }
  return "";
}

// What lies in a second memory, and by the estimate how much of all accesses to the arena.
std::string far_part(const Plan& plan) {
  if (plan.far_bytes() == 0) return "";
  double all = 0, far = 0;
  for (const ArenaBlock& block : plan.blocks) {
    all += double(block.accesses);
    if (block.begin >= plan.near_arena_bytes) far += double(block.accesses);
  }
  return fmt::format("far part {} bytes, with {:.1f} % of what is read and written (estimate)\n",
                     plan.far_bytes(), all > 0 ? 100 * far / all : 0);
}

// One row of the drawing: which columns of the arena are alive while layer `index` runs.
std::string row(const Plan& plan, int32_t index) {
  std::string cells(kColumns, '.');
  for (const ArenaBlock& block : plan.blocks) {
    if (index < block.first || index > block.last) continue;
    const auto begin = size_t(block.begin * kColumns / plan.arena_bytes);
    const auto end = size_t((block.end * kColumns + plan.arena_bytes - 1) / plan.arena_bytes);
    std::fill(cells.begin() + long(begin), cells.begin() + long(end),
              index == block.first ? '#' : '=');
  }
  return cells;
}

}  // namespace

std::string arena_quality(int64_t arena_bytes, const ArenaBound& bound) {
  const auto within = [&](int64_t least) {
    return fmt::format("within {:.1f} %", 100.0 * double(arena_bytes - least) / double(least));
  };
  if (arena_bytes <= bound.any_order) return "optimal";
  if (bound.this_order == bound.any_order)
    return within(bound.any_order) + " of the least that there could be";
  const std::string any = within(bound.any_order) + " of what any could need";
  if (arena_bytes <= bound.this_order) return "optimal for this order of layers, " + any;
  return within(bound.this_order) + " of the least for this order of layers, " + any;
}

std::string print(const Plan& plan) {
  std::string text = fmt::format(
      "plan \"{}\"\nmodel_bytes {} = arena {} + state {} + outputs and alignment {}\n"
      "{}arena {}\n{}\nlayers\n",
      plan.graph.name, plan.model_bytes, plan.near_arena_bytes, plan.state_bytes,
      plan.model_bytes - plan.near_arena_bytes - plan.state_bytes, far_part(plan),
      arena_quality(plan.arena_bytes, plan.arena_bound), windows(plan));
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const Layer& layer = plan.layers[i];
    const Node& node = plan.graph.nodes[size_t(layer.node)];
    const ValueId out = node.outputs[0];
    text += fmt::format("{:3} {:18} {:28} {:18} {:8} macs  {:20} {}\n", i, node.op->name, node.name,
                        shape_text(plan.graph.value(out)), layer.macs, where(plan, out),
                        layer.has_kernel ? layer.call.kernel.function : "view");
  }
  text += fmt::format("\nstate and outputs\n");
  for (ValueId id : plan.resident)
    text += fmt::format("    {:48} {:18} {}\n", plan.graph.value(id).name,
                        shape_text(plan.graph.value(id)), where(plan, id));
  if (plan.arena_bytes == 0) return text;
  text += fmt::format("\narena over time: {} bytes across, # written, = alive\n", plan.arena_bytes);
  if (plan.far_bytes() > 0)
    text += fmt::format("from {} on: the far part\n", plan.near_arena_bytes);
  for (size_t i = 0; i < plan.layers.size(); ++i)
    text += fmt::format("{:3} |{}|\n", i, row(plan, int32_t(i)));
  return text;
}

}  // namespace mote
