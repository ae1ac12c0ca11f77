// SPDX-License-Identifier: Apache-2.0
// See sequence_layer.h.
#include "ops/nn/sequence_layer.h"

#include <cmath>
#include <limits>

#include "graph/text.h"
#include "ops/nn/recurrent_activation.h"
#include "ops/nn/scale_ratio.h"

namespace mote {
namespace {

struct ActivationRow {
  const char* name;
  int32_t code;
  float alpha, beta;  // unless the node says others
};
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr ActivationRow kActivations[] = {
    {"tanh", kRecurrentTanh, 0, 0},
    {"logistic", kRecurrentLogistic, 0, 0},
    {"none", kRecurrentClamp, -kLargest, kLargest},
    {"relu", kRecurrentClamp, 0, kLargest},
    {"relu6", kRecurrentClamp, 0, 6},
    {"relu_n1_to_1", kRecurrentClamp, -1, 1},
    {"affine", kRecurrentAffine, 1, 0},
    {"leaky_relu", kRecurrentLeakyRelu, 0.01f, 0},
    {"elu", kRecurrentElu, 1, 0},
    {"hard_sigmoid", kRecurrentHardSigmoid, 0.2f, 0.5f},
    {"scaled_tanh", kRecurrentScaledTanh, 1, 1},
    {"thresholded_relu", kRecurrentThresholdedRelu, 1, 0},
    {"softsign", kRecurrentSoftsign, 0, 0},
    {"softplus", kRecurrentSoftplus, 0, 0},
};

float parameter(const NodeView& node, const char* name, size_t i, float otherwise) {
  const std::vector<double>& all = node.numbers(name);
  const double value = i < all.size() ? all[i] : double(otherwise);
  if (i < all.size() && !std::isfinite(float(value)))
    node.refuse("wrong-attribute", std::string(name) + " is not a finite number");
  return float(value);
}

}  // namespace

std::vector<AttributeSpec> sequence_attributes() {
  return {
      {"time_major", Attribute(int64_t{0}), "1: the input is [steps, batches, inputs]"},
      {"reverse", Attribute(int64_t{0}), "1: from the last step to the first"},
      {"keeps_state", Attribute(int64_t{1}), "0: every run starts from the initial state"},
      {"final_state", Attribute(int64_t{0}), "1: the state after the last step is an output, too"}};
}

SequenceSizes sequence_sizes(const NodeView& node, size_t weights, int32_t gates) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(weights).shape;
  if (x.size() != 3 || node.input(0).elements() < 1)
    node.refuse("wrong-shape", "the input must be [batches, steps, inputs]");
  if (w.size() != 2 || w[1] != x[2] || w[0] < gates || w[0] % gates != 0)
    node.refuse("wrong-shape", "the weights of the input must be [units, inputs]");
  const bool time_major = node.integer("time_major") != 0;
  SequenceSizes sizes{};
  sizes.batches = x[time_major ? 1 : 0];
  sizes.steps = x[time_major ? 0 : 1];
  sizes.inputs = x[2];
  sizes.units = w[0] / gates;
  sizes.batch_rows = time_major ? 1 : sizes.steps;
  sizes.step_rows = time_major ? sizes.batches : 1;
  sizes.reverse = node.integer("reverse") != 0;
  sizes.keeps_state = node.integer("keeps_state") != 0;
  const int64_t rows = int64_t(sizes.batches) * sizes.steps;
  if (sizes.units > 32768 || sizes.inputs > 32768 || rows * sizes.units > INT32_MAX / 8)
    node.refuse("wrong-shape", "the sequence or its layer is too large",
                "32768 inputs and units are the most");
  return sizes;
}

Shape sequence_output(const NodeView& node, int32_t units) {
  Shape shape = node.input(0).shape;
  shape.back() = units;
  return shape;
}

