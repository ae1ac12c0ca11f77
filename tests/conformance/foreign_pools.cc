// SPDX-License-Identifier: Apache-2.0
// Foreign pools, softmax and svdf. See foreign.h.
#include <cmath>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Op = format::BuiltinOperator;

// ---- pools

int32_t output_size(const Windows& at, const Window& w) {
  return at.padded ? (w.input + w.stride - 1) / w.stride : (w.input - w.kernel) / w.stride + 1;
}

ForeignCase make_pool(Random& random, ElementType type, Op op) {
  constexpr format::ActivationFunctionType kFused[] = {
      format::ActivationFunctionType::NONE, format::ActivationFunctionType::RELU,
      format::ActivationFunctionType::RELU6, format::ActivationFunctionType::RELU_N1_TO_1};
  const Windows at = random_windows(random, false);
  const Shape x{random.integer(1, 2), at.h.input, at.w.input, random.integer(1, 6)};
  const Shape y{x[0], output_size(at, at.h), output_size(at, at.w), x[3]};
  const Quantization q = random_quantization(random, type);
  SingleOperator one;
  one.input(type, x, q);
  one.output(type, y, q);
  const auto options = format::CreatePool2DOptions(
      one.flat(), at.padded ? format::Padding::SAME : format::Padding::VALID, at.w.stride,
      at.h.stride, at.w.kernel, at.h.kernel, random.pick(kFused));
  const std::string description = std::string(format::EnumNameBuiltinOperator(op)) + " of " +
                                  std::to_string(at.h.kernel) + "x" + std::to_string(at.w.kernel);
  const int32_t version = type == ElementType::s16 ? 3 : 1;
  return {one.finish(op, version, {format::BuiltinOptions::Pool2DOptions, options.Union()}),
          description,
          {},
          Against::micro_alone};
}

// ---- softmax

Quantization softmax_scale(ElementType input, ElementType output) {
  if (input == ElementType::f32) return {};
  if (output == ElementType::s8) return per_tensor(1.0f / 256, -128);
  return input == ElementType::s8 ? per_tensor(1.0f / 65536, -32768) : per_tensor(1.0f / 32768, 0);
}

ForeignCase make_softmax(Random& random, ElementType input, ElementType output) {
  SingleOperator one;
  Shape shape = random_shape(random);
  while (shape.size() < 2) shape.insert(shape.begin(), 1);
  if (random.one_in(5)) shape.back() = random.integer(10, 200);
  one.input(input, shape, random_quantization(random, input));
  one.output(output, shape, softmax_scale(input, output));
  const float beta = random.scale(0.1f, 4.0f);
  const auto options = format::CreateSoftmaxOptions(one.flat(), beta);
  return {one.finish(Op::SOFTMAX, 2, {format::BuiltinOptions::SoftmaxOptions, options.Union()}),
          "softmax beta " + std::to_string(beta),
          {},
          Against::micro_alone};
}

// ---- svdf

struct Svdf {
  int32_t batches, inputs, units, rank, memory;
  int32_t filters() const { return units * rank; }
  std::string text() const {
    return "svdf " + std::to_string(batches) + "x" + std::to_string(inputs) + " to " +
           std::to_string(units) + " rank " + std::to_string(rank) + " memory " +
           std::to_string(memory);
  }
};

Svdf random_svdf(Random& random) {
  return {random.integer(1, 3), random.integer(1, 20), random.integer(1, 8), random.integer(1, 3),
          random.integer(1, 10)};
}

Bytes finish_svdf(SingleOperator& one, const Svdf& s, format::ActivationFunctionType fused) {
  const auto options = format::CreateSVDFOptions(one.flat(), s.rank, fused);
  return one.finish(Op::SVDF, 4, {format::BuiltinOptions::SVDFOptions, options.Union()});
}

void add_reals(SingleOperator& one, Random& random, const Shape& shape) {
  std::vector<float> numbers(size_t(element_count(shape)));
  for (float& n : numbers) n = random.scale(1e-2f, 1.0f) * (random.one_in(2) ? 1.0f : -1.0f);
  one.constant(ElementType::f32, shape, numbers);
}

