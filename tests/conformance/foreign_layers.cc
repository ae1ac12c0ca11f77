// SPDX-License-Identifier: Apache-2.0
// Foreign layers with weights: convolutions, fully connected and matrix products, with s8, s16 and
// float32 activations, s8 and int4 weights. See foreign.h.
#include <algorithm>
#include <cmath>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Op = format::BuiltinOperator;

// What the weights and the bias of a layer are drawn from.
struct LayerParts {
  ElementType type;  // of activations
  Shape weights;
  int32_t axis;   // of the output channels in the weights
  int32_t terms;  // products in one sum
  ElementType bias_type = ElementType::s32;
  bool int4 = false;
  bool per_channel = true;          // may be
  bool weights_zero_point = false;  // may have one

  int32_t channels() const { return weights[size_t(axis)]; }
};

// Drawn from them. In every other channel of `ties` the weights are zero and the bias lies beside a
// tie.
struct Layer {
  LayerParts parts;
  Quantization input, output, weights;
  std::vector<int8_t> numbers;
  bool ties = false;
  std::string activation;

  float product(int32_t channel) const {
    return input.scale() *
           (weights.scales.size() == 1 ? weights.scales[0] : weights.scales[size_t(channel)]);
  }
};

void draw_weights(Random& random, Layer& layer) {
  const LayerParts& parts = layer.parts;
  int64_t inner = 1;
  for (size_t d = size_t(parts.axis) + 1; d < parts.weights.size(); ++d) inner *= parts.weights[d];
  const int32_t peak = parts.int4 ? 7 : 127;
  for (int64_t i = 0; i < element_count(parts.weights); ++i) {
    const bool zero = layer.ties && i / inner % parts.channels() % 2 == 0;
    layer.numbers.push_back(zero ? int8_t(0) : int8_t(random.integer(-peak - 1, peak)));
  }
  const bool many = parts.per_channel && !random.one_in(3);
  for (int32_t c = 0; c < (many ? parts.channels() : 1); ++c)
    layer.weights.scales.push_back(random.scale(1e-3f, 0.1f));
  layer.weights.zero_points.assign(layer.weights.scales.size(), 0);
  layer.weights.axis = layer.weights.scales.size() > 1 ? parts.axis : 0;
  const bool offset = parts.weights_zero_point && layer.weights.scales.size() == 1;
  if (offset && random.one_in(2)) layer.weights.zero_points[0] = random.integer(-peak - 1, peak);
}

// An output scale at which random sums neither vanish nor all saturate; for ties any ratio up to
// 2^20.
void draw_output(Random& random, Layer& layer) {
  const float spread = (layer.parts.int4 ? 7.0f : 110.0f) * std::sqrt(float(layer.parts.terms)) *
                       random.scale(0.2f, 5.0f);
  const float ratio = layer.ties ? random.scale(1.0f, float(1 << 20)) : spread;
  const bool s16 = layer.parts.type == ElementType::s16;
  layer.output = per_tensor(layer.product(0) * ratio, s16 ? 0 : random_zero_point(random));
}

Layer draw_layer(Random& random, const LayerParts& parts) {
  Layer layer{parts, random_quantization(random, parts.type), {}, {}, {}, false, "none"};
  layer.ties = random.one_in(3);
  draw_weights(random, layer);
  draw_output(random, layer);
  // 6 and 1 must be few enough steps for the runtimes.
  if (layer.output.scale() > 1e-6f) layer.activation = random_activation(random);
  return layer;
}

int64_t bias_number(Random& random, const Layer& layer, int32_t channel) {
  const bool s16 = layer.parts.type == ElementType::s16;
  const double most = layer.parts.bias_type == ElementType::s16   ? 32767
                      : layer.parts.bias_type == ElementType::s64 ? 1e12
                                                                  : 2e9;
  if (layer.ties && channel % 2 == 0) {
    const double ratio = double(layer.output.scale()) / double(layer.product(channel));
    const int32_t limit = s16 ? 32767 : 127;
    const double steps = random.integer(-limit, limit) - layer.output.zero_point() + 0.5;
    return int64_t(std::clamp(std::round(steps * ratio) + random.integer(-1, 1), -most, most));
  }
  const double peak = std::min(most, (s16 ? 1e6 : 4000.0) * layer.parts.terms);
  return random.integer(int32_t(-peak), int32_t(peak));
}

