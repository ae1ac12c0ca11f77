// SPDX-License-Identifier: Apache-2.0
// Number formats and window checks of signal operators. See signal_types.h.
#include "ops/dsp/signal_types.h"

namespace mote {

ValueType features_of(const Value& input, Shape shape) {
  if (input.type == ElementType::f32) return {ElementType::f32, std::move(shape), {}, input.clock};
  return {ElementType::s32, std::move(shape), per_tensor(0x1p-16f, 0), input.clock};
}

void require_samples(const NodeView& node) {
  const ElementType type = node.input(0).type;
  if (type != ElementType::s16 && type != ElementType::f32)
    node.refuse("wrong-type", std::string("samples must be s16 or f32, not ") + to_string(type));
}

WindowShape window_shape(const NodeView& node) {
  require_samples(node);
  const Shape& shape = node.input(0).shape;
  if (shape.size() != 2) node.refuse("wrong-shape", "the input must be a window [samples, axes]");
  if (shape[0] < 1 || shape[0] > 65535)
    node.refuse("wrong-window",
                "a window of " + std::to_string(shape[0]) + " samples is not in 1 .. 65535",
                "shorten the window or decimate the signal");
  return {shape[0], shape[1]};
}

int32_t require_fft_length(const NodeView& node, int64_t fft_length) {
  if (fft_length < 4 || fft_length > 8192 || (fft_length & (fft_length - 1)) != 0)
    node.refuse("wrong-fft-length",
                "fft_length " + std::to_string(fft_length) + " is not a power of two in 4 .. 8192");
  return int32_t(fft_length);
}

bool flag(const NodeView& node, const std::string& name) {
  const int64_t value = node.integer(name);
  if (value != 0 && value != 1)
    node.refuse("wrong-attribute", "attribute '" + name + "' must be 0 or 1");
  return value == 1;
}

}  // namespace mote