ForeignCase make_svdf_f32(Random& random) {
  const Svdf s = random_svdf(random);
  SingleOperator one;
  one.input(ElementType::f32, {s.batches, s.inputs});
  add_reals(one, random, {s.filters(), s.inputs});
  add_reals(one, random, {s.filters(), s.memory});
  add_reals(one, random, {s.units});
  one.variable(ElementType::f32, {s.batches, s.filters() * s.memory});
  one.output(ElementType::f32, {s.batches, s.units});
  const auto fused = random.one_in(2) ? format::ActivationFunctionType::RELU
                                      : format::ActivationFunctionType::NONE;
  return {finish_svdf(one, s, fused), s.text(), {}, Against::micro_alone};
}

template <class T>
std::vector<T> integers(Random& random, int64_t count, int32_t low, int32_t high) {
  std::vector<T> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(T(random.integer(low, high)));
  return numbers;
}

// Scales at which neither state nor output vanish or all saturate.
template <class T>
ForeignCase make_svdf_s8(Random& random) {
  const Svdf s = random_svdf(random);
  const bool wide = sizeof(T) == 2;
  const ElementType type = wide ? ElementType::s16 : ElementType::s8;
  const int32_t peak = wide ? 32767 : 127;
  const Quantization x = random_quantization(random, ElementType::s8);
  const float features = random.scale(1e-3f, 0.1f), times = random.scale(1e-5f, 1e-2f);
  const float state = x.scale() * features * 5400 * std::sqrt(float(s.inputs)) / float(0.4 * peak) *
                      random.scale(0.5f, 3.0f);
  const float sums = float(peak) * float(peak) / 6 * std::sqrt(float(s.memory * s.rank));
  const float output = state * times * sums / 50 * random.scale(0.3f, 3.0f);
  SingleOperator one;
  one.input(ElementType::s8, {s.batches, s.inputs}, x);
  one.constant(ElementType::s8, {s.filters(), s.inputs},
               integers<int8_t>(random, s.filters() * s.inputs, -127, 127),
               per_tensor(features, 0));
  one.constant(type, {s.filters(), s.memory},
               integers<T>(random, s.filters() * s.memory, -peak - 1, peak), per_tensor(times, 0));
  const auto most = int32_t(std::min(1e9f, sums));
  one.constant(ElementType::s32, {s.units}, integers<int32_t>(random, s.units, -most, most),
               per_tensor(state * times, 0));
  one.variable(type, {s.batches, s.filters() * s.memory},
               per_tensor(state, wide ? 0 : random_zero_point(random)));
  one.output(ElementType::s8, {s.batches, s.units}, per_tensor(output, random_zero_point(random)));
  return {finish_svdf(one, s, format::ActivationFunctionType::RELU),
          s.text(),
          {},
          Against::micro_alone};
}

constexpr ElementType f32 = ElementType::f32, s8 = ElementType::s8, s16 = ElementType::s16;

constexpr ForeignFamily kFamilies[] = {
    {"average_pool_2d_f32", [](Random& r) { return make_pool(r, f32, Op::AVERAGE_POOL_2D); }},
    {"average_pool_2d_s16", [](Random& r) { return make_pool(r, s16, Op::AVERAGE_POOL_2D); }},
    {"average_pool_2d_s8", [](Random& r) { return make_pool(r, s8, Op::AVERAGE_POOL_2D); }},
    {"l2_pool_2d_f32", [](Random& r) { return make_pool(r, f32, Op::L2_POOL_2D); }},
    {"max_pool_2d_f32", [](Random& r) { return make_pool(r, f32, Op::MAX_POOL_2D); }},
    {"max_pool_2d_s16", [](Random& r) { return make_pool(r, s16, Op::MAX_POOL_2D); }},
    {"max_pool_2d_s8", [](Random& r) { return make_pool(r, s8, Op::MAX_POOL_2D); }},
    {"softmax_s16", [](Random& r) { return make_softmax(r, s16, s16); }},
    {"softmax_s8", [](Random& r) { return make_softmax(r, s8, s8); }},
    {"softmax_s8_to_s16", [](Random& r) { return make_softmax(r, s8, s16); }},
    {"svdf_f32", make_svdf_f32},
    {"svdf_s8_with_s16_state", make_svdf_s8<int16_t>},
    {"svdf_s8_with_s8_state", make_svdf_s8<int8_t>},
};

}  // namespace

std::span<const ForeignFamily> foreign_pools() { return kFamilies; }

}  // namespace mote::conformance
