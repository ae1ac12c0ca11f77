// SPDX-License-Identifier: Apache-2.0
// The functions of unary: a row each. In: a name. Out: its float kernel, its parameters with their
// defaults, and the function in double precision, from which int8 tables are made.
#pragma once
#include <span>

#include "graph/op_def.h"

namespace mote {

struct UnaryFunction {
  std::string_view name;
  double (*exact)(double x, double a, double b);
  Kernel f32;
  std::vector<double> parameters;  // none, (a) or (a, b): their defaults
};

std::span<const UnaryFunction> unary_functions();

// Null if there is none of that name.
const UnaryFunction* find_unary_function(std::string_view name);

// The 256 int8 values of the node's function from its input's scale to its output's: by TFLM's own
// arithmetic where it has the function in int8 (abs, elu, hard_swish, leaky_relu, rsqrt), otherwise
// `exact`, rounded to the nearest number, halves to even; what is not a number becomes the output's
// zero point.
std::vector<int8_t> unary_table(const NodeView& node);

// The function's parameters a and b: the node's own, or the defaults; 0 where it has none.
struct UnaryParameters {
  double a = 0;
  double b = 0;
};
UnaryParameters unary_parameters(const NodeView& node);

}  // namespace mote
