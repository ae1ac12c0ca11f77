// SPDX-License-Identifier: Apache-2.0
// Scales of cortex_m's layers, from what reads their numbers. See rules.h.
#include <algorithm>
#include <array>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// Where a call says the zero point (as it is, or negated) and perhaps the scale of a tensor that it
// reads: names of arguments.
struct Said {
  std::string_view tensor;
  std::string_view zero_point;
  bool negated = false;
  std::string_view scale = {};
};
struct SayingCall {
  std::string_view target;
  std::array<Said, 2> said;
};
constexpr SayingCall kSaying[] = {
    {"cortex_m.dequantize_per_tensor.default", {{{"input", "zero_point", false, "scale"}}}},
    {"cortex_m.quantized_add.default",
     {{{"self", "self_zero_point"}, {"other", "other_zero_point"}}}},
    {"cortex_m.quantized_batch_matmul.default",
     {{{"lhs", "lhs_offset", true}, {"rhs", "rhs_offset", true}}}},
    {"cortex_m.quantized_conv2d.default", {{{"input", "input_offset", true}}}},
    {"cortex_m.quantized_depthwise_conv2d.default", {{{"input", "input_offset", true}}}},
    {"cortex_m.quantized_linear.default", {{{"input", "input_offset", true}}}},
    {"cortex_m.quantized_max_pool2d.default", {{{"input", "input_zero_point"}}}},
    {"cortex_m.quantized_mul.default",
     {{{"self", "self_zero_point"}, {"other", "other_zero_point"}}}},
    {"cortex_m.quantized_transpose_conv2d.default", {{{"input", "input_offset", true}}}},
    {"cortex_m.softmax.default", {{{"input", "input_zero_point"}}}},
};

// Calls whose output has the scale and zero point of all that they read; views have it, too.
constexpr std::string_view kKeeping[] = {"aten.cat.default",
                                         "aten.clamp.default",
                                         "aten.clone.default",
                                         "cortex_m.maximum.default",
                                         "cortex_m.minimum.default",
                                         "cortex_m.pad.default",
                                         "cortex_m.quantized_avg_pool2d.default",
                                         "cortex_m.quantized_max_pool2d.default",
                                         "cortex_m.transpose.default",
                                         "dim_order_ops._clone_dim_order.default"};

using Expected = std::map<std::string, Quantization>;

const Argument* find(const Call& call, std::string_view name) {
  for (const auto& [given, argument] : call.arguments)
    if (given == name) return &argument;
  return nullptr;
}

Quantization said_quantization(const Call& call, const Said& said) {
  const Argument* zero = find(call, said.zero_point);
  const auto* number = zero ? std::get_if<int64_t>(zero) : nullptr;
  if (!number) return {};
  const auto bounded = int32_t(std::clamp<int64_t>(*number, -65536, 65536));
  const Argument* scale = said.scale.empty() ? nullptr : find(call, said.scale);
  const auto* real = scale ? std::get_if<double>(scale) : nullptr;
  return per_tensor(real ? float(*real) : 1.0f, said.negated ? -bounded : bounded);
}

// What is said first stays, but for a scale where only a zero point was said.
void expect(Expected& expected, const std::string& tensor, const Quantization& given) {
  if (given.empty()) return;
  Quantization& known = expected[tensor];
  const bool says_scale = given.scale() != 1.0f;
  if (known.empty() || (says_scale && known.scale() == 1.0f)) known = given;
}

void carry_back(Expected& expected, const Call& call) {
  const auto* row =
      std::find_if(std::begin(kSaying), std::end(kSaying),
                   [&](const SayingCall& each) { return each.target == call.target; });
  if (row != std::end(kSaying))
    for (const Said& said : row->said)
      if (const Argument* tensor = find(call, said.tensor))
        if (const auto* named = std::get_if<TensorName>(tensor))
          expect(expected, named->name, said_quantization(call, said));
  const ImportRule* rule = find_rule(call.target);
  const bool keeps =
      rule && (may_be_view(*rule) || std::find(std::begin(kKeeping), std::end(kKeeping),
                                               rule->target) != std::end(kKeeping));
  const auto kept = call.outputs.empty() ? expected.end() : expected.find(call.outputs[0]);
  if (!keeps || kept == expected.end()) return;
  const Quantization quantization = kept->second;
  for (const auto& [name, argument] : call.arguments) {
    if (const auto* tensor = std::get_if<TensorName>(&argument))
      expect(expected, tensor->name, quantization);
    if (const auto* list = std::get_if<std::vector<TensorName>>(&argument))
      for (const TensorName& tensor : *list) expect(expected, tensor.name, quantization);
  }
}

}  // namespace

Program with_expected_scales(Program program) {
  const bool any = std::any_of(program.calls.begin(), program.calls.end(), [](const Call& call) {
    return call.target.starts_with("cortex_m.");
  });
  if (!any) return program;
  Expected expected;
  for (auto call = program.calls.rbegin(); call != program.calls.rend(); ++call)
    carry_back(expected, *call);
  for (auto& [name, meta] : program.tensors) {
    const auto known = expected.find(name);
    const bool integers = meta.type == ElementType::s8 || meta.type == ElementType::s16;
    if (integers && known != expected.end()) meta.quantization = known->second;
  }
  return program;
}

}  // namespace mote::pytorch
