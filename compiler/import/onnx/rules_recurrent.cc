// SPDX-License-Identifier: Apache-2.0
// RNN, GRU and LSTM: each direction becomes a layer of ours that starts every run anew. Weights are
// [directions, gates x units, ...] there. See rules.h.
#include <algorithm>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// How many numbers of activation_alpha and activation_beta a function takes from the lists.
struct Activation {
  std::string_view name;  // theirs, in lower case
  const char* ours;
  size_t alphas, betas;
  double alpha, beta;  // where the lists are at their end
};
constexpr Activation kActivations[] = {{"tanh", "tanh", 0, 0, 0, 0},
                                       {"sigmoid", "logistic", 0, 0, 0, 0},
                                       {"relu", "relu", 0, 0, 0, 0},
                                       {"softsign", "softsign", 0, 0, 0, 0},
                                       {"softplus", "softplus", 0, 0, 0, 0},
                                       {"affine", "affine", 1, 1, 1, 0},
                                       {"leakyrelu", "leaky_relu", 1, 0, double(0.01f), 0},
                                       {"thresholdedrelu", "thresholded_relu", 1, 0, 1, 0},
                                       {"scaledtanh", "scaled_tanh", 1, 1, 1, 1},
                                       {"hardsigmoid", "hard_sigmoid", 1, 1, double(0.2f), 0.5},
                                       {"elu", "elu", 1, 0, 1, 0}};

const Activation& activation_named(OperatorView& op, std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  for (const Activation& row : kActivations)
    if (row.name == name) return row;
  op.refuse("unknown-activation", "mote does not take its activation \"" + name + "\"");
}

// What one kind of layer is to the code below.
struct Kind {
  const OpDef& op;
  int64_t gates;
  std::vector<const char*> functions;  // attributes of ours, in the order of theirs
  std::vector<std::string> defaults;
};

class Layer {
 public:
  Layer(OperatorView& op, Kind kind) : op_(op), move_(op.move()), kind_(std::move(kind)) {
    const std::string direction = op.text("direction", "forward");
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
      op.refuse("wrong-attribute", "direction is \"" + direction + "\"");
    directions_ = direction == "bidirectional" ? 2 : 1;
    reversed_ = direction == "reverse";
    const int64_t layout = op.integer("layout", 0);
    if (layout != 0 && layout != 1) op.refuse("wrong-attribute", "layout must be 0 or 1");
    batch_first_ = layout == 1;
    check_shapes();
    read_activations();
    lengths_ = lengths();
  }

  // inputs(direction): what stands in front of the optional inputs of our layer; options: behind.
  template <class Inputs, class Options>
  void import(Inputs inputs, Options options, Attributes attributes) {
    const bool final = op_.has_output(1) || op_.has_output(2);
    attributes["time_major"] = int64_t(!batch_first_);
    attributes["keeps_state"] = int64_t{0};
    attributes["final_state"] = int64_t(final);
    attributes["clip"] = op_.number("clip", 0);
    std::vector<std::vector<ValueId>> parts(3);
    for (int64_t d = 0; d < directions_; ++d) {
      std::vector<ValueId> all = inputs(d);
      for (ValueId id : options(d)) all.push_back(id);
      all.push_back(lengths_);
      Attributes own = attributes;
      own["reverse"] = int64_t(reversed_ || d == 1);
      add_activations(own, size_t(d));
      const auto outputs = op_.add_all(kind_.op, all, own, d == 1 ? "backward" : "");
      parts[0].push_back(outputs[0]);
      for (size_t i = 1; i < outputs.size(); ++i) parts[i].push_back(outputs[i]);
    }
    op_.set(0, move_.stack(parts[0], batch_first_ ? 2 : 1));
    for (size_t i = 1; i < 3; ++i)
      if (!parts[i].empty() && op_.has_output(i))
        op_.set(i, move_.stack(parts[i], batch_first_ ? 1 : 0));
  }

