// SPDX-License-Identifier: Apache-2.0
// Functions of one operand, activations among them. See rules.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// Rows whose function is one of ours without parameters.
struct Plain {
  std::string_view target;
  const char* function;
};
constexpr Plain kPlain[] = {
    {"aten.abs.default", "abs"},     {"aten.acos.default", "acos"},
    {"aten.acosh.default", "acosh"}, {"aten.asin.default", "asin"},
    {"aten.asinh.default", "asinh"}, {"aten.atan.default", "atan"},
    {"aten.atanh.default", "atanh"}, {"aten.ceil.default", "ceil"},
    {"aten.cos.default", "cos"},     {"aten.cosh.default", "cosh"},
    {"aten.erf.default", "erf"},     {"aten.exp.default", "exp"},
    {"aten.floor.default", "floor"}, {"aten.hardswish.default", "hard_swish"},
    {"aten.log.default", "log"},     {"aten.mish.default", "mish"},
    {"aten.neg.default", "neg"},     {"aten.reciprocal.default", "reciprocal"},
    {"aten.round.default", "round"}, {"aten.rsqrt.default", "rsqrt"},
    {"aten.sign.default", "sign"},   {"aten.silu.default", "silu"},
    {"aten.sin.default", "sin"},     {"aten.sinh.default", "sinh"},
    {"aten.sqrt.default", "sqrt"},   {"aten.square.default", "square"},
    {"aten.tan.default", "tan"}};

void import_plain(CallView& op) {
  const auto* row = std::find_if(std::begin(kPlain), std::end(kPlain), [&](const Plain& plain) {
    return plain.target == op.rule_target();
  });
  op.set(op.unary(row->function, op.tensor("self")));
}

void fused(CallView& op, ValueId x, const char* activation) {
  op.set(op.add(activation_op, {x}, {{"activation", std::string(activation)}}));
}

void import_relu(CallView& op) {
  const ValueId x = op.tensor("self");
  if (!op.is_float(x)) return op.set(op.add(maximum_op, {x, op.scalar(op.value(x).type, 0)}));
  fused(op, x, "relu");
}
void import_relu6(CallView& op) { fused(op, op.float_tensor("self"), "relu6"); }

// Bounds that are a layer's usual ones are its activation.
void clamp(CallView& op, double low, double high) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ValueId x = op.tensor("self");
  if (op.is_float(x)) {
    if (low == 0 && high == kInfinity) return fused(op, x, "relu");
    if (low == 0 && high == 6) return fused(op, x, "relu6");
    if (low == -1 && high == 1) return fused(op, x, "relu_n1_to_1");
    if (low == 0 && high == 1) return fused(op, x, "relu_0_to_1");
  }
  const ElementType type = op.value(x).type;
  const Quantization steps = op.value(x).quantization;
  if (low != -kInfinity) x = op.add(maximum_op, {x, op.scalar(type, low, steps)}, {}, "min");
  if (high != kInfinity) x = op.add(minimum_op, {x, op.scalar(type, high, steps)}, {}, "max");
  op.set(x);
}
void import_hardtanh(CallView& op) { clamp(op, op.number("min_val", -1), op.number("max_val", 1)); }
void import_clamp(CallView& op) {
  const double infinity = std::numeric_limits<double>::infinity();
  clamp(op, op.number("min", -infinity), op.number("max", infinity));
}
void import_clamp_tensor(CallView& op) {
  ValueId x = op.tensor("self");
  if (op.has("min")) x = op.add(maximum_op, {x, op.tensor("min")}, {}, "min");
  if (op.has("max")) x = op.add(minimum_op, {x, op.tensor("max")}, {}, "max");
  op.set(x);
}

void import_sigmoid(CallView& op) { op.set(op.add(logistic_op, {op.float_tensor("self")})); }
void import_tanh(CallView& op) { op.set(op.add(tanh_op, {op.float_tensor("self")})); }
void import_gelu(CallView& op) {
  const bool tanh = op.text("approximate", "none") == "tanh";
  op.set(op.unary(tanh ? "gelu_tanh" : "gelu", op.float_tensor("self")));
}
// max(0, min(1, x / 6 + 1 / 2)).
void import_hardsigmoid(CallView& op) {
  op.set(op.unary("hard_sigmoid", op.float_tensor("self"), {1.0 / 6, 0.5}));
}
void import_leaky_relu(CallView& op) {
  op.set(op.unary("leaky_relu", op.float_tensor("self"), {op.number("negative_slope", 0.01)}));
}

// scale (x above 0, alpha (e^(x input_scale) - 1) below).
void import_elu(CallView& op) {
  const ValueId x = op.float_tensor("self");
  const double alpha = op.number("alpha", 1), scale = op.number("scale", 1);
  if (op.number("input_scale", 1) != 1) op.refuse("wrong-argument", "input_scale must be 1");
  if (scale == 1) return op.set(op.unary("elu", x, {alpha}));
  op.set(op.unary("selu", x, {alpha, scale}));
}
void import_selu(CallView& op) {
  op.set(op.unary("selu", op.float_tensor("self"),
                  {1.6732632423543772848170429916717, 1.0507009873554804934193349852946}));
}
void import_celu(CallView& op) {
  op.set(op.unary("celu", op.float_tensor("self"), {op.number("alpha", 1)}));
}

// One slope, or one a channel, which is dimension 1.
void import_prelu(CallView& op) {
  const ValueId x = op.float_tensor("self");
  ValueId slope = op.constant_tensor("weight");
  const Shape shape = op.shape(slope);
  if (shape.size() == 1 && shape[0] > 1 && op.shape(x).size() > 2) {
    List wanted(op.shape(x).size() - 1, 1);
    wanted[0] = shape[0];
    slope = op.move().reshape(slope, wanted);
  }
  op.set(op.add(prelu_op, {x, slope}));
}