void add_bias(SingleOperator& one, Random& random, const Layer& layer) {
  const int32_t channels = layer.parts.channels();
  Quantization q = layer.weights;
  for (float& scale : q.scales) scale *= layer.input.scale();
  q.zero_points.assign(q.scales.size(), 0);
  q.axis = 0;
  with_element_type(layer.parts.bias_type, [&](auto element) {
    using T = decltype(element);
    std::vector<T> numbers;
    for (int32_t c = 0; c < channels; ++c) numbers.push_back(T(bias_number(random, layer, c)));
    one.constant(layer.parts.bias_type, {channels}, numbers, q);
    return 0;
  });
}

void add_weights(SingleOperator& one, const Layer& layer) {
  const Bytes whole(layer.numbers.begin(), layer.numbers.end());
  if (!layer.parts.int4) {
    one.constant_bytes(format::TensorType::INT8, layer.parts.weights, whole, layer.weights);
    return;
  }
  Bytes packed((whole.size() + 1) / 2);
  for (size_t i = 0; i < whole.size(); ++i)
    packed[i / 2] |= uint8_t((whole[i] & 15) << (i % 2 == 0 ? 0 : 4));
  one.constant_bytes(format::TensorType::INT4, layer.parts.weights, packed, layer.weights);
}

void add_f32(SingleOperator& one, Random& random, const Shape& shape) {
  std::vector<float> numbers(size_t(element_count(shape)));
  for (float& n : numbers) n = random.scale(1e-3f, 2.0f) * (random.one_in(2) ? 1.0f : -1.0f);
  one.constant(ElementType::f32, shape, numbers);
}

format::ActivationFunctionType fused(const std::string& activation) {
  if (activation == "relu") return format::ActivationFunctionType::RELU;
  if (activation == "relu6") return format::ActivationFunctionType::RELU6;
  if (activation == "relu_n1_to_1") return format::ActivationFunctionType::RELU_N1_TO_1;
  return format::ActivationFunctionType::NONE;
}

format::Padding padding_of(const Windows& at) {
  return at.padded ? format::Padding::SAME : format::Padding::VALID;
}

int32_t output_size(const Windows& at, const Window& w) {
  const int32_t span = (w.kernel - 1) * w.dilation + 1;
  return at.padded ? (w.input + w.stride - 1) / w.stride : (w.input - span) / w.stride + 1;
}

std::string text_of(const Shape& shape) {
  std::string text;
  for (int32_t d : shape) text += (text.empty() ? "" : "x") + std::to_string(d);
  return text;
}

std::string describe(const char* name, const Shape& x, const Layer& layer) {
  return std::string(name) + " " + text_of(x) + " weights " + text_of(layer.parts.weights) +
         (layer.weights.scales.size() > 1 ? " per channel " : " ") + layer.activation +
         (layer.ties ? " ties" : "");
}

// ---- convolutions

struct Kind {
  ElementType type;
  ElementType bias_type = ElementType::s32;
  bool int4 = false;
};

struct Convolution {
  Windows at;
  Shape x, y, weights;
  int32_t terms;
};

Convolution random_conv_2d(Random& random) {
  Convolution c{random_windows(random, random.one_in(3)), {}, {}, {}, 0};
  const int32_t groups = random.one_in(3) ? random.integer(2, 3) : 1;
  const int32_t depth = random.integer(1, groups > 1 ? 4 : 9);
  const int32_t batches = random.integer(1, 2);
  c.weights = {groups * random.integer(1, 4), c.at.h.kernel, c.at.w.kernel, depth};
  c.x = {batches, c.at.h.input, c.at.w.input, groups * depth};
  c.y = {batches, output_size(c.at, c.at.h), output_size(c.at, c.at.w), c.weights[0]};
  c.terms = c.at.h.kernel * c.at.w.kernel * depth;
  return c;
}

Convolution random_depthwise_conv_2d(Random& random) {
  Convolution c = random_conv_2d(random);
  const int32_t channels = c.x[3] * random.integer(1, 3);
  c.weights = {1, c.at.h.kernel, c.at.w.kernel, channels};
  c.y[3] = channels;
  c.terms = c.at.h.kernel * c.at.w.kernel;
  return c;
}

