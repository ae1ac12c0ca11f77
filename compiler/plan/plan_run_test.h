// SPDX-License-Identifier: Apache-2.0
// For tests: a plan carried out on the host as its library would on a device, in one memory with
// its offsets and overlaps. In: a plan of one stream without gates, a sample. Out: the decision.
#pragma once
#include <cstring>

#include "compiler/plan/plan.h"

namespace mote {

class PlanRun {
 public:
  explicit PlanRun(const Plan& plan) : plan_(plan), memory_(size_t(plan.ram_bytes()) / 8) {
    std::memset(memory_.data(), 0x5a, memory_.size() * 8);
  }

  Bytes push(const Bytes& sample) {
    sample_ = sample.data();
    if (plan_.has_input()) std::copy(sample.begin(), sample.end(), arena() + plan_.input_offset);
    for (const Layer& layer : plan_.layers) {
      if (plan_.loop && layer.node == plan_.loop->first) run_loop();
      if (layer.has_kernel && !plan_.is_by_rows(layer.node)) run(layer, 0);
    }
    Bytes all;
    for (ValueId id : plan_.graph.outputs) {
      const uint8_t* bytes = address(id);
      all.insert(all.end(), bytes, bytes + plan_.graph.value(id).bytes());
    }
    return all;
  }

 private:
  uint8_t* arena() { return reinterpret_cast<uint8_t*>(memory_.data()); }

  uint8_t* address(ValueId id) {
    const Location& location = plan_.locations[size_t(id)];
    if (location.region == Region::flash)
      return const_cast<uint8_t*>(plan_.graph.value(id).data->data());
    if (location.region == Region::sample)
      for (const SamplePart& part : sample_parts(plan_.graph, plan_.graph.streams[0]))
        if (part.value == location.storage) return const_cast<uint8_t*>(sample_) + part.offset;
    if (location.region != Region::arena && location.storage != plan_.arena_output)
      return arena() + plan_.far_bytes() + location.offset;
    return arena() + location.offset;
  }

  uint8_t* input(const Layer& layer, ValueId id) {
    const RowLoop* loop = plan_.is_by_rows(layer.node) ? &*plan_.loop : nullptr;
    const RowValue* rows = loop ? loop->in_window(id) : nullptr;
    if (!rows) return address(id);
    return arena() + rows->offset + rows_read(plan_.graph, *loop, layer.node, id).offset;
  }

  // `moved`: how far output 0 lies behind its location.
  void run(const Layer& layer, int64_t moved) {
    const Node& node = plan_.graph.nodes[size_t(layer.node)];
    std::vector<void*> arguments;
    for (const KernelArgument& argument : layer.call.arguments) {
      const auto i = size_t(argument.index);
      switch (argument.kind) {
        using Kind = KernelArgument::Kind;
        case Kind::input:
          arguments.push_back(input(layer, node.inputs[i]));
          break;
        case Kind::output:
          arguments.push_back(address(node.outputs[i]) + (i == 0 ? moved : 0));
          break;
        case Kind::state:
          arguments.push_back(address(node.states[i]));
          break;
        case Kind::constant:
          arguments.push_back(const_cast<uint8_t*>(layer.call.constants[i].data.data()));
          break;
        case Kind::scratch:
          arguments.push_back(arena() + layer.scratch_offset);
          break;
        case Kind::null:
          arguments.push_back(nullptr);
          break;
      }
    }
    layer.call.kernel.invoke(layer.call.params.get(), arguments.data());
  }

  void run_loop() {
    const RowLoop& loop = *plan_.loop;
    for (int32_t step = loop.begin; step < loop.end; ++step) {
      for (size_t v = 0; v + 1 < loop.values.size(); ++v)
        keep_rows(loop.values[v].window, arena() + loop.values[v].offset);
      const RowValue& source = loop.source();
      copy_rows(source.window, address(source.value), arena() + source.fresh_offset(), step);
      for (int32_t layer = loop.first; layer <= loop.last; ++layer) {
        const RowValue& made = loop.of_layer(layer);
        const bool is_result = layer == loop.last;
        if (made.window.has_rows(step))
          run(plan_.layers[size_t(layer)],
              is_result ? int64_t(step) * made.window.fresh_bytes() : 0);
        if (made.is_padded) zero_rows(made.window, arena() + made.fresh_offset(), step);
      }
    }
  }

  const Plan& plan_;
  std::vector<uint64_t> memory_;
  const uint8_t* sample_ = nullptr;
};

}  // namespace mote
