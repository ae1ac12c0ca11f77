// SPDX-License-Identifier: Apache-2.0
// See lone_taps_call.h.
#include "ops/nn/lone_taps_call.h"

#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/depthwise_conv_2d/depthwise_lone_dsp.h"
#include "ops/nn/packed_call.h"
#include "ops/nn/window_order.h"

namespace mote {
namespace {

uint32_t word_of_bytes(int8_t a, int8_t b, int8_t c, int8_t d) {
  return uint8_t(a) | uint32_t(uint8_t(b)) << 8 | uint32_t(uint8_t(c)) << 16 |
         uint32_t(uint8_t(d)) << 24;
}

// See depthwise_lone_dsp.h.
std::vector<uint32_t> lone_words(std::span<const Channel> four) {
  const auto w = [&](size_t c, size_t t) { return four[c].weights[t]; };
  const size_t taps = four[0].weights.size();
  std::vector<uint32_t> words;
  for (size_t t = 0; t + 1 < taps; t += 2)
    for (const size_t c : {0, 2})
      words.push_back(word_of_bytes(w(c, t), w(c + 1, t), w(c, t + 1), w(c + 1, t + 1)));
  if (taps % 2 != 0) {
    const size_t t = taps - 1;
    words.push_back(word_of_bytes(w(0, t), w(1, t), w(2, t), w(3, t)));
  }
  return words;
}

// Of four channels multiplier and negative in turn: becomes two words of two -negative, then the
// multipliers. They have at most 12 bits.
void pair_negatives(PackedLayer& layer, size_t words_before) {
  if (layer.rule != OutputRule::exact || !layer.signs) return;
  std::vector<uint32_t> words;
  const auto less = [](uint32_t negative) { return uint16_t(-negative); };
  for (auto at = layer.words.begin(); at != layer.words.end(); at += 8) {
    words.insert(words.end(), at, at + ptrdiff_t(words_before));
    at += ptrdiff_t(words_before);
    for (const int i : {1, 5}) words.push_back(less(at[i]) | uint32_t(less(at[i + 2])) << 16);
    for (const int i : {0, 2, 4, 6}) words.push_back(at[i]);
  }
  layer.words = std::move(words);
}

}  // namespace

std::optional<KernelCall> lone_taps_call(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_plain_s8(node) || node.input(1).shape[3] != channels || channels % 4 != 0)
    return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  const int32_t taps = p.kernel_h * p.kernel_w;
  if (!is_lone_run(p) || taps > kMostLoneTaps) return std::nullopt;
  auto layer = pack_layer(node, channels_of(node, channels, channels), {p.output_min, p.output_max},
                          {4, lone_words, bias_256});
  if (!layer) return std::nullopt;
  pair_negatives(*layer, size_t(4 + taps / 2 * 2 + taps % 2));
  const PackedKernels kernels{"ops/nn/depthwise_conv_2d/depthwise_lone_dsp.h",
                              MOTE_PACKED_KERNELS(depthwise_lone_s8_dsp, ), "Conv2dParams"};
  KernelCall call = packed_call(kernels, p, *layer);
  call.smaller.reset();  // its loops take far more than twice the instructions
  return call.output().order(by_own_channels(conv_2d_walk(p), 4, 1));
}

}  // namespace mote
