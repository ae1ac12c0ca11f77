// SPDX-License-Identifier: Apache-2.0
// See functions.h.
#include "ops/nn/unary/functions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/nn/unary/unary.h"

namespace mote {
namespace {

// The double form of a function without parameters.
template <double (*F)(double)>
double plain(double x, double, double) {
  return F(x);
}

double relu(double x) { return x > 0 ? x : 0; }
double softplus(double x) { return relu(x) + std::log1p(std::exp(-std::fabs(x))); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double gelu(double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); }
double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}
double silu(double x) { return x * logistic(x); }
double softsign(double x) { return x / (1 + std::fabs(x)); }
double mish(double x) { return x * std::tanh(softplus(x)); }
double hard_swish(double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }
double negated(double x) { return -x; }
double square(double x) { return x * x; }
double reciprocal(double x) { return 1 / x; }
double rsqrt(double x) { return 1 / std::sqrt(x); }
double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

double leaky_relu(double x, double a, double) { return x > 0 ? x : a * x; }
double elu(double x, double a, double) { return x > 0 ? x : a * std::expm1(x); }
double celu(double x, double a, double) { return x > 0 ? x : a * std::expm1(x / a); }
double selu(double x, double a, double b) { return b * elu(x, a, 0); }
double hard_sigmoid(double x, double a, double b) { return std::clamp(a * x + b, 0.0, 1.0); }
double thresholded_relu(double x, double a, double) { return x > a ? x : 0; }

#define MOTE_UNARY(function) MOTE_KERNEL(unary_f32<mote::function>)
#define MOTE_UNARY_WITH(function) MOTE_KERNEL(unary_with_f32<mote::function>)

}  // namespace

// Made when it is first asked for: the OpDef, a global of another file, asks.
std::span<const UnaryFunction> unary_functions() {
  static const UnaryFunction kFunctions[] = {
      {"abs", plain<std::fabs>, MOTE_UNARY(abs_f32), {}},
      {"acos", plain<std::acos>, MOTE_UNARY(acos_f32), {}},
      {"acosh", plain<std::acosh>, MOTE_UNARY(acosh_f32), {}},
      {"asin", plain<std::asin>, MOTE_UNARY(asin_f32), {}},
      {"asinh", plain<std::asinh>, MOTE_UNARY(asinh_f32), {}},
      {"atan", plain<std::atan>, MOTE_UNARY(atan_f32), {}},
      {"atanh", plain<std::atanh>, MOTE_UNARY(atanh_f32), {}},
      {"ceil", plain<std::ceil>, MOTE_UNARY(ceil_f32), {}},
      {"celu", celu, MOTE_UNARY_WITH(celu_f32), {1.0}},
      {"cos", plain<std::cos>, MOTE_UNARY(cos_f32), {}},
      {"cosh", plain<std::cosh>, MOTE_UNARY(cosh_f32), {}},
      {"elu", elu, MOTE_UNARY_WITH(elu_f32), {1.0}},
      {"erf", plain<std::erf>, MOTE_UNARY(erf_f32), {}},
      {"exp", plain<std::exp>, MOTE_UNARY(exp_f32), {}},
      {"floor", plain<std::floor>, MOTE_UNARY(floor_f32), {}},
      {"gelu", plain<gelu>, MOTE_UNARY(gelu_f32), {}},
      {"gelu_tanh", plain<gelu_tanh>, MOTE_UNARY(gelu_tanh_f32), {}},
      {"hard_sigmoid", hard_sigmoid, MOTE_UNARY_WITH(hard_sigmoid_f32), {0.2, 0.5}},
      {"hard_swish", plain<hard_swish>, MOTE_UNARY(hard_swish_f32), {}},
      {"leaky_relu", leaky_relu, MOTE_UNARY_WITH(leaky_relu_f32), {0.01}},
      {"log", plain<std::log>, MOTE_UNARY(log_f32), {}},
      {"logistic", plain<logistic>, MOTE_UNARY(logistic_f32), {}},
      {"mish", plain<mish>, MOTE_UNARY(mish_f32), {}},
      {"neg", plain<negated>, MOTE_UNARY(neg_f32), {}},
      {"reciprocal", plain<reciprocal>, MOTE_UNARY(reciprocal_f32), {}},
      {"round", plain<std::nearbyint>, MOTE_UNARY(round_even_f32), {}},
      {"rsqrt", plain<rsqrt>, MOTE_UNARY(rsqrt_f32), {}},
      {"selu",
       selu,
       MOTE_UNARY_WITH(selu_f32),
       {1.67326319217681884765625, 1.05070102214813232421875}},
      {"sign", plain<sign>, MOTE_UNARY(sign_f32), {}},
      {"silu", plain<silu>, MOTE_UNARY(silu_f32), {}},
      {"sin", plain<std::sin>, MOTE_UNARY(sin_f32), {}},
      {"sinh", plain<std::sinh>, MOTE_UNARY(sinh_f32), {}},
      {"softplus", plain<softplus>, MOTE_UNARY(softplus_f32), {}},
      {"softsign", plain<softsign>, MOTE_UNARY(softsign_f32), {}},
      {"sqrt", plain<std::sqrt>, MOTE_UNARY(sqrt_f32), {}},
      {"square", plain<square>, MOTE_UNARY(square_f32), {}},
      {"tan", plain<std::tan>, MOTE_UNARY(tan_f32), {}},
      {"tanh", plain<std::tanh>, MOTE_UNARY(tanh_f32), {}},
      {"thresholded_relu", thresholded_relu, MOTE_UNARY_WITH(thresholded_relu_f32), {1.0}},
  };
  return kFunctions;
}

const UnaryFunction* find_unary_function(std::string_view name) {
  for (const UnaryFunction& function : unary_functions())
    if (function.name == name) return &function;
  return nullptr;
}

UnaryParameters unary_parameters(const NodeView& node) {
  const UnaryFunction* function = find_unary_function(node.text("function"));
  if (!function)
    node.refuse("unknown-function", "function '" + node.text("function") + "' is unknown",
                "docs/operators.md lists the functions of unary");
  std::vector<double> values = node.numbers("parameters");
  if (values.empty()) values = function->parameters;
  if (values.size() != function->parameters.size())
    node.refuse("wrong-attribute", "this function takes " +
                                       std::to_string(function->parameters.size()) +
                                       " parameters, not " + std::to_string(values.size()));
  for (double value : values)
    if (!(std::fabs(value) <= 1e30)) node.refuse("wrong-attribute", "a parameter is not finite");
  if (function->name == "celu" && float(values[0]) == 0)
    node.refuse("wrong-attribute", "celu divides by its parameter, which is 0");
  values.resize(2);
  return {values[0], values[1]};
}

}  // namespace mote
