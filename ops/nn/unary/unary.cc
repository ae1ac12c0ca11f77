// SPDX-License-Identifier: Apache-2.0
// Host half of unary: f32 | s8 | s16 | s32 | s64 of any shape -> the same type and shape; s8 and
// s16 with a scale get the output's scale from attributes.
#include "ops/nn/unary/unary.h"

#include "ops/activation.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/unary/functions.h"
#include "ops/nn/unary/lower_s16.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/unary/unary.h";

// Functions of integers that mean themselves.
struct IntegerRow {
  std::string_view name;
  Kernel s16, s32, s64;
};
#define MOTE_INTEGERS(function) \
  MOTE_KERNEL(function<int16_t>), MOTE_KERNEL(function<int32_t>), MOTE_KERNEL(function<int64_t>)
const IntegerRow kIntegerRows[] = {
    {"abs", MOTE_INTEGERS(abs_integers)},
    {"neg", MOTE_INTEGERS(neg_integers)},
    {"sign", MOTE_INTEGERS(sign_integers)},
    {"square", MOTE_INTEGERS(square_integers)},
};

const Kernel* integer_kernel(const NodeView& node) {
  const ElementType type = node.input(0).type;
  for (const IntegerRow& row : kIntegerRows) {
    if (row.name != node.text("function")) continue;
    if (type == ElementType::s16) return &row.s16;
    if (type == ElementType::s32) return &row.s32;
    if (type == ElementType::s64) return &row.s64;
  }
  return nullptr;
}

bool is_scaled(const Value& value) {
  return value.type == ElementType::s8 ||
         (value.type == ElementType::s16 && !value.quantization.empty());
}

// int16 with a scale: what two_slopes_s16 and rsqrt_s16 compute.
bool has_scaled_s16(const std::string& function) {
  return function == "abs" || function == "leaky_relu" || function == "rsqrt";
}

void check_type(const NodeView& node) {
  const Value& x = node.input(0);
  const std::string& function = node.text("function");
  const bool taken = x.type == ElementType::f32 || x.type == ElementType::s8 ||
                     (is_scaled(x) && has_scaled_s16(function)) ||
                     (x.quantization.empty() && integer_kernel(node));
  if (!taken)
    node.refuse("wrong-type",
                function + " does not take " + to_string(x.type) +
                    (x.quantization.empty() ? " without a scale" : " with a scale"),
                "use f32 or s8");
  if (is_scaled(x)) expect_one_scale(node, 0);
}

Inference infer(const NodeView& node) {
  unary_parameters(node);
  check_type(node);
  const Value& x = node.input(0);
  if (is_scaled(x)) return {{like_input(node, x.shape)}, {}};
  return {{{x.type, x.shape, {}, x.clock}}, {}};
}

KernelCall call_of(const char* params_type, const Kernel& kernel, const auto& params) {
  return make_kernel_call(kHeader, kernel, params_type, params).input(0);
}

KernelCall lower_s16(const NodeView& node) {
  if (node.text("function") == "rsqrt")
    return call_of("RsqrtParams", MOTE_KERNEL(rsqrt_s16), rsqrt_params(node)).output();
  return call_of("TwoSlopesParams", MOTE_KERNEL(two_slopes_s16), two_slopes_params(node, 65535))
      .output();
}

KernelCall lower_f32(const NodeView& node, int32_t count) {
  const UnaryFunction& function = *find_unary_function(node.text("function"));
  if (function.parameters.empty())
    return call_of("LookupParams", function.f32, LookupParams{count}).output();
  const UnaryParameters p = unary_parameters(node);
  const UnaryParametersF32 params{count, float(p.a), float(p.b)};
  return call_of("UnaryParametersF32", function.f32, params).output();
}

KernelCall lower(const NodeView& node) {
  const Value& x = node.input(0);
  const LookupParams params{int32_t(x.elements())};
  if (x.type == ElementType::f32) return lower_f32(node, params.count);
  if (x.type == ElementType::s8)
    return call_of("LookupParams", MOTE_KERNEL(lookup_s8), params)
        .constant("table", ElementType::s8, unary_table(node))
        .output();
  if (is_scaled(x)) return lower_s16(node);
  return call_of("LookupParams", *integer_kernel(node), params).output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantizer.replace(node, unary_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

std::vector<AttributeSpec> attributes() {
  std::string names;
  for (const UnaryFunction& function : unary_functions())
    names += (names.empty() ? "" : ", ") + std::string(function.name);
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back({"function", {}, names});
  all.push_back({"parameters", Attribute(std::vector<double>{}),
                 "alpha, or alpha and beta (selu: and gamma); none: ONNX's defaults"});
  return all;
}

}  // namespace

const OpDef unary_op{
    .name = "unary",
    .room = "nn",
    .summary = "a function of each number; f32, s8 (a table), for some s16, s32, s64",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize,
};

}  // namespace mote
