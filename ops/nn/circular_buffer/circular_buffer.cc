// SPDX-License-Identifier: Apache-2.0
// Host half of circular_buffer: s8 [1, 1, ...] -> [1, slots, ...] every `cycles` rows. See
// circular_buffer.h.
#include "ops/nn/circular_buffer/circular_buffer.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_type(node, 0, ElementType::s8);
  const Value& x = node.input(0);
  last_dimension(node);
  if (x.shape.size() < 2 || x.shape[0] != 1 || x.shape[1] != 1)
    node.refuse("wrong-shape", "the input must be one row: [1, 1, ...]");
  Shape rows = x.shape;
  rows[1] = integer_within(node, "slots", 1, 1 << 20);
  expect_addressable(node, rows, x.type);
  const int64_t cycles = integer_within(node, "cycles", 1, 1 << 20);
  Clock clock = x.clock;
  clock.phase = clock.phase + make_rational(cycles - 1, 1) * clock.period;
  clock.period = make_rational(cycles, 1) * clock.period;
  const Bytes zeros(size_t(element_count(rows)), uint8_t(int8_t(x.quantization.zero_point())));
  return {{{x.type, rows, x.quantization, clock}},
          {{"rows", x.type, rows, zeros},
           {"left", ElementType::s32, {1}, bytes_of_s32(int32_t(cycles))}}};
}

KernelCall lower(const NodeView& node) {
  const CircularBufferParams params{int32_t(node.integer("slots")), int32_t(node.input(0).bytes()),
                                    int32_t(node.integer("cycles"))};
  return make_kernel_call("ops/nn/circular_buffer/circular_buffer.h", MOTE_KERNEL(circular_buffer),
                          "CircularBufferParams", params)
      .input(0)
      .state(0)
      .state(1);
}

}  // namespace

const OpDef circular_buffer_op{
    .name = "circular_buffer",
    .room = "nn",
    .summary = "the last rows of features, every `cycles` rows; zeros first; s8",
    .attributes = {{"slots", {}, "rows that are kept"},
                   {"cycles", Attribute(int64_t{1}), "rows in for one output"}},
    .infer = infer,
    .lower = lower,
    .alias = Alias::state_view,
};

}  // namespace mote
