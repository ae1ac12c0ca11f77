// SPDX-License-Identifier: Apache-2.0
// The operators of ops/audio in chains as TFLM's audio models have them, with every kernel; and
// recurrent layers, with what else has states or several outputs. See graphs.h.
#include "quantize/test_networks.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

using namespace testing_graphs;

using Type = ElementType;
using Axes = std::vector<int64_t>;
constexpr int32_t kRows = 8;  // of the window [8, 3]
constexpr int32_t kSamples = kRows * kAxes;

// A graph with its window of the sensor, and the means to add to it.
struct Parts {
  Graph graph;
  Random random{47};
  ValueId window = -1;

  explicit Parts(const char* name) {
    graph.name = name;
    const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                            100, MissingPolicy::drop);
    window = graph.add_node(framer_op, "window", {sensor},
                            {{"length", int64_t(kRows)}, {"stride", int64_t(kRows)}});
  }

  // All outputs of the node, which become outputs of the graph.
  std::vector<ValueId> add_all(const OpDef& op, std::vector<ValueId> inputs,
                               Attributes attributes = {}) {
    add(op, std::move(inputs), std::move(attributes));
    const std::vector<ValueId> outputs = graph.nodes.back().outputs;
    graph.outputs.insert(graph.outputs.end(), outputs.begin(), outputs.end());
    return outputs;
  }
  ValueId add(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), std::move(inputs),
                          std::move(attributes));
  }
  ValueId show(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return add_all(op, std::move(inputs), std::move(attributes)).at(0);
  }
  ValueId shaped(ValueId id, Axes shape) {
    return add(reshape_op, {id}, {{"shape", std::move(shape)}});
  }
  ValueId as_type(ValueId id, const char* type) {
    return add(cast_op, {id}, {{"type", std::string(type)}});
  }
  std::string constant_name() { return "constant" + std::to_string(graph.values.size()); }
  ValueId table(const std::vector<int16_t>& numbers) {
    return graph.add_constant(constant_name(), Type::s16, {int32_t(numbers.size())}, numbers);
  }
  template <class T = float>
  ValueId numbers(Type type, const Shape& shape, double peak, Quantization q = {}) {
    std::vector<T> data;
    for (int64_t i = 0; i < element_count(shape); ++i)
      data.push_back(T(double(real(random, -1, 1)) * peak));
    return graph.add_constant(constant_name(), type, shape, data, std::move(q));
  }
  ValueId f32(const Shape& shape) { return numbers(Type::f32, shape, 0.8); }
  ValueId features(const char* type) {
    const ValueId mean = graph.add_constant(constant_name(), Type::f32, {kAxes},
                                            std::vector<float>{10, -2000, 0.25f});
    const ValueId inv_std = graph.add_constant(constant_name(), Type::f32, {kAxes},
                                               std::vector<float>{1e-4f, 2e-3f, 1e-3f});
    return add(standardize_op, {window, mean, inv_std}, {{"output", std::string(type)}});
  }
};

std::vector<int16_t> random_table(Parts& p, int32_t count, int32_t low, int32_t high) {
  std::vector<int16_t> numbers;
  for (int32_t i = 0; i < count; ++i)
    numbers.push_back(int16_t(low + int32_t((real(p.random, -1, 1) + 1) / 2 * float(high - low))));
  return numbers;
}

// Frames, window, spectrum and back.
void add_round_trip(Parts& p, ValueId samples) {
  const ValueId later = p.show(delay_op, {samples}, {{"length", int64_t(31)}});
  const Attributes framing{{"frame_size", int64_t(18)}, {"frame_step", int64_t(8)}};
  p.add_all(overlap_frames_op, {later}, framing);
  Attributes prefilled = framing;
  prefilled["frame_size"] = int64_t(16);
  prefilled["prefill"] = int64_t(1);
  const ValueId frames = p.add_all(overlap_frames_op, {samples}, prefilled).at(0);
  const ValueId weights = p.table(random_table(p, 16, 0, 4096));
  const ValueId windowed = p.show(window_op, {frames, weights}, {{"shift", int64_t(12)}});
  for (const char* type : {"s16", "s32", "f32"}) {
    const ValueId x = std::string(type) == "s16" ? windowed : p.as_type(windowed, type);
    for (int64_t length : {16, 24, 50}) {  // radices 4 2, 4 3, 5 5
      const ValueId bins = p.show(rfft_op, {x}, {{"length", length}});
      const ValueId back = p.show(irfft_op, {bins});
      if (std::string(type) != "s32") p.show(overlap_add_op, {back}, {{"frame_step", int64_t(8)}});
    }
  }
}

