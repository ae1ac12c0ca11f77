// SPDX-License-Identifier: Apache-2.0
// Host half of dct: [size] -> [count]. See dct.h.
#include "ops/dsp/dct/dct.h"

#include <cmath>

#include "core/twiddles.h"
#include "ops/registry.h"

namespace mote {
namespace {

DctParams params_of(const NodeView& node) {
  const Value& input = node.input(0);
  const int64_t count = node.integer("count");
  if (input.type != ElementType::s32 && input.type != ElementType::f32)
    node.refuse("wrong-type", "dct takes s32 or f32 features");
  if (input.shape.size() != 1 || count < 1 || count > input.shape[0])
    node.refuse("wrong-count",
                "a DCT of [" + std::to_string(input.elements()) + "] has no " +
                    std::to_string(count) + " coefficients",
                "ask for 1 .. " + std::to_string(input.elements()));
  return {input.shape[0], int32_t(count)};
}

double entry(int64_t k, int64_t i, int64_t size) {
  return std::sqrt((k == 0 ? 1.0 : 2.0) / double(size)) * cos_turn(k * (2 * i + 1), 4 * size);
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  return {{{input.type, {params_of(node).count}, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const DctParams p = params_of(node);
  std::vector<float> matrix;
  std::vector<int16_t> matrix_q15;
  for (int32_t k = 0; k < p.count; ++k)
    for (int32_t i = 0; i < p.size; ++i) {
      matrix.push_back(float(entry(k, i, p.size)));
      matrix_q15.push_back(
          int16_t(std::min<long long>(32767, std::llround(entry(k, i, p.size) * 32768))));
    }
  const char* header = "ops/dsp/dct/dct.h";
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(header, MOTE_KERNEL(dct_f32), "DctParams", p)
        .input(0)
        .constant("matrix", ElementType::f32, matrix)
        .output();
  return make_kernel_call(header, MOTE_KERNEL(dct_s32), "DctParams", p)
      .input(0)
      .constant("matrix", ElementType::s16, matrix_q15)
      .output();
}

int64_t macs(const NodeView& node) {
  const DctParams p = params_of(node);
  return int64_t(p.size) * p.count;
}

}  // namespace

const OpDef dct_op{
    .name = "dct",
    .room = "dsp",
    .summary = "the first coefficients of an orthonormal DCT-II",
    .attributes = {{"count", {}, "coefficients to keep"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
