// SPDX-License-Identifier: Apache-2.0
// Foreign custom operators: TFLM's signal library. See foreign.h.
#include <flatbuffers/flexbuffers.h>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

using Type = ElementType;
using Options = std::vector<std::pair<const char*, int64_t>>;

Bytes flexbuffer(const Options& options) {
  flexbuffers::Builder builder;
  builder.Map([&] {
    for (const auto& [key, value] : options) builder.Int(key, value);
  });
  builder.Finish();
  return builder.GetBuffer();
}

std::string words(const Options& options) {
  std::string text;
  for (const auto& [key, value] : options)
    text += std::string(" ") + key + " " + std::to_string(value);
  return text;
}

// Rank 1 to 3, the last dimension `last`.
Shape rows_of(Random& random, int32_t last) {
  Shape shape;
  for (int32_t i = random.integer(0, 2); i > 0; --i) shape.push_back(random.integer(1, 3));
  shape.push_back(last);
  return shape;
}

std::vector<int16_t> random_s16(Random& random, int64_t count, int32_t low, int32_t high) {
  std::vector<int16_t> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(int16_t(random.integer(low, high)));
  return numbers;
}

// Quiet to loud: signals lie over orders of magnitude.
NumberRange amplitude(Random& random, float most) {
  const double limit = random.scale(2.0f, most);
  return {-limit, limit};
}

ForeignCase finish(SingleOperator& one, const std::string& name, const Options& options,
                   std::vector<NumberRange> ranges = {}, Against against = Against::micro_alone) {
  return {one.finish_custom(name, flexbuffer(options)), name + words(options), std::move(ranges),
          against};
}

ForeignCase make_delay(Random& random) {
  SingleOperator one;
  const Shape shape = rows_of(random, random.integer(1, 20));
  one.input(Type::s16, shape);
  one.output(Type::s16, shape);
  return finish(one, "SignalDelay", {{"delay_length", random.integer(0, 45)}});
}

ForeignCase make_energy(Random& random) {
  SingleOperator one;
  const int32_t bins = random.integer(1, 40);
  one.input(Type::s16, {2 * bins});
  one.output(Type::u32, {bins});
  return finish(one, "SignalEnergy", {{"end_index", bins}, {"start_index", 0}});
}

ForeignCase make_auto_scale(Random& random) {
  SingleOperator one;
  const int32_t count = random.integer(1, 64);
  one.input(Type::s16, {count});
  one.output(Type::s16, {count});
  one.output(Type::s32, {});
  return finish(one, "SignalFftAutoScale", {}, {amplitude(random, 32768.0f)});
}

// Tables whose segments lie anywhere in the spectrum, empty ones included.
void add_filter_bank(SingleOperator& one, Random& random, int32_t bins, int32_t channels) {
  const int32_t weights = random.integer(1, 60);
  std::vector<int16_t> first_bin, first_weight, width;
  for (int32_t c = 0; c <= channels; ++c) {
    width.push_back(int16_t(random.integer(0, std::min(bins, weights))));
    first_bin.push_back(int16_t(random.integer(0, bins - width.back())));
    first_weight.push_back(int16_t(random.integer(0, weights - width.back())));
  }
  const int32_t low = random.one_in(4) ? -32768 : 0;
  for (int i = 0; i < 2; ++i)
    one.constant(Type::s16, {weights}, random_s16(random, weights, low, 4096));
  for (const auto* table : {&first_bin, &first_weight, &width})
    one.constant(Type::s16, {channels + 1}, *table);
}

ForeignCase make_filter_bank(Random& random) {
  SingleOperator one;
  const int32_t bins = random.integer(1, 64), channels = random.integer(1, 20);
  one.input(Type::u32, {bins});
  add_filter_bank(one, random, bins, channels);
  one.output(Type::u64, {channels});
  return finish(one, "SignalFilterBank", {{"num_channels", channels}});
}

ForeignCase make_filter_bank_sqrt(Random& random) {
  SingleOperator one;
  const int32_t channels = random.integer(1, 40);
  one.input(Type::u64, {channels});
  one.input(Type::s32, {});
  one.output(Type::u32, {channels});
  return finish(one, "SignalFilterBankSquareRoot", {}, {amplitude(random, 2e9f), {0, 31}});
}

ForeignCase make_filter_bank_log(Random& random) {
  SingleOperator one;
  const int32_t channels = random.integer(1, 40);
  one.input(Type::u32, {channels});
  one.output(Type::s16, {channels});
  return finish(one, "SignalFilterBankLog",
                {{"input_correction_bits", random.integer(0, 10)},
                 {"output_scale", random.one_in(2) ? 1600 : random.integer(1, 70000)}},
                {{0, random.scale(2.0f, 2e9f)}});
}