// Spectrum to compressed channels, as in TFLM's audio preprocessor.
void add_channels(Parts& p, ValueId samples) {
  const auto scaled = p.add_all(auto_scale_op, {samples});
  const ValueId bins = p.add(rfft_op, {scaled[0]}, {{"length", int64_t(30)}});
  const ValueId energy = p.show(energy_op, {bins}, {{"start", int64_t(1)}, {"end", int64_t(15)}});
  const ValueId sums =
      p.show(filter_bank_op,
             {energy, p.table(random_table(p, 12, 0, 4096)), p.table(random_table(p, 12, 0, 4096)),
              p.table({1, 4, 7, 10}), p.table({0, 3, 6, 9}), p.table({3, 3, 3, 3})},
             {{"channels", int64_t(3)}});
  const ValueId roots = p.show(filter_bank_sqrt_op, {sums, scaled[1]});
  const auto cleaned = p.add_all(spectral_subtraction_op, {roots},
                                 {{"smoothing", int64_t(410)},
                                  {"one_minus_smoothing", int64_t(16384 - 410)},
                                  {"alternate_smoothing", int64_t(983)},
                                  {"alternate_one_minus_smoothing", int64_t(16384 - 983)},
                                  {"min_signal_remaining", int64_t(819)},
                                  {"smoothing_bits", int64_t(10)},
                                  {"bits", int64_t(14)},
                                  {"clamping", int64_t(1)}});
  const ValueId gain = p.table(random_table(p, 125, 0, 4000));
  const ValueId even = p.show(pcan_op, {cleaned[0], cleaned[1], gain}, {{"snr_shift", int64_t(6)}});
  const ValueId log = p.show(filter_bank_log_op, {even},
                             {{"output_scale", int64_t(1600)}, {"correction_bits", int64_t(3)}});
  p.add_all(stacker_op, {log}, {{"left", int64_t(1)}, {"right", int64_t(1)}, {"step", int64_t(2)}});
}

// Weights of four gates, then recurrent ones, then biases.
std::vector<ValueId> lstm_inputs(Parts& p, ValueId x, Type bias, bool real) {
  constexpr int32_t kUnits = 4;
  std::vector<ValueId> inputs{x};
  const Quantization scale = per_tensor(0.006f, 0);
  for (int32_t i = 0; i < 8; ++i) {
    const Shape shape{kUnits, i < 4 ? kAxes : kUnits};
    inputs.push_back(real ? p.f32(shape) : p.numbers<int8_t>(Type::s8, shape, 127, scale));
  }
  for (int32_t i = 0; i < 4; ++i)
    inputs.push_back(bias == Type::f32   ? p.f32({kUnits})
                     : bias == Type::s32 ? p.numbers<int32_t>(bias, {kUnits}, 5000)
                                         : p.numbers<int64_t>(bias, {kUnits}, 3000000));
  return inputs;
}

void add_float_recurrent(Parts& p, ValueId x) {
  const Attributes reversed{{"reverse", int64_t(1)}, {"cell_clip", 0.5}};
  p.show(lstm_op, lstm_inputs(p, x, Type::f32, true));
  p.show(lstm_op, lstm_inputs(p, x, Type::f32, true), reversed);
  for (const char* name : {"tanh", "relu6"})
    p.show(rnn_op, {x, p.f32({5, kAxes}), p.f32({5, 5}), p.f32({5})},
           {{"activation", std::string(name)}});
  for (int64_t after : {0, 1})
    p.show(gru_op, {x, p.f32({12, kAxes}), p.f32({12, 4}), p.f32({12}), p.f32({12})},
           {{"reset_after", after}, {"keeps_state", after}});
}

