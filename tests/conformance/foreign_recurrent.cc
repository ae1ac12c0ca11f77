// SPDX-License-Identifier: Apache-2.0
// Foreign recurrent layers: LSTM in all of TFLM's types, and what only LiteRT has. See foreign.h.
#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Code = format::BuiltinOperator;
using Kind = format::BuiltinOptions;
using Type = ElementType;

struct Sequence {
  int32_t batches, steps, inputs, units;
  bool time_major;

  Shape shape(int32_t width) const {
    return time_major ? Shape{steps, batches, width} : Shape{batches, steps, width};
  }
  std::string words() const {
    return " batches " + std::to_string(batches) + " steps " + std::to_string(steps) + " inputs " +
           std::to_string(inputs) + " units " + std::to_string(units) +
           (time_major ? " time_major" : "");
  }
};

Sequence random_sequence(Random& random) {
  return {random.integer(1, 3), random.integer(1, 6), random.integer(1, 8), random.integer(1, 8),
          random.one_in(2)};
}

std::vector<float> reals(Random& random, int64_t count, float limit) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(limit * float(random.integer(-10000, 10000)) / 10000);
  return numbers;
}

template <class T>
std::vector<T> integers(Random& random, int64_t count, int32_t limit) {
  std::vector<T> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(T(random.integer(-limit, limit)));
  return numbers;
}

void add_real(SingleOperator& one, Random& random, const Shape& shape) {
  one.constant(Type::f32, shape, reals(random, element_count(shape), 0.7f));
}

void no_inputs(SingleOperator& one, int32_t count) {
  for (int32_t i = 0; i < count; ++i) one.no_input();
}

float random_clip(Random& random) { return random.one_in(3) ? random.scale(0.05f, 5.0f) : 0.0f; }

ForeignCase finish_lstm(SingleOperator& one, const Sequence& s, float clip, Against against) {
  const auto options = format::CreateUnidirectionalSequenceLSTMOptions(
      one.flat(), format::ActivationFunctionType::TANH, clip, 0, s.time_major);
  return {one.finish(Code::UNIDIRECTIONAL_SEQUENCE_LSTM, 3,
                     {Kind::UnidirectionalSequenceLSTMOptions, options.Union()}),
          "lstm" + s.words() + " clip " + std::to_string(clip),
          {},
          against};
}

template <Type type, class Bias>
ForeignCase make_lstm_integer(Random& random) {
  SingleOperator one;
  const Sequence s = random_sequence(random);
  const bool is_s8 = type == Type::s8;
  const int32_t zero_point = is_s8 ? random_zero_point(random) : 0;
  const float unit = is_s8 ? 1.0f : 1.0f / 256;
  one.input(type, s.shape(s.inputs), per_tensor(random.scale(0.004f, 0.05f) * unit, zero_point));
  for (int i = 0; i < 8; ++i) {
    const int32_t width = i < 4 ? s.inputs : s.units;
    one.constant(Type::s8, {s.units, width}, integers<int8_t>(random, s.units * width, 127),
                 per_tensor(random.scale(0.002f, 0.03f), 0));
  }
  no_inputs(one, 3);
  for (int i = 0; i < 4; ++i)
    one.constant(is_s8 ? Type::s32 : Type::s64, {s.units},
                 integers<Bias>(random, s.units, is_s8 ? 20000 : 4000000), per_tensor(1e-4f, 0));
  no_inputs(one, 2);
  const Quantization hidden =
      per_tensor(random.scale(0.004f, 0.01f) * unit, is_s8 ? random_zero_point(random) : 0);
  const float cell = 1.0f / float(1 << random.integer(9, 14));
  one.variable(type, {s.batches, s.units}, hidden);
  one.variable(Type::s16, {s.batches, s.units}, per_tensor(cell, 0));
  no_inputs(one, 4);
  one.output(type, s.shape(s.units), hidden);
  return finish_lstm(one, s, random_clip(random), Against::micro_alone);
}

// One direction's weights, from its first input weights to its projection.
void add_lstm_weights(SingleOperator& one, Random& random, const Sequence& s) {
  for (int i = 0; i < 8; ++i) add_real(one, random, {s.units, i < 4 ? s.inputs : s.units});
  no_inputs(one, 3);
  for (int i = 0; i < 4; ++i) add_real(one, random, {s.units});
  no_inputs(one, 2);
}

ForeignCase make_lstm_f32(Random& random) {
  SingleOperator one;
  const Sequence s = random_sequence(random);
  one.input(Type::f32, s.shape(s.inputs));
  add_lstm_weights(one, random, s);
  for (int i = 0; i < 2; ++i) one.variable(Type::f32, {s.batches, s.units});
  no_inputs(one, 4);
  one.output(Type::f32, s.shape(s.units));
  ForeignCase made = finish_lstm(one, s, random_clip(random), Against::micro_tolerance);
  made.ranges = {{-2, 2}};
  return made;
}