  // Direction d of input i, [directions, rows, columns] or [directions, rows].
  ValueId of_direction(size_t i, int64_t d) {
    const ValueId all = op_.input(i);
    List shape = dims(op_.shape(all));
    shape.erase(shape.begin());
    return move_.reshape(move_.slice_axis(all, 0, d, 1), shape);
  }

  // Rows of gate g, counted in their order.
  ValueId gate(ValueId stacked, int64_t g) {
    return move_.slice_axis(stacked, 0, g * units_, units_);
  }

  // Part 0 of the biases is the input's, part 1 the state's; zeros where there are none.
  ValueId bias(int64_t d, int64_t part) {
    const int64_t count = kind_.gates * units_;
    if (!op_.has_input(3))
      return op_.constant(ElementType::f32, {int32_t(count)}, std::vector<float>(size_t(count)));
    expect(3, {directions_, 2 * count});
    return move_.slice_axis(of_direction(3, d), 0, part * count, count);
  }
  ValueId whole_bias(int64_t d) {
    if (!op_.has_input(3)) return bias(d, 0);
    return op_.add(add_op, {bias(d, 0), bias(d, 1)}, {}, "bias");
  }

  // Input i, the state before the first step; -1 where it is not given or nothing but zeros.
  ValueId initial(size_t i, int64_t d) {
    if (!op_.has_input(i)) return -1;
    const ValueId all = op_.input(i);
    if (batch_first_)
      expect(i, {batches_, directions_, units_});
    else
      expect(i, {directions_, batches_, units_});
    if (op_.is_constant(all)) {
      const float* numbers = op_.value(all).as<float>();
      if (std::all_of(numbers, numbers + op_.value(all).elements(),
                      [](float v) { return v == 0.0f; }))
        return -1;
    }
    return move_.reshape(move_.slice_axis(all, batch_first_ ? 1 : 0, d, 1), {batches_, units_});
  }

  void expect(size_t i, const List& shape) {
    const ValueId id = op_.input(i);
    if (!op_.is_float(id) || dims(op_.shape(id)) != shape)
      op_.refuse("wrong-shape", "its input " + std::to_string(i) + " does not fit its weights");
  }

  int64_t units() const { return units_; }
  int64_t directions() const { return directions_; }

 private:
  void check_shapes() {
    const ValueId x = op_.input(0), w = op_.input(1), r = op_.input(2);
    if (!op_.is_float(x) || op_.shape(x).size() != 3 || op_.shape(w).size() != 3 ||
        op_.shape(r).size() != 3)
      op_.refuse("wrong-shape", "X, W and R must be float32 with three dimensions");
    units_ = op_.shape(r)[2];
    steps_ = op_.shape(x)[batch_first_ ? 1 : 0];
    batches_ = op_.shape(x)[batch_first_ ? 0 : 1];
    if (op_.integer("hidden_size", units_) != units_)
      op_.refuse("wrong-attribute", "hidden_size differs from the weights");
    expect(1, {directions_, kind_.gates * units_, op_.shape(x)[2]});
    expect(2, {directions_, kind_.gates * units_, units_});
  }

  void read_activations() {
    names_ = op_.texts("activations");
    alphas_ = op_.numbers("activation_alpha");
    betas_ = op_.numbers("activation_beta");
    if (names_.empty())
      for (int64_t d = 0; d < directions_; ++d)
        names_.insert(names_.end(), kind_.defaults.begin(), kind_.defaults.end());
    if (names_.size() != size_t(directions_) * kind_.functions.size())
      op_.refuse("wrong-attribute", "it must have " + std::to_string(kind_.functions.size()) +
                                        " activations a direction");
  }

  static double next(const std::vector<double>& list, size_t& at, size_t count, double otherwise) {
    if (count == 0 || at >= list.size()) return otherwise;
    return list[at++];
  }