// What ONNX's layers may be given: states before and behind the sequence, its length, peepholes,
// other activations.
void add_recurrent_options(Parts& p, ValueId x) {
  const Attributes common{{"keeps_state", int64_t(0)}, {"final_state", int64_t(1)}, {"clip", 0.75}};
  const auto with = [&](Attributes more) {
    more.insert(common.begin(), common.end());
    return more;
  };
  // Computed: 0, all, and what lies between.
  const ValueId sample =
      p.add(slice_op, {p.window},
            {{"begin", std::vector<int64_t>{0, 0}}, {"size", std::vector<int64_t>{1, 1}}});
  const ValueId length = p.add(cast_op, {p.shaped(sample, {1})}, {{"type", std::string("s32")}});
  std::vector<ValueId> lstm = lstm_inputs(p, x, Type::f32, true);
  for (int i = 0; i < 2; ++i) lstm.push_back(p.f32({1, 4}));
  for (int i = 0; i < 3; ++i) lstm.push_back(p.f32({4}));
  lstm.push_back(length);
  p.add_all(lstm_op, lstm,
            with({{"reverse", int64_t(1)},
                  {"gate_activation", std::string("hard_sigmoid")},
                  {"hidden_activation", std::string("softsign")}}));
  p.add_all(
      gru_op,
      {x, p.f32({12, kAxes}), p.f32({12, 4}), p.f32({12}), p.f32({12}), p.f32({1, 4}), length},
      with({{"candidate_activation", std::string("elu")}}));
  for (const char* name : {"leaky_relu", "scaled_tanh", "affine", "softplus", "thresholded_relu"}) {
    Attributes more{{"activation", std::string(name)}, {"reverse", int64_t(1)}};
    // Below the clip, or every answer would be 0.
    if (std::string(name) == "thresholded_relu") more["alpha"] = std::vector<double>{0.1};
    p.add_all(rnn_op, {x, p.f32({5, kAxes}), p.f32({5, 5}), p.f32({5}), p.f32({1, 5}), length},
              with(more));
  }
}

// Gates with a scale each; the state before the first step, its length, and the one behind the
// last.
void add_integer_recurrent(Parts& p, ValueId x) {
  constexpr int32_t kUnits = 4;
  const Type type = p.graph.value(x).type;
  const bool wide = type == Type::s16;
  const Quantization output = wide ? per_tensor(1.0f / 32768, 0) : per_tensor(1.0f / 128, 3);
  const auto weights = [&](int32_t rows, int32_t columns) {
    Quantization by_row{{}, std::vector<int32_t>(size_t(rows), 0), 0};
    for (int32_t row = 0; row < rows; ++row)
      by_row.scales.push_back(0.004f + 0.003f * float(row / kUnits));
    return p.numbers<int8_t>(Type::s8, {rows, columns}, 127, by_row);
  };
  const auto biases = [&](int32_t rows) { return p.numbers<int32_t>(Type::s32, {rows}, 9000); };
  const Attributes scales{{"output_scale", double(output.scale())},
                          {"output_zero_point", int64_t(output.zero_point())}};
  const auto with = [&](Attributes more) {
    more.insert(scales.begin(), scales.end());
    return more;
  };
  const ValueId initial =
      wide ? p.numbers<int16_t>(type, {1, kUnits}, 32767, per_tensor(1.0f / 16384, 0))
           : p.numbers<int8_t>(type, {1, kUnits}, 127, per_tensor(0.02f, -4));
  const ValueId length =
      p.graph.add_constant(p.constant_name(), Type::s32, {1}, std::vector<int32_t>{kRows - 1});
  for (int64_t after : {0, 1}) {
    std::vector<ValueId> inputs{x, weights(12, kAxes), weights(12, kUnits), biases(12), biases(12)};
    if (after) inputs.insert(inputs.end(), {initial, length});
    p.add_all(gru_op, inputs,
              with({{"reset_after", after},
                    {"keeps_state", 1 - after},
                    {"final_state", after},
                    {"hidden_scale", (1.0 + 3.0 * double(after)) / 32768}}));
  }
  const ValueId w = p.numbers<int8_t>(Type::s8, {kUnits, kAxes}, 127, per_tensor(0.01f, 0));
  const ValueId r = p.numbers<int8_t>(Type::s8, {kUnits, kUnits}, 127, per_tensor(0.003f, 0));
  for (const char* name : {"tanh", "logistic", "relu6"})
    p.show(rnn_op, {x, w, r, biases(kUnits)},
           with({{"activation", std::string(name)}, {"hidden_scale", 1.0 / 4096}}));
}