flatbuffers::Offset<void> conv_2d_options(SingleOperator& one, const Convolution& c,
                                          const std::string& activation, format::TensorType sums) {
  return format::CreateConv2DOptions(one.flat(), padding_of(c.at), c.at.w.stride, c.at.h.stride,
                                     fused(activation), c.at.w.dilation, c.at.h.dilation, sums)
      .Union();
}

ForeignCase make_conv_2d(Random& random, const Kind& kind) {
  const Convolution c = random_conv_2d(random);
  const Layer layer =
      draw_layer(random, {kind.type, c.weights, 0, c.terms, kind.bias_type, kind.int4});
  SingleOperator one;
  one.input(kind.type, c.x, layer.input);
  add_weights(one, layer);
  const bool bias = layer.ties || !random.one_in(4);
  if (bias) add_bias(one, random, layer);
  one.output(kind.type, c.y, layer.output);
  const bool narrow = kind.type == ElementType::s16 && kind.bias_type == ElementType::s32;
  const auto options = conv_2d_options(
      one, c, layer.activation, narrow ? format::TensorType::INT32 : format::TensorType::FLOAT32);
  return {one.finish(Op::CONV_2D, 3, {format::BuiltinOptions::Conv2DOptions, options}),
          describe("conv_2d", c.x, layer),
          {},
          Against::micro_alone};
}

ForeignCase make_conv_2d_f32(Random& random) {
  const Convolution c = random_conv_2d(random);
  SingleOperator one;
  one.input(ElementType::f32, c.x);
  add_f32(one, random, c.weights);
  if (!random.one_in(4)) add_f32(one, random, {c.weights[0]});
  one.output(ElementType::f32, c.y);
  const auto options =
      conv_2d_options(one, c, random_activation(random), format::TensorType::FLOAT32);
  return {one.finish(Op::CONV_2D, 1, {format::BuiltinOptions::Conv2DOptions, options}),
          "conv_2d f32 " + text_of(c.x) + " weights " + text_of(c.weights),
          {},
          Against::micro_alone};
}

ForeignCase make_depthwise_conv_2d(Random& random, const Kind& kind) {
  const Convolution c = random_depthwise_conv_2d(random);
  const Layer layer =
      draw_layer(random, {kind.type, c.weights, 3, c.terms, kind.bias_type, kind.int4});
  SingleOperator one;
  one.input(kind.type, c.x, layer.input);
  add_weights(one, layer);
  const bool bias = layer.ties || !random.one_in(4);
  if (bias) add_bias(one, random, layer);
  one.output(kind.type, c.y, layer.output);
  const auto options = format::CreateDepthwiseConv2DOptions(
      one.flat(), padding_of(c.at), c.at.w.stride, c.at.h.stride, c.weights[3] / c.x[3],
      fused(layer.activation), c.at.w.dilation, c.at.h.dilation);
  return {one.finish(Op::DEPTHWISE_CONV_2D, 3,
                     {format::BuiltinOptions::DepthwiseConv2DOptions, options.Union()}),
          describe("depthwise_conv_2d", c.x, layer),
          {},
          Against::micro_alone};
}

// The output of the convolution that this one transposes is its input; now and then the output is
// larger or smaller than that.
Convolution random_transpose_conv(Random& random) {
  Convolution c{random_windows(random, false), {}, {}, {}, 0};
  const int32_t batches = random.integer(1, 2), channels = random.integer(1, 6);
  c.weights = {random.integer(1, 6), c.at.h.kernel, c.at.w.kernel, channels};
  c.x = {batches, output_size(c.at, c.at.h), output_size(c.at, c.at.w), channels};
  c.y = {batches, c.at.h.input, c.at.w.input, c.weights[0]};
  if (random.one_in(4)) c.y[1] = random.integer(1, 12);
  c.terms = std::max(1, c.at.h.kernel * c.at.w.kernel * channels / c.at.h.stride / c.at.w.stride);
  return c;
}

ForeignCase finish_transpose_conv(SingleOperator& one, const Convolution& c,
                                  const std::string& activation, const std::string& description) {
  const auto options = format::CreateTransposeConvOptions(
      one.flat(), padding_of(c.at), c.at.w.stride, c.at.h.stride, fused(activation));
  return {one.finish(Op::TRANSPOSE_CONV, 3,
                     {format::BuiltinOptions::TransposeConvOptions, options.Union()}),
          description,
          {},
          Against::micro_alone};
}

