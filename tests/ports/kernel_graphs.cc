// SPDX-License-Identifier: Apache-2.0
// 64 layers of each kind that has kernels for instruction sets (OpDef::variants), of random shapes:
// what ops/nn/variants_test.cc tries with parameters of the run, compiled with constants here. See
// graphs.h.
#include <algorithm>

#include "tests/ports/layers.h"

namespace mote::ports {
namespace {

constexpr int kLayers = 64;
constexpr int32_t kNumbers = kWindowSamples * kAxes;  // of the window
constexpr int32_t kMostWeights = 4096;                // of a layer

struct RandomLayers : Layers {
  ValueId features;

  explicit RandomLayers(const char* name) : Layers(name, kWindowSamples) {
    features = shaped(Layers::features("s8"), {1, kNumbers});
  }

  int32_t integer(int32_t low, int32_t high) {
    return low + int32_t(real(random, 0, 0.9999f) * float(high - low + 1));
  }
  // The first numbers of the window.
  ValueId input(const Axes& shape) {
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    const ValueId part =
        add(slice_op, {features}, {{"begin", Axes{0, 0}}, {"size", Axes{1, count}}});
    return shaped(part, shape);
  }
  // Mostly behind a relu or nothing.
  Attributes output_attributes() {
    const char* kActivations[] = {"none", "relu", "relu", "relu6"};
    const bool relu = integer(0, 1) == 1;
    return scaled(real(random, 0.02f, 0.5f), relu ? -128 : integer(-128, 127),
                  {{"activation", std::string(relu ? "relu" : kActivations[integer(0, 3)])}});
  }
  ValueId weights(const Shape& shape, int32_t channels, int32_t axis) {
    Quantization q{{}, {}, axis};
    for (int32_t c = 0; c < channels; ++c) q.scales.push_back(real(random, 0.001f, 0.02f));
    q.zero_points.assign(size_t(channels), 0);
    return integers<int8_t>(ElementType::s8, shape, 127, q);
  }
  ValueId bias(int32_t channels) { return integer(0, 3) == 0 ? -1 : bias32(channels); }

  // Kernel, stride and padding; an image with room for the kernel.
  struct Window {
    int32_t kernel_h, kernel_w, height, width, depth;
    Attributes attributes;
  };
  Window window_of(Attributes attributes, int32_t most_depth) {
    Window w{integer(1, 3), integer(1, 3), 0, 0, 0, std::move(attributes)};
    if (integer(0, 1) == 1) w.kernel_h = w.kernel_w = 3;
    const int32_t places = integer(w.kernel_h * w.kernel_w, 40);
    w.height = integer(w.kernel_h, std::max(w.kernel_h, places / w.kernel_w));
    w.width = std::max(w.kernel_w, places / w.height);
    w.depth = std::max(1, std::min(integer(1, most_depth), kNumbers / (w.height * w.width)));
    w.attributes["padding"] = std::string(integer(0, 1) == 1 ? "same" : "valid");
    w.attributes["stride_h"] = w.attributes["stride_w"] = int64_t(integer(1, 2));
    return w;
  }
  ValueId image(const Window& w) { return input({1, w.height, w.width, w.depth}); }
};

}  // namespace

Graph convolutions() {
  RandomLayers l("convolutions");
  for (int i = 0; i < kLayers; ++i) {
    const auto w = l.window_of(l.output_attributes(), 67);
    const int32_t taps = w.kernel_h * w.kernel_w * w.depth;
    const int32_t out = l.integer(1, std::min(67, kMostWeights / taps));
    l.output(conv_2d_op,
             {l.image(w), l.weights({out, w.kernel_h, w.kernel_w, w.depth}, out, 0), l.bias(out)},
             w.attributes);
  }
  return l.graph;
}

Graph depthwise_convolutions() {
  RandomLayers l("depthwise_convolutions");
  for (int i = 0; i < kLayers; ++i) {
    const auto w = l.window_of(l.output_attributes(), i % 2 ? 67 : 8);
    l.output(
        depthwise_conv_2d_op,
        {l.image(w), l.weights({1, w.kernel_h, w.kernel_w, w.depth}, w.depth, 3), l.bias(w.depth)},
        w.attributes);
  }
  return l.graph;
}

Graph dense_layers() {
  RandomLayers l("dense_layers");
  for (int i = 0; i < kLayers; ++i) {
    const int32_t batches = l.integer(1, 3), in = l.integer(1, kNumbers / batches);
    const int32_t out = l.integer(1, std::min(67, kMostWeights / in));
    l.output(fully_connected_op,
             {l.input({batches, in}), l.weights({out, in}, out, 0), l.bias(out)},
             l.output_attributes());
  }
  return l.graph;
}

Graph sums() {
  RandomLayers l("sums");
  for (int i = 0; i < kLayers; ++i) {
    const int32_t count = l.integer(1, kNumbers);
    const ValueId b =
        l.integers<int8_t>(ElementType::s8, {1, count}, 127,
                           per_tensor(real(l.random, 0.01f, 0.1f), l.integer(-128, 127)));
    l.output(l.integer(0, 1) == 1 ? add_op : sub_op, {l.input({1, count}), b},
             l.output_attributes());
  }
  return l.graph;
}

}  // namespace mote::ports