  void add_activations(Attributes& attributes, size_t d) {
    std::vector<double> alphas, betas;
    for (size_t i = 0; i < kind_.functions.size(); ++i) {
      const Activation& row = activation_named(op_, names_[d * kind_.functions.size() + i]);
      attributes[kind_.functions[i]] = std::string(row.ours);
      alphas.push_back(next(alphas_, next_alpha_, row.alphas, row.alpha));
      betas.push_back(next(betas_, next_beta_, row.betas, row.beta));
    }
    attributes["alpha"] = alphas;
    attributes["beta"] = betas;
  }

  // -1 where every sequence has all steps.
  ValueId lengths() {
    if (!op_.has_input(4)) return -1;
    const ValueId id = op_.input(4);
    if (op_.is_float(id) || dims(op_.shape(id)) != List{batches_})
      op_.refuse("wrong-shape", "sequence_lens must be an integer a batch");
    if (op_.is_constant(id)) {
      const List all = op_.assembly().integers(id);
      if (std::all_of(all.begin(), all.end(), [&](int64_t n) { return n == steps_; })) return -1;
    }
    return op_.cast(id, ElementType::s32);
  }

  OperatorView& op_;
  Movement move_;
  Kind kind_;
  int64_t directions_ = 1, units_ = 0, steps_ = 0, batches_ = 0;
  bool reversed_ = false, batch_first_ = false;
  std::vector<std::string> names_;
  std::vector<double> alphas_, betas_;
  size_t next_alpha_ = 0, next_beta_ = 0;
  ValueId lengths_ = -1;
};

void import_rnn(OperatorView& op) {
  Layer layer(op, {rnn_op, 1, {"activation"}, {"Tanh"}});
  layer.import(
      [&](int64_t d) {
        return std::vector<ValueId>{op.input(0), layer.of_direction(1, d), layer.of_direction(2, d),
                                    layer.whole_bias(d)};
      },
      [&](int64_t d) { return std::vector<ValueId>{layer.initial(5, d)}; }, {});
}

// Gates in the order z, r, c there and here.
void import_gru(OperatorView& op) {
  Layer layer(op, {gru_op, 3, {"gate_activation", "candidate_activation"}, {"Sigmoid", "Tanh"}});
  layer.import(
      [&](int64_t d) {
        return std::vector<ValueId>{op.input(0), layer.of_direction(1, d), layer.of_direction(2, d),
                                    layer.bias(d, 0), layer.bias(d, 1)};
      },
      [&](int64_t d) { return std::vector<ValueId>{layer.initial(5, d)}; },
      {{"reset_after", int64_t(op.integer("linear_before_reset", 0) != 0)}});
}

// Gates in the order input, output, forget, cell there; input, forget, cell, output here.
// Peepholes in the order input, output, forget there; input, forget, output here.
void import_lstm(OperatorView& op) {
  Layer layer(op, {lstm_op,
                   4,
                   {"gate_activation", "cell_activation", "hidden_activation"},
                   {"Sigmoid", "Tanh", "Tanh"}});
  if (op.has_input(7)) layer.expect(7, {layer.directions(), 3 * layer.units()});
  layer.import(
      [&](int64_t d) {
        std::vector<ValueId> all{op.input(0)};
        for (ValueId stacked :
             {layer.of_direction(1, d), layer.of_direction(2, d), layer.whole_bias(d)})
          for (int64_t g : {0, 2, 3, 1}) all.push_back(layer.gate(stacked, g));
        return all;
      },
      [&](int64_t d) {
        std::vector<ValueId> all{layer.initial(5, d), layer.initial(6, d), -1, -1, -1};
        const int64_t gates[] = {0, 2, 1};
        for (size_t i = 0; i < 3 && op.has_input(7); ++i)
          all[2 + i] = layer.gate(layer.of_direction(7, d), gates[i]);
        return all;
      },
      {{"coupled", int64_t(op.integer("input_forget", 0) != 0)}});
}

constexpr ImportRule kRules[] = {{"GRU", import_gru}, {"LSTM", import_lstm}, {"RNN", import_rnn}};

}  // namespace

std::span<const ImportRule> recurrent_rules() { return kRules; }

}  // namespace mote::onnx