ForeignCase make_transpose_conv(Random& random, const Kind& kind) {
  const Convolution c = random_transpose_conv(random);
  const Layer layer = draw_layer(random, {kind.type, c.weights, 0, c.terms, kind.bias_type});
  SingleOperator one;
  one.constant(ElementType::s32, {4}, c.y);
  add_weights(one, layer);
  one.input(kind.type, c.x, layer.input);
  const bool bias = layer.ties || !random.one_in(4);
  if (bias) add_bias(one, random, layer);
  one.output(kind.type, c.y, layer.output);
  return finish_transpose_conv(one, c, layer.activation, describe("transpose_conv", c.x, layer));
}

ForeignCase make_transpose_conv_f32(Random& random) {
  const Convolution c = random_transpose_conv(random);
  SingleOperator one;
  one.constant(ElementType::s32, {4}, c.y);
  add_f32(one, random, c.weights);
  one.input(ElementType::f32, c.x);
  if (!random.one_in(4)) add_f32(one, random, {c.weights[0]});
  one.output(ElementType::f32, c.y);
  return finish_transpose_conv(one, c, random_activation(random),
                               "transpose_conv f32 " + text_of(c.x) + " weights " +
                                   text_of(c.weights) + " to " + text_of(c.y));
}

// ---- fully connected and matrix products

ForeignCase make_fully_connected(Random& random, const Kind& kind) {
  const int32_t inputs = random.integer(1, 150), outputs = random.integer(1, 20);
  Shape x{random.integer(1, 3), inputs}, y{x[0], outputs};
  LayerParts parts{kind.type, {outputs, inputs}, 0, inputs, kind.bias_type, kind.int4};
  parts.per_channel = !kind.int4;
  parts.weights_zero_point = true;
  const Layer layer = draw_layer(random, parts);
  const bool keep = random.one_in(3);
  if (keep) x.insert(x.begin(), 2), y.insert(y.begin(), 2);
  SingleOperator one;
  one.input(kind.type, x, layer.input);
  const bool computed = !kind.int4 && random.one_in(6);  // weights that another layer would give
  if (computed)
    one.input(ElementType::s8, parts.weights, layer.weights);
  else
    add_weights(one, layer);
  const bool bias = layer.ties || !random.one_in(4);
  if (bias)
    add_bias(one, random, layer);
  else
    one.no_input();
  one.output(kind.type, y, layer.output);
  const bool narrow = kind.type == ElementType::s16 && kind.bias_type == ElementType::s32;
  const auto options = format::CreateFullyConnectedOptions(
      one.flat(), fused(layer.activation), format::WeightsFormat::DEFAULT, keep, false,
      narrow ? format::TensorType::INT32 : format::TensorType::FLOAT32);
  return {one.finish(Op::FULLY_CONNECTED, 4,
                     {format::BuiltinOptions::FullyConnectedOptions, options.Union()}),
          describe("fully_connected", x, layer),
          {},
          Against::micro_alone};
}

struct Matmul {
  Shape x, y, z;
  bool adj_x, adj_y;
  int32_t depth;
};

Matmul random_matmul(Random& random) {
  Matmul m{{}, {}, {}, random.one_in(2), random.one_in(2), random.integer(1, 20)};
  const int32_t rows = random.integer(1, 8), columns = random.integer(1, 8);
  m.x = m.adj_x ? Shape{m.depth, rows} : Shape{rows, m.depth};
  m.y = m.adj_y ? Shape{columns, m.depth} : Shape{m.depth, columns};
  m.z = {rows, columns};
  for (int32_t batches = random.integer(0, 3), x = 1, y = 1; batches > 0; --batches) {
    const int32_t size = random.integer(1, 3);
    if (random.one_in(5)) x = 0;  // no further batch dimensions
    if (random.one_in(5)) y = 0;
    if (x + y == 0) break;
    const int32_t repeated = random.integer(1, 4);
    const int32_t of_x = repeated == 1 ? 1 : size, of_y = repeated == 2 ? 1 : size;
    if (x) m.x.insert(m.x.begin(), of_x);
    if (y) m.y.insert(m.y.begin(), of_y);
    m.z.insert(m.z.begin(), std::max(x ? of_x : 1, y ? of_y : 1));
  }
  return m;
}