ForeignCase make_spectral_subtraction(Random& random) {
  SingleOperator one;
  const int32_t channels = random.integer(1, 40), bits = random.integer(1, 20);
  const int32_t unit = 1 << bits, even = random.integer(0, unit), odd = random.integer(0, unit);
  one.input(Type::u32, {channels});
  one.output(Type::u32, {channels});
  one.output(Type::u32, {channels});
  return finish(one, "SignalFilterBankSpectralSubtraction",
                {{"alternate_one_minus_smoothing", unit - odd},
                 {"alternate_smoothing", odd},
                 {"clamping", random.integer(0, 1)},
                 {"min_signal_remaining", random.integer(0, unit)},
                 {"num_channels", channels},
                 {"one_minus_smoothing", unit - even},
                 {"smoothing", even},
                 {"smoothing_bits", random.integer(0, 12)},
                 {"spectral_subtraction_bits", bits}},
                {{0, random.scale(2.0f, 2e9f)}});
}

ForeignCase make_pcan(Random& random) {
  SingleOperator one;
  const int32_t channels = random.integer(1, 40);
  one.input(Type::u32, {channels});
  one.input(Type::u32, {channels});
  const bool any = random.one_in(4);
  one.constant(Type::s16, {125}, random_s16(random, 125, any ? -32768 : 0, any ? 32767 : 4000));
  one.output(Type::u32, {channels});
  return finish(one, "SignalPCAN", {{"snr_shift", random.integer(0, 20)}},
                {{0, random.scale(2.0f, 2e9f)}, {0, random.scale(2.0f, 2e9f)}});
}

ForeignCase make_framer(Random& random) {
  SingleOperator one;
  const int32_t step = random.integer(1, 12), size = step + random.integer(0, 30);
  const bool prefill = random.one_in(2);
  // One push fills what is not prefilled, so that only the first answer has undefined frames.
  const int32_t frames = prefill ? random.integer(1, 5) : (size + step - 1) / step;
  Shape shape = rows_of(random, frames * step);
  one.input(Type::s16, shape);
  shape.back() = frames;
  shape.push_back(size);
  one.output(Type::s16, shape);
  one.output(Type::boolean, {});
  return finish(one, "SignalFramer",
                {{"frame_size", size}, {"frame_step", step}, {"prefill", prefill}}, {},
                prefill ? Against::micro_alone : Against::micro_settled);
}

ForeignCase make_stacker(Random& random) {
  SingleOperator one;
  const int32_t width = random.integer(1, 10), left = random.integer(0, 3);
  const int32_t depth = left + 1;  // without right context the first push gives a stack
  one.input(Type::s16, {width});
  one.output(Type::s16, {depth * width});
  one.output(Type::boolean, {});
  return finish(one, "SignalStacker",
                {{"num_channels", width},
                 {"stacker_left_context", left},
                 {"stacker_right_context", 0},
                 {"stacker_step", 1}});
}

ForeignCase make_window(Random& random) {
  SingleOperator one;
  const int32_t width = random.integer(1, 50);
  const Shape shape = rows_of(random, width);
  one.input(Type::s16, shape);
  one.constant(Type::s16, {width}, random_s16(random, width, -32768, 32767));
  one.output(Type::s16, shape);
  return finish(one, "SignalWindow", {{"shift", random.integer(8, 16)}});
}

template <Type type>
ForeignCase make_overlap_add(Random& random) {
  SingleOperator one;
  const int32_t size = random.integer(1, 30), step = random.integer(1, size);
  Shape shape = rows_of(random, random.integer(1, 4));
  const int32_t frames = shape.back();
  shape.push_back(size);
  one.input(type, shape);
  shape.pop_back();
  shape.back() = frames * step;
  one.output(type, shape);
  return finish(one, "SignalOverlapAdd",
                {{"T", int64_t(tflite::tensor_type(type))}, {"frame_step", step}}, {},
                type == Type::f32 ? Against::micro_tolerance_alone : Against::micro_alone);
}

// Any length of factors 2, 3 and 5 that its half has, most often a power of two.
int32_t random_length(Random& random) {
  if (random.one_in(2)) return 4 << random.integer(0, 7);
  constexpr int32_t kLengths[] = {6,  10, 12, 18,  20,  24,  30,  36,  40,  48,  50,  54, 60,
                                  72, 80, 90, 100, 120, 160, 240, 300, 320, 400, 480, 640};
  return random.pick(kLengths);
}

template <Type type>
std::vector<NumberRange> loudness(Random& random) {
  if (type == Type::f32) return {{-1, 1}};
  return {amplitude(random, type == Type::s16 ? 32768.0f : 2147483647.0f)};
}

