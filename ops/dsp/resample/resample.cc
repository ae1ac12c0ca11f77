// SPDX-License-Identifier: Apache-2.0
// Host half of resample: [axes] at the sample clock -> [axes] at num / den times its period. See
// resample.h.
#include "ops/dsp/resample/resample.h"

#include "ops/dsp/signal_types.h"
#include "ops/registry.h"

namespace mote {
namespace {

Rational ratio(const NodeView& node) {
  const int64_t num = node.integer("num"), den = node.integer("den");
  if (den < 1 || num < den || num > 16384)
    node.refuse("wrong-ratio", "num / den must be at least 1, with num up to 16384",
                "resampling goes to lower rates only");
  return make_rational(num, den);
}

// Where the first output lies, in 1 / den input samples after the first input.
int32_t first_place(const NodeView& node) {
  const Rational r = ratio(node);
  return flag(node, "aligned") ? int32_t(r.num - r.den) : 0;
}

Bytes little_endian(int32_t x) {
  Bytes bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(uint8_t(uint32_t(x) >> shift));
  return bytes;
}

// The n-th output needs input ceil((first + n num) / den): one past floor((first + den - 1 + n num)
// / den).
Inference infer(const NodeView& node) {
  require_samples(node);
  const Value& input = node.input(0);
  const Rational r = ratio(node);
  if (input.shape.size() != 1)
    node.refuse("wrong-shape", "resample takes a stream of samples [axes]");
  if (!(input.clock.period == Rational{1, 1}))
    node.refuse("wrong-clock",
                "resample must come first: its input is no longer at the rate of the stream");
  Clock clock = input.clock;
  const int32_t first = first_place(node);
  clock.phase = input.clock.phase + make_rational(first + r.den - 1, r.den);
  clock.period = r;
  return {{{input.type, input.shape, input.quantization, clock}},
          {{"before", input.type, input.shape, {}},
           {"ahead", ElementType::s32, {1}, first == 0 ? Bytes{} : little_endian(first)}}};
}

KernelCall lower(const NodeView& node) {
  const Rational r = ratio(node);
  const ResampleParams params{node.input(0).shape[0], int32_t(r.num), int32_t(r.den)};
  const Kernel kernel = node.input(0).type == ElementType::f32 ? MOTE_KERNEL(resample_f32)
                                                               : MOTE_KERNEL(resample_s16);
  return make_kernel_call("ops/dsp/resample/resample.h", kernel, "ResampleParams", params)
      .input(0)
      .state(0)
      .state(1)
      .output();
}

}  // namespace

const OpDef resample_op{
    .name = "resample",
    .room = "dsp",
    .summary = "a stream at a lower rate, by linear interpolation",
    .attributes = {{"num", {}, "input samples ..."},
                   {"den", {}, "... for so many outputs"},
                   {"aligned", 0,
                    "1: n outputs are complete with input n num / den, as decimate's"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