void add_directions(SingleOperator& one, const Sequence& s, bool merged) {
  one.output(Type::f32, s.shape(merged ? 2 * s.units : s.units));
  if (!merged) one.output(Type::f32, s.shape(s.units));
}

// LiteRT's last batch of merged rows that are not time-major is not what it gives unmerged, so such
// sequences have one batch here.
ForeignCase make_bidirectional_lstm(Random& random) {
  SingleOperator one;
  Sequence s = random_sequence(random);
  const bool merged = random.one_in(2);
  if (merged && !s.time_major) s.batches = 1;
  one.input(Type::f32, s.shape(s.inputs));
  for (int i = 0; i < 2; ++i) add_lstm_weights(one, random, s);
  for (int i = 0; i < 4; ++i) one.variable(Type::f32, {s.batches, s.units});
  no_inputs(one, 9);
  add_directions(one, s, merged);
  const auto options = format::CreateBidirectionalSequenceLSTMOptions(
      one.flat(), format::ActivationFunctionType::TANH, random_clip(random), 0, merged,
      s.time_major);
  return {one.finish(Code::BIDIRECTIONAL_SEQUENCE_LSTM, 1,
                     {Kind::BidirectionalSequenceLSTMOptions, options.Union()}),
          "bidirectional lstm" + s.words(),
          {{-2, 2}},
          Against::litert_tolerance};
}

format::ActivationFunctionType random_rnn_activation(Random& random) {
  constexpr format::ActivationFunctionType kChoices[] = {
      format::ActivationFunctionType::TANH, format::ActivationFunctionType::RELU,
      format::ActivationFunctionType::RELU6, format::ActivationFunctionType::RELU_N1_TO_1};
  return random.pick(kChoices);
}

void add_rnn_weights(SingleOperator& one, Random& random, const Sequence& s) {
  add_real(one, random, {s.units, s.inputs});
  one.constant(Type::f32, {s.units, s.units}, reals(random, s.units * s.units, 0.3f));
  add_real(one, random, {s.units});
  one.variable(Type::f32, {s.batches, s.units});
}

ForeignCase make_sequence_rnn(Random& random) {
  SingleOperator one;
  const Sequence s = random_sequence(random);
  one.input(Type::f32, s.shape(s.inputs));
  add_rnn_weights(one, random, s);
  one.output(Type::f32, s.shape(s.units));
  const auto options =
      format::CreateSequenceRNNOptions(one.flat(), s.time_major, random_rnn_activation(random));
  return {
      one.finish(Code::UNIDIRECTIONAL_SEQUENCE_RNN, 1, {Kind::SequenceRNNOptions, options.Union()}),
      "sequence rnn" + s.words(),
      {{-2, 2}},
      Against::litert_tolerance};
}

ForeignCase make_bidirectional_rnn(Random& random) {
  SingleOperator one;
  const Sequence s = random_sequence(random);
  const bool merged = random.one_in(2);
  one.input(Type::f32, s.shape(s.inputs));
  for (int i = 0; i < 2; ++i) add_rnn_weights(one, random, s);
  no_inputs(one, 3);
  add_directions(one, s, merged);
  const auto options = format::CreateBidirectionalSequenceRNNOptions(
      one.flat(), s.time_major, random_rnn_activation(random), merged);
  return {one.finish(Code::BIDIRECTIONAL_SEQUENCE_RNN, 1,
                     {Kind::BidirectionalSequenceRNNOptions, options.Union()}),
          "bidirectional rnn" + s.words(),
          {{-2, 2}},
          Against::litert_tolerance};
}

ForeignCase make_rnn(Random& random) {
  SingleOperator one;
  const Sequence s = random_sequence(random);
  one.input(Type::f32, {s.batches, s.inputs});
  add_rnn_weights(one, random, s);
  one.output(Type::f32, {s.batches, s.units});
  const auto options = format::CreateRNNOptions(one.flat(), random_rnn_activation(random));
  return {one.finish(Code::RNN, 1, {Kind::RNNOptions, options.Union()}),
          "rnn" + s.words(),
          {{-2, 2}},
          Against::litert_tolerance};
}

constexpr ForeignFamily kFamilies[] = {
    {"bidirectional_lstm_f32", make_bidirectional_lstm},
    {"bidirectional_rnn_f32", make_bidirectional_rnn},
    {"lstm_f32", make_lstm_f32},
    {"lstm_s16", make_lstm_integer<Type::s16, int64_t>},
    {"lstm_s8", make_lstm_integer<Type::s8, int32_t>},
    {"rnn_f32", make_rnn},
    {"sequence_rnn_f32", make_sequence_rnn},
};

}  // namespace

std::span<const ForeignFamily> foreign_recurrent() { return kFamilies; }

}  // namespace mote::conformance