ForeignCase make_batch_matmul(Random& random, ElementType type) {
  const Matmul m = random_matmul(random);
  const Quantization qx = random_quantization(random, type), qy = random_quantization(random, type);
  SingleOperator one;
  one.input(type, m.x, qx);
  const bool constant = random.one_in(3);
  if (!constant) {
    one.input(type, m.y, qy);
  } else if (type == ElementType::f32) {
    add_f32(one, random, m.y);
  } else {
    Bytes numbers(size_t(element_count(m.y) * element_bytes(type)));
    for (uint8_t& b : numbers) b = uint8_t(random.integer(0, 255));
    one.constant_bytes(tflite::tensor_type(type), m.y, numbers, qy);
  }
  const float spread = type == ElementType::s16 ? 27000 : 108;
  const float scale =
      type == ElementType::f32
          ? 1
          : qx.scale() * qy.scale() * spread * std::sqrt(float(m.depth)) * random.scale(0.2f, 5.0f);
  one.output(type, m.z,
             type == ElementType::f32
                 ? Quantization{}
                 : per_tensor(scale, type == ElementType::s8 ? random_zero_point(random) : 0));
  const auto options = format::CreateBatchMatMulOptions(one.flat(), m.adj_x, m.adj_y);
  return {one.finish(Op::BATCH_MATMUL, 2,
                     {format::BuiltinOptions::BatchMatMulOptions, options.Union()}),
          "batch_matmul " + text_of(m.x) + (m.adj_x ? "^T " : " ") + text_of(m.y) +
              (m.adj_y ? "^T" : "") + (constant ? " constant" : ""),
          {},
          Against::micro_alone};
}

constexpr ElementType f32 = ElementType::f32, s8 = ElementType::s8, s16 = ElementType::s16,
                      s32 = ElementType::s32, s64 = ElementType::s64;

constexpr ForeignFamily kFamilies[] = {
    {"batch_matmul_f32", [](Random& r) { return make_batch_matmul(r, f32); }},
    {"batch_matmul_s16", [](Random& r) { return make_batch_matmul(r, s16); }},
    {"batch_matmul_s8", [](Random& r) { return make_batch_matmul(r, s8); }},
    {"conv_2d_f32", make_conv_2d_f32},
    {"conv_2d_int4",
     [](Random& r) {
       return make_conv_2d(r, {s8, s32, true});
     }},
    {"conv_2d_s16",
     [](Random& r) {
       return make_conv_2d(r, {s16, s64});
     }},
    {"conv_2d_s16_narrow",
     [](Random& r) {
       return make_conv_2d(r, {s16, s32});
     }},
    {"conv_2d_s8", [](Random& r) { return make_conv_2d(r, {s8}); }},
    {"depthwise_conv_2d_int4",
     [](Random& r) {
       return make_depthwise_conv_2d(r, {s8, s32, true});
     }},
    {"depthwise_conv_2d_s16",
     [](Random& r) {
       return make_depthwise_conv_2d(r, {s16, s64});
     }},
    {"depthwise_conv_2d_s8", [](Random& r) { return make_depthwise_conv_2d(r, {s8}); }},
    {"fully_connected_int4",
     [](Random& r) {
       return make_fully_connected(r, {s8, s32, true});
     }},
    {"fully_connected_s16",
     [](Random& r) {
       return make_fully_connected(r, {s16, s64});
     }},
    {"fully_connected_s16_narrow",
     [](Random& r) {
       return make_fully_connected(r, {s16, s32});
     }},
    {"fully_connected_s8", [](Random& r) { return make_fully_connected(r, {s8}); }},
    {"transpose_conv_f32", make_transpose_conv_f32},
    {"transpose_conv_s16",
     [](Random& r) {
       return make_transpose_conv(r, {s16, s64});
     }},
    {"transpose_conv_s16_narrow_bias",
     [](Random& r) {
       return make_transpose_conv(r, {s16, s16});
     }},
    {"transpose_conv_s8", [](Random& r) { return make_transpose_conv(r, {s8}); }},
};

}  // namespace

std::span<const ForeignFamily> foreign_layers() { return kFamilies; }

}  // namespace mote::conformance