template <Type type>
ForeignCase make_rfft(Random& random) {
  SingleOperator one;
  const int32_t length = random_length(random);
  Shape shape = rows_of(random, random.one_in(2) ? length : random.integer(1, length));
  one.input(type, shape);
  shape.back() = length + 2;
  one.output(type, shape);
  return finish(one, "SignalRfft",
                {{"T", int64_t(tflite::tensor_type(type))}, {"fft_length", length}},
                loudness<type>(random),
                type == Type::f32 ? Against::micro_tolerance_alone : Against::micro_alone);
}

template <Type type>
ForeignCase make_irfft(Random& random) {
  SingleOperator one;
  const int32_t length = random_length(random);
  Shape shape = rows_of(random, length + 2);
  one.input(type, shape);
  shape.back() = length;
  one.output(type, shape);
  return finish(one, "SignalIrfft",
                {{"T", int64_t(tflite::tensor_type(type))}, {"fft_length", length}},
                loudness<type>(random),
                type == Type::f32 ? Against::micro_tolerance_alone : Against::micro_alone);
}

// A period of 2 ends TFLM's second run early, but its output tensor is as ours then.
ForeignCase make_circular_buffer(Random& random) {
  SingleOperator one;
  const Quantization q = random_quantization(random, Type::s8);
  const int32_t slots = random.integer(1, 9), h = random.integer(1, 4), w = random.integer(1, 6);
  one.input(Type::s8, {1, 1, h, w}, q);
  one.variable_output(Type::s8, {1, slots, h, w}, q);
  return finish(one, "CIRCULAR_BUFFER", {{"cycles_max", random.integer(1, 3)}});
}

// Fast suppression leaves what follows the detections undefined in TFLM, so there all are given.
ForeignCase make_detection(Random& random) {
  SingleOperator one;
  const int32_t boxes = random.integer(1, 40), classes = random.integer(1, 5);
  const int32_t background = random.integer(0, 1), width = random.one_in(4) ? 6 : 4;
  const bool regular = random.one_in(2);
  const int32_t most = random.integer(1, regular ? 12 : boxes);
  std::vector<float> anchors;
  for (int32_t i = 0; i < 4 * boxes; ++i)
    anchors.push_back(i % 4 < 2 ? random.scale(0.2f, 3.0f) : random.scale(0.2f, 1.0f));
  one.input(Type::f32, {1, boxes, width});
  one.input(Type::f32, {1, boxes, classes + background});
  one.constant(Type::f32, {boxes, 4}, anchors);
  for (const Shape& shape : {Shape{1, most, 4}, Shape{1, most}, Shape{1, most}, Shape{1}})
    one.output(Type::f32, shape);
  flexbuffers::Builder builder;
  builder.Map([&] {
    builder.Int("max_detections", most);
    builder.Int("max_classes_per_detection", 1);
    builder.Int("detections_per_class", random.integer(1, 20));
    builder.Bool("use_regular_nms", regular);
    builder.Float("nms_score_threshold", regular ? random.scale(0.01f, 0.9f) : -1.0f);
    builder.Float("nms_iou_threshold", regular ? random.scale(0.1f, 0.9f) : 1.0f);
    builder.Int("num_classes", classes);
    for (const char* scale : {"y_scale", "x_scale"}) builder.Float(scale, 10.0f);
    for (const char* scale : {"h_scale", "w_scale"}) builder.Float(scale, 5.0f);
  });
  builder.Finish();
  return {one.finish_custom("TFLite_Detection_PostProcess", builder.GetBuffer()),
          "detection boxes " + std::to_string(boxes) + (regular ? " regular" : " fast"),
          {{-4, 4}, {0, 1}},
          Against::micro_tolerance_alone};
}

constexpr ForeignFamily kFamilies[] = {
    {"circular_buffer", make_circular_buffer},
    {"detection_postprocess", make_detection},
    {"delay", make_delay},
    {"energy", make_energy},
    {"auto_scale", make_auto_scale},
    {"filter_bank", make_filter_bank},
    {"filter_bank_log", make_filter_bank_log},
    {"filter_bank_sqrt", make_filter_bank_sqrt},
    {"irfft_f32", make_irfft<Type::f32>},
    {"irfft_s16", make_irfft<Type::s16>},
    {"irfft_s32", make_irfft<Type::s32>},
    {"overlap_add_f32", make_overlap_add<Type::f32>},
    {"overlap_add_s16", make_overlap_add<Type::s16>},
    {"overlap_frames", make_framer},
    {"pcan", make_pcan},
    {"rfft_f32", make_rfft<Type::f32>},
    {"rfft_s16", make_rfft<Type::s16>},
    {"rfft_s32", make_rfft<Type::s32>},
    {"spectral_subtraction", make_spectral_subtraction},
    {"stacker", make_stacker},
    {"window", make_window},
};

}  // namespace

std::span<const ForeignFamily> foreign_signal() { return kFamilies; }

}  // namespace mote::conformance