void expect_tensor(const NodeView& node, size_t i, ElementType type, const Shape& shape) {
  const std::string which = "input " + std::to_string(i);
  if (!node.has_input(i)) node.refuse("missing-input", which + " is not given");
  const Value& value = node.input(i);
  if (value.type != type || value.shape != shape)
    node.refuse("wrong-shape", which + " is " + print_type(value.type, value.shape) +
                                   ", expected " + print_type(type, shape));
}

void check_initial(const NodeView& node, const SequenceSizes& sizes, size_t i,
                   const StateForm& form) {
  if (!node.has_input(i)) return;
  expect_tensor(node, i, form.type, {sizes.batches, sizes.units});
  if (!(node.input(i).quantization == form.quantization))
    node.refuse("wrong-quantization", "input " + std::to_string(i) + " has another scale",
                "bring it to the state's scale");
  if (sizes.keeps_state)
    node.refuse("wrong-attribute", "an initial state is given, but keeps_state is 1");
}

void check_options(const NodeView& node, const SequenceSizes& sizes, SequenceOptions at) {
  if (node.has_input(at.initial)) {
    const Quantization& own = node.input(at.initial).quantization;
    check_initial(node, sizes, at.initial, {node.input(0).type, own});
    if (node.input(0).type != ElementType::f32) expect_one_scale(node, at.initial);
    if (node.input(0).type == ElementType::s16 && own.zero_point() != 0)
      node.refuse("wrong-quantization", "an s16 state must have zero point 0");
  }
  if (node.has_input(at.lengths))
    expect_tensor(node, at.lengths, ElementType::s32, {sizes.batches});
}

void add_optional(KernelCall& call, const NodeView& node, size_t i) {
  if (node.has_input(i))
    call.input(int32_t(i));
  else
    call.null();
}

void add_final(KernelCall& call, const NodeView& node, size_t i) {
  if (i < node.node().outputs.size())
    call.output(int32_t(i));
  else
    call.null();
}

void add_final_states(const NodeView& node, Inference& inference,
                      const std::vector<StateForm>& forms) {
  if (node.integer("final_state") == 0) return;
  for (size_t i = 0; i < forms.size(); ++i)
    inference.outputs.push_back({forms[i].type, inference.states.at(i).shape, forms[i].quantization,
                                 inference.outputs[0].clock});
}

std::vector<AttributeSpec> recurrent_attributes(std::span<const RecurrentFunction> functions) {
  std::vector<AttributeSpec> all = sequence_attributes();
  for (const RecurrentFunction& f : functions)
    all.push_back({f.attribute, Attribute(std::string(f.initial)), f.summary});
  all.push_back({"alpha", Attribute(std::vector<double>{}),
                 "first parameter of each activation; empty: its own"});
  all.push_back({"beta", Attribute(std::vector<double>{}), "the second"});
  all.push_back({"clip", Attribute(0.0), "magnitude that sums of gates are cut to; 0: none"});
  return all;
}

RecurrentActivationParams recurrent_activation(const NodeView& node, const char* attribute,
                                               size_t i) {
  const std::string& name = node.text(attribute);
  for (const ActivationRow& row : kActivations) {
    if (name != row.name) continue;
    if (row.code == kRecurrentClamp) return {row.code, row.alpha, row.beta};
    return {row.code, parameter(node, "alpha", i, row.alpha), parameter(node, "beta", i, row.beta)};
  }
  node.refuse("unknown-activation", std::string(attribute) + " '" + name + "' is unknown",
              "use tanh, logistic, relu or another of docs/operators.md");
}

float recurrent_clip(const NodeView& node) {
  const double clip = node.number("clip");
  if (!(clip >= 0) || !(clip < 1e30))
    node.refuse("wrong-attribute", "clip must be a number of at least 0");
  return float(clip);
}

bool is_plain_recurrent(const NodeView& node, std::span<const RecurrentFunction> functions) {
  for (const RecurrentFunction& f : functions)
    if (node.text(f.attribute) != f.initial) return false;
  return recurrent_clip(node) == 0;
}

}  // namespace mote