// log(1 + e^(beta x)) / beta; beyond PyTorch's threshold the two are equal in float32.
ValueId softplus(CallView& op, ValueId x, double beta) {
  if (beta == 1) return op.unary("softplus", x);
  const ValueId factor = op.scalar(ElementType::f32, beta);
  const ValueId y = op.unary("softplus", op.add(mul_op, {x, factor}, {}, "scaled"));
  return op.add(div_op, {y, factor}, {}, "unscaled");
}
void import_softplus(CallView& op) {
  const double beta = op.number("beta", 1);
  op.ignore("threshold");
  if (!(beta > 0)) op.refuse("wrong-argument", "beta must be above 0");
  op.set(softplus(op, op.float_tensor("self"), beta));
}
void import_log_sigmoid(CallView& op) {
  const ValueId minus = op.unary("neg", op.float_tensor("self"));
  op.set(op.unary("neg", softplus(op, minus, 1)));
}

// x where it is above, `value` elsewhere.
void import_threshold(CallView& op) {
  const ValueId x = op.float_tensor("self");
  const auto number = [&](const char* name) {
    return op.scalar(ElementType::f32, op.number(name, 0));
  };
  const ValueId above = op.add(greater_op, {x, number("threshold")}, {}, "above");
  op.set(op.add(where_op, {above, x, number("value")}));
}

// The first half times the logistic of the second.
void import_glu(CallView& op) {
  const ValueId x = op.float_tensor("self");
  const size_t axis = op.dimension(op.integer("dim", -1), op.shape(x).size());
  const int64_t half = op.shape(x).at(axis) / 2;
  const std::vector<ValueId> parts = op.move().split(x, axis, {half, half});
  op.set(op.add(mul_op, {parts[0], op.add(logistic_op, {parts[1]}, {}, "gate")}));
}

template <int kBase>
void import_log(CallView& op) {
  const ValueId natural = op.unary("log", op.float_tensor("self"));
  op.set(op.add(mul_op, {natural, op.scalar(ElementType::f32, 1 / std::log(double(kBase)))}));
}

// The answer's error is that of e^x and log(1 + x): half a step of 1, for small x, too.
void import_expm1(CallView& op) {
  const ValueId power = op.unary("exp", op.float_tensor("self"));
  op.set(op.add(sub_op, {power, op.scalar(ElementType::f32, 1)}));
}
void import_log1p(CallView& op) {
  const ValueId one = op.scalar(ElementType::f32, 1);
  op.set(op.unary("log", op.add(add_op, {op.float_tensor("self"), one}, {}, "more")));
}

constexpr ImportRule kRules[] = {
    {"aten._prelu_kernel.default", "self weight", import_prelu},
    {"aten.abs.default", "self", import_plain},
    {"aten.acos.default", "self", import_plain},
    {"aten.acosh.default", "self", import_plain},
    {"aten.asin.default", "self", import_plain},
    {"aten.asinh.default", "self", import_plain},
    {"aten.atan.default", "self", import_plain},
    {"aten.atanh.default", "self", import_plain},
    {"aten.ceil.default", "self", import_plain},
    {"aten.celu.default", "self alpha", import_celu},
    {"aten.clamp.Tensor", "self min max", import_clamp_tensor},
    {"aten.clamp.default", "self min max", import_clamp},
    {"aten.clamp_max.default", "self max", import_clamp},
    {"aten.clamp_min.default", "self min", import_clamp},
    {"aten.cos.default", "self", import_plain},
    {"aten.cosh.default", "self", import_plain},
    {"aten.elu.default", "self alpha scale input_scale", import_elu},
    {"aten.erf.default", "self", import_plain},
    {"aten.exp.default", "self", import_plain},
    {"aten.expm1.default", "self", import_expm1},
    {"aten.floor.default", "self", import_plain},
    {"aten.gelu.default", "self approximate", import_gelu},
    {"aten.glu.default", "self dim", import_glu},
    {"aten.hardsigmoid.default", "self", import_hardsigmoid},
    {"aten.hardswish.default", "self", import_plain},
    {"aten.hardtanh.default", "self min_val max_val", import_hardtanh},
    {"aten.leaky_relu.default", "self negative_slope", import_leaky_relu},
    {"aten.log.default", "self", import_plain},
    {"aten.log10.default", "self", import_log<10>},
    {"aten.log1p.default", "self", import_log1p},
    {"aten.log2.default", "self", import_log<2>},
    {"aten.log_sigmoid.default", "self", import_log_sigmoid},
    {"aten.mish.default", "self", import_plain},
    {"aten.neg.default", "self", import_plain},
    {"aten.prelu.default", "self weight", import_prelu},
    {"aten.reciprocal.default", "self", import_plain},
    {"aten.relu.default", "self", import_relu},
    {"aten.relu6.default", "self", import_relu6},
    {"aten.round.default", "self", import_plain},
    {"aten.rsqrt.default", "self", import_plain},
    {"aten.selu.default", "self", import_selu},
    {"aten.sigmoid.default", "self", import_sigmoid},
    {"aten.sign.default", "self", import_plain},
    {"aten.silu.default", "self", import_plain},
    {"aten.sin.default", "self", import_plain},
    {"aten.sinh.default", "self", import_plain},
    {"aten.softplus.default", "self beta threshold", import_softplus},
    {"aten.sqrt.default", "self", import_plain},
    {"aten.square.default", "self", import_plain},
    {"aten.tan.default", "self", import_plain},
    {"aten.tanh.default", "self", import_tanh},
    {"aten.threshold.default", "self threshold value", import_threshold},
};

}  // namespace

std::span<const ImportRule> activation_rules() { return kRules; }

}  // namespace mote::pytorch