// Two trees over the features, by indices of 16 and 32 bits; distances; classes from their pairs.
void add_trees(Parts& p, ValueId x) {
  const auto list = [&](Type type, const Shape& shape, auto numbers) {
    return p.graph.add_constant(p.constant_name(), type, shape, numbers);
  };
  const ValueId features = list(Type::s16, {3}, std::vector<int16_t>{0, 2, 1});
  const ValueId thresholds = list(Type::f32, {3}, std::vector<float>{0.1f, -0.2f, 0.0f});
  const ValueId weights = p.f32({4, 1}), base = p.f32({2});
  const ValueId targets = list(Type::s16, {4}, std::vector<int16_t>{0, 1, 1, 0});
  const ValueId flags = list(Type::u8, {3}, std::vector<uint8_t>{0, 2, 3});
  const std::vector<int32_t> roots{0, 2, -4}, children{1, -1, -2, -3, -4, -1};
  for (const char* aggregate : {"sum", "average", "min", "max"})
    p.show(tree_ensemble_op,
           {x, list(Type::s16, {3}, std::vector<int16_t>(roots.begin(), roots.end())), features,
            thresholds,
            list(Type::s16, {3, 2}, std::vector<int16_t>(children.begin(), children.end())),
            weights, targets, base, flags},
           {{"targets", int64_t(2)}, {"aggregate", std::string(aggregate)}});
  p.show(tree_ensemble_op,
         {x, list(Type::s32, {3}, roots), features, thresholds, list(Type::s32, {3, 2}, children),
          p.f32({4, 2}), -1, -1, -1},
         {{"targets", int64_t(2)}});
  p.show(squared_distance_op, {x, p.f32({4, kAxes})});
  p.show(pairwise_coupling_op, {p.add(logistic_op, {x})}, {{"classes", int64_t(3)}});
}

void add_detections(Parts& p, ValueId features) {
  const ValueId boxes = p.shaped(features, {1, kSamples / 4, 4});
  const ValueId scores = p.numbers(Type::f32, {1, kSamples / 4, 3}, 1);
  const ValueId anchors = p.graph.add_constant(p.constant_name(), Type::f32, {kSamples / 4, 4},
                                               std::vector<float>(kSamples, 0.5f));
  for (int64_t regular : {0, 1})
    p.add_all(detection_postprocess_op, {boxes, scores, anchors},
              {{"classes", int64_t(2)},
               {"max_detections", int64_t(5)},
               {"regular", regular},
               {"score_threshold", -2.0},  // all count: the scratch is for as many
               {"overlap_threshold", 0.4},
               {"y_scale", 10.0},
               {"x_scale", 10.0},
               {"h_scale", 5.0},
               {"w_scale", 5.0}});
}

// A variable that mixes with every window, read before and after it is written.
void add_variable(Parts& p) {
  const ValueId variable = p.graph.add_variable("mixed", Type::s16, {kRows, kAxes}, {});
  const ValueId old = p.graph.add_node(read_variable_op, "mixed/old", {p.window}, {}, variable);
  const ValueId mixed = p.show(bitwise_xor_op, {old, p.window});
  p.graph.outputs.push_back(
      p.graph.add_node(write_variable_op, "mixed/write", {mixed}, {}, variable));
  p.graph.outputs.push_back(
      p.graph.add_node(read_variable_op, "mixed/new", {p.window}, {}, variable));
}

}  // namespace

Graph signal_library() {
  Parts p("signal_library");
  const ValueId samples = p.shaped(p.window, {kSamples});
  add_round_trip(p, samples);
  add_channels(p, samples);
  return p.graph;
}

Graph recurrent() {
  Parts p("recurrent");
  const Axes sequence{1, kRows, kAxes};
  const ValueId real = p.features("f32");
  add_float_recurrent(p, p.shaped(real, sequence));
  add_recurrent_options(p, p.shaped(real, sequence));
  add_trees(p, real);
  add_detections(p, real);
  const ValueId s8 = p.features("s8");
  p.show(
      lstm_op, lstm_inputs(p, p.shaped(s8, sequence), Type::s32, false),
      {{"output_scale", 1.0 / 128}, {"output_zero_point", int64_t(3)}, {"cell_scale", 1.0 / 2048}});
  const ValueId s16 = p.shaped(p.add(softmax_op, {p.window}, {{"beta", 3e-5}}), sequence);
  p.show(lstm_op, lstm_inputs(p, s16, Type::s64, false),
         {{"output_scale", 1.0 / 32768}, {"cell_scale", 1.0 / 32768}, {"cell_clip", 0.9}});
  add_integer_recurrent(p, p.shaped(s8, sequence));
  add_integer_recurrent(p, s16);
  p.show(circular_buffer_op, {p.shaped(s8, {1, 1, kRows, kAxes})}, {{"slots", int64_t(3)}});
  add_variable(p);
  return p.graph;
}

}  // namespace mote::ports
