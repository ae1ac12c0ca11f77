// SPDX-License-Identifier: Apache-2.0
// Batch norms behind convolutions, folded into their weights.
//
//   before  y = conv(x, W, b), z = batch_norm(y) = y a + c, nobody else reads y
//   after   z = conv(x, W a, b a + c), a channel each
//
// Only weights that no other call reads, so that nothing is there twice.
// Computed in double and rounded once: the answer differs from PyTorch's by float rounding alone.
#include <algorithm>
#include <cmath>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

const Argument* find(const Call& call, const std::string& name, size_t position) {
  for (size_t i = 0; i < call.arguments.size(); ++i)
    if (call.arguments[i].first == name || (call.arguments[i].first.empty() && i == position))
      return &call.arguments[i].second;
  return nullptr;
}

std::string tensor_name(const Call& call, const std::string& name, size_t position) {
  const Argument* argument = find(call, name, position);
  const auto* tensor = argument ? std::get_if<TensorName>(argument) : nullptr;
  return tensor ? tensor->name : "";
}

bool is_convolution(const Call& call) {
  for (const char* target : {"aten.conv1d.default", "aten.conv2d.default", "aten.conv3d.default"})
    if (call.target == target) return true;
  if (call.target != "aten.convolution.default") return false;
  const Argument* transposed = find(call, "transposed", 6);
  const auto* truth = transposed ? std::get_if<bool>(transposed) : nullptr;
  return truth && !*truth;
}

// Position of eps; 0: no batch norm of inference.
size_t epsilon_at(const Call& call) {
  if (call.target == "aten._native_batch_norm_legit_no_training.default") return 6;
  if (call.target != "aten.batch_norm.default") return 0;
  const Argument* training = find(call, "training", 5);
  const auto* truth = training ? std::get_if<bool>(training) : nullptr;
  return truth && !*truth ? 7 : 0;
}

class Folding {
 public:
  explicit Folding(Program& program) : program_(program) {
    for (size_t c = 0; c < program.calls.size(); ++c) {
      for (const auto& [name, argument] : program.calls[c].arguments) {
        if (const auto* tensor = std::get_if<TensorName>(&argument)) ++reads_[tensor->name];
        if (const auto* list = std::get_if<std::vector<TensorName>>(&argument))
          for (const TensorName& tensor : *list) ++reads_[tensor.name];
      }
      if (is_convolution(program.calls[c]) && program.calls[c].outputs.size() == 1)
        convolutions_[program.calls[c].outputs[0]] = c;
    }
    for (const std::string& name : program.outputs) ++reads_[name];
  }

  void run() {
    std::vector<Call> kept;
    std::vector<bool> gone(program_.calls.size());
    for (size_t c = 0; c < program_.calls.size(); ++c) gone[c] = fold(program_.calls[c]);
    for (size_t c = 0; c < program_.calls.size(); ++c)
      if (!gone[c]) kept.push_back(std::move(program_.calls[c]));
    program_.calls = std::move(kept);
  }

 private:
  // float32 of `count` numbers; null: it is something else. An empty name: none is given.
  const Constant* constant(const std::string& name) const {
    const auto found = program_.constants.find(name);
    if (found == program_.constants.end() || found->second.meta.type != ElementType::f32)
      return nullptr;
    return &found->second;
  }
  static double at(const Constant* constant, int64_t i, double otherwise) {
    return constant ? double(reinterpret_cast<const float*>(constant->data.data())[i]) : otherwise;
  }
  static Constant make(const Shape& shape, const std::vector<float>& numbers) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
    return {{ElementType::f32, shape}, Bytes(bytes, bytes + numbers.size() * sizeof(float))};
  }

  bool fold(const Call& norm) {
    const size_t epsilon = epsilon_at(norm);
    const auto source = convolutions_.find(tensor_name(norm, "input", 0));
    if (epsilon == 0 || norm.outputs.empty() || source == convolutions_.end() ||
        reads_[source->first] != 1)
      return false;
    for (size_t i = 1; i < norm.outputs.size(); ++i)
      if (reads_[norm.outputs[i]] > 0) return false;
    const Argument* eps = find(norm, "eps", epsilon);
    const auto* added = eps ? std::get_if<double>(eps) : nullptr;
    return added && fold_into(program_.calls[source->second], norm, *added);
  }

  bool fold_into(Call& conv, const Call& norm, double epsilon) {
    const std::string names[] = {
        tensor_name(conv, "weight", 1),       tensor_name(conv, "bias", 2),
        tensor_name(norm, "weight", 1),       tensor_name(norm, "bias", 2),
        tensor_name(norm, "running_mean", 3), tensor_name(norm, "running_var", 4)};
    const Constant* c[6];
    for (size_t i = 0; i < 6; ++i) {
      c[i] = constant(names[i]);
      const bool optional = i == 1 || i == 2 || i == 3;
      if (!c[i] && !(optional && names[i].empty())) return false;
    }
    const Shape shape = c[0]->meta.shape;
    if (shape.empty() || reads_[names[0]] != 1 || conv.arguments.size() < 2) return false;
    for (size_t i = 1; i < 6; ++i)
      if (c[i] && c[i]->meta.shape != Shape{shape[0]}) return false;
    std::vector<float> weights, bias;
    const int64_t each = element_count(shape) / std::max(shape[0], 1);
    for (int64_t m = 0; m < shape[0]; ++m) {
      const double a = at(c[2], m, 1) / std::sqrt(at(c[5], m, 1) + epsilon);
      for (int64_t i = 0; i < each; ++i) weights.push_back(float(at(c[0], m * each + i, 0) * a));
      bias.push_back(float((at(c[1], m, 0) - at(c[4], m, 0)) * a + at(c[3], m, 0)));
    }
    replace(conv, norm, make(shape, weights), make({shape[0]}, bias));
    return true;
  }

  std::string unused(std::string name) const {
    while (program_.constants.count(name) || program_.tensors.count(name)) name += "_";
    return name;
  }

  // Names of constants stay what they are elsewhere: the folded ones are new.
  void replace(Call& conv, const Call& norm, Constant weights, Constant bias) {
    const std::string output = norm.outputs[0];
    const std::string names[] = {unused(output + "_weight"), unused(output + "_bias")};
    program_.constants[names[0]] = std::move(weights);
    program_.constants[names[1]] = std::move(bias);
    const char* called[] = {"weight", "bias"};
    for (size_t i = 0; i < 2; ++i) {
      auto found = std::find_if(conv.arguments.begin(), conv.arguments.end(),
                                [&](const auto& argument) { return argument.first == called[i]; });
      if (conv.arguments[0].first.empty() && conv.arguments.size() > i + 1)
        found = conv.arguments.begin() + int64_t(i) + 1;
      if (found == conv.arguments.end())
        conv.arguments.insert(conv.arguments.begin() + 2, {called[i], TensorName{names[i]}});
      else
        found->second = TensorName{names[i]};
    }
    convolutions_.erase(conv.outputs[0]);
    conv.outputs = {output};
  }

  Program& program_;
  std::map<std::string, int> reads_;
  std::map<std::string, size_t> convolutions_;
};

}  // namespace

Program with_folded_batch_norms(Program program) {
  Folding(program).run();
  return program;
}

}  // namespace mote::pytorch
