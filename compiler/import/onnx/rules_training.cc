// SPDX-License-Identifier: Apache-2.0
// What training computes besides gradients: losses and steps of optimisers, plain arithmetic for
// models that go on learning. See rules.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }
ValueId times(OperatorView& op, ValueId x, ValueId y) { return op.add(mul_op, {x, y}); }
ValueId plus(OperatorView& op, ValueId x, ValueId y) { return op.add(add_op, {x, y}); }

// ---- losses ------------------------------------------------------------------------------------

// Scores [n, d, c], classes [n, d].
struct Samples {
  ValueId scores = -1, classes = -1;
  List shape;  // of the classes as they came
};

Samples samples(OperatorView& op) {
  const ValueId x = op.input(0);
  const List shape = dims(op.shape(x));
  Samples s{-1, op.input(1), dims(op.shape(op.input(1)))};
  if (!op.is_float(x) || op.is_float(s.classes))
    op.refuse("wrong-type", "its scores must be float32, its classes integers");
  List wanted = shape;
  if (shape.size() >= 2) wanted.erase(wanted.begin() + 1);
  if (shape.size() < 2 || wanted != s.shape)
    op.refuse("wrong-shape", "its classes do not fit its scores");
  Movement move = op.move();
  const int64_t d = op.value(s.classes).elements() / shape[0];
  s.scores = move.transpose(move.reshape(x, {shape[0], shape[1], d}), {0, 2, 1});
  s.classes = move.reshape(s.classes, {shape[0], d});
  return s;
}

ValueId reduced(OperatorView& op, const OpDef& how, ValueId x) {
  if (&how == &mean_op) return op.add(mean_op, {x}, {{"axes", List{0, 1}}}, "mean");
  return op.add(reduce_op, {x}, {{"function", std::string("sum")}, {"axes", List{}}}, "sum");
}

// Minus the logarithm of the probability of each class, weighed; a class to ignore weighs nothing,
// and the mean is by weight.
void set_loss(OperatorView& op, const Samples& s, ValueId log_probabilities) {
  const std::string reduction = op.text("reduction", "mean");
  Movement move = op.move();
  const ValueId index = move.indices(s.classes);
  List tuples = dims(op.shape(index));
  tuples.push_back(1);
  const ValueId chosen = op.add(gather_nd_op, {log_probabilities, move.reshape(index, tuples)},
                                {{"batch_dims", int64_t(2)}, {"from_last", int64_t(1)}}, "chosen");
  ValueId loss = op.unary("neg", chosen), weights = -1;
  if (op.has_input(2)) weights = op.add(gather_op, {op.input(2), index}, {}, "weights");
  if (op.has("ignore_index")) {
    const double ignored = double(op.integer("ignore_index"));
    const ValueId none =
        op.add(equal_op, {s.classes, op.scalar(op.value(s.classes).type, ignored)}, {}, "ignored");
    const List ones(2, 1);
    const ValueId whole = weights < 0 ? move.reshape(number(op, 1), ones) : weights;
    loss = op.add(where_op, {none, number(op, 0), loss}, {}, "counted");
    weights = op.add(where_op, {none, number(op, 0), whole}, {}, "weights");
  }
  if (weights >= 0) loss = op.add(mul_op, {loss, weights}, {}, "weighed");
  if (reduction == "none") return op.set(move.reshape(loss, s.shape));
  if (reduction != "sum" && reduction != "mean")
    op.refuse("wrong-attribute", "reduction is \"" + reduction + "\"");
  if (reduction == "sum") return op.set(reduced(op, reduce_op, loss));
  if (weights < 0) return op.set(reduced(op, mean_op, loss));
  op.set(op.add(div_op, {reduced(op, reduce_op, loss), reduced(op, reduce_op, weights)}));
}

void import_negative_log_likelihood(OperatorView& op) {
  const Samples s = samples(op);
  set_loss(op, s, s.scores);
}

void import_softmax_cross_entropy(OperatorView& op) {
  const Samples s = samples(op);
  const ValueId y = op.add(log_softmax_op, {s.scores}, {}, "log_softmax");
  if (op.has_output(1))
    op.set(1, op.move().reshape(op.move().transpose(y, {0, 2, 1}), dims(op.shape(op.input(0)))));
  set_loss(op, s, y);
}

// ---- optimisers: inputs rate, count, then lists of tensors -------------------------------------

// Tensor i of list k, of lists of equal length.
struct Tensors {
  OperatorView& op;
  size_t count;
  ValueId operator()(size_t k, size_t i) const { return op.input(2 + k * count + i); }
};

Tensors tensors(OperatorView& op, size_t lists) {
  if (op.input_count() < 2 + lists || (op.input_count() - 2) % lists != 0)
    op.refuse("no-input", "it must have a rate, a count and lists of equal length");
  if (!op.is_float(op.input(0))) op.refuse("wrong-type", "its rate must be float32");
  return {op, (op.input_count() - 2) / lists};
}

// The gradient with that of the regularisation.
ValueId gradient(OperatorView& op, ValueId x, ValueId g) {
  const double norm = op.number("norm_coefficient", 0);
  return norm == 0 ? g : plus(op, times(op, x, number(op, norm)), g);
}

ValueId is_first(OperatorView& op) {
  const ValueId count = op.input(1);
  return op.add(less_equal_op, {count, op.scalar(op.value(count).type, 0)}, {}, "first");
}

// h = h + g^2, x = x - rate / (1 + count decay) g / (sqrt h + epsilon).
void import_adagrad(OperatorView& op) {
  const Tensors all = tensors(op, 3);
  const ValueId epsilon = number(op, op.number("epsilon", 0));
  const ValueId decay = number(op, op.number("decay_factor", 0));
  const ValueId count = op.cast(op.input(1), ElementType::f32);
  const ValueId rate =
      op.add(div_op, {op.input(0), plus(op, times(op, count, decay), number(op, 1))}, {}, "rate");
  for (size_t i = 0; i < all.count; ++i) {
    const ValueId x = all(0, i), g = gradient(op, x, all(1, i));
    const ValueId h = plus(op, all(2, i), times(op, g, g));
    const ValueId divisor = plus(op, op.unary("sqrt", h), epsilon);
    op.set(i, op.add(sub_op, {x, op.add(div_op, {times(op, rate, g), divisor}, {}, "step")}));
    op.set(all.count + i, h);
  }
}

// a b^n, n computed.
ValueId power(OperatorView& op, double b, ValueId n) {
  return op.add(pow_op, {number(op, b), n}, {}, "power");
}

// Corrected for the first steps: rate sqrt(1 - beta^count) / (1 - alpha^count).
ValueId corrected_rate(OperatorView& op, double alpha, double beta) {
  const ValueId count = op.cast(op.input(1), ElementType::f32), one = number(op, 1);
  const ValueId root =
      op.unary("sqrt", op.add(sub_op, {one, power(op, beta, count)}, {}, "second"));
  // At count 0, where the rate is the plain one, the divisor must not be 0.
  const ValueId most = op.add(maximum_op, {count, one}, {}, "later");
  const ValueId divisor = op.add(sub_op, {one, power(op, alpha, most)}, {}, "divisor");
  const ValueId later = op.add(div_op, {times(op, op.input(0), root), divisor}, {}, "corrected");
  return op.add(where_op, {is_first(op), op.input(0), later}, {}, "rate");
}

void import_adam(OperatorView& op) {
  const Tensors all = tensors(op, 4);
  const double alpha = op.number("alpha", double(0.9f)), beta = op.number("beta", double(0.999f));
  const double post = op.number("norm_coefficient_post", 0);
  const ValueId epsilon = number(op, op.number("epsilon", 0));
  const ValueId rate = corrected_rate(op, alpha, beta);
  for (size_t i = 0; i < all.count; ++i) {
    const ValueId x = all(0, i), g = gradient(op, x, all(1, i));
    const ValueId v =
        plus(op, times(op, all(2, i), number(op, alpha)), times(op, g, number(op, 1 - alpha)));
    const ValueId h = plus(op, times(op, all(3, i), number(op, beta)),
                           times(op, times(op, g, g), number(op, 1 - beta)));
    const ValueId divisor = plus(op, op.unary("sqrt", h), epsilon);
    const ValueId step = times(op, rate, op.add(div_op, {v, divisor}, {}, "direction"));
    const ValueId y = op.add(sub_op, {x, step}, {}, "next");
    op.set(i, post == 0 ? y : times(op, y, number(op, 1 - post)));
    op.set(all.count + i, v);
    op.set(2 * all.count + i, h);
  }
}

// v = alpha v + beta g (beta 1 at first); x = x - rate v, Nesterov's: rate (g + alpha v).
void import_momentum(OperatorView& op) {
  const Tensors all = tensors(op, 3);
  const double alpha = op.number("alpha", 0), beta = op.number("beta", 0);
  const std::string mode = op.text("mode", "standard");
  if (mode != "standard" && mode != "nesterov")
    op.refuse("wrong-attribute", "mode is \"" + mode + "\"");
  const ValueId factor =
      op.add(where_op, {is_first(op), number(op, 1), number(op, beta)}, {}, "beta");
  for (size_t i = 0; i < all.count; ++i) {
    const ValueId x = all(0, i), g = gradient(op, x, all(1, i));
    const ValueId kept = times(op, all(2, i), number(op, alpha));
    const ValueId v = plus(op, kept, times(op, g, factor));
    const ValueId direction = mode == "standard" ? v : plus(op, g, times(op, v, number(op, alpha)));
    op.set(i, op.add(sub_op, {x, times(op, op.input(0), direction)}));
    op.set(all.count + i, v);
  }
}

constexpr std::string_view kTraining = "ai.onnx.preview.training";
constexpr ImportRule kRules[] = {
    {"Adagrad", import_adagrad, "float32", kTraining},
    {"Adam", import_adam, "float32", kTraining},
    {"Momentum", import_momentum, "float32", kTraining},
    {"NegativeLogLikelihoodLoss", import_negative_log_likelihood, "float32"},
    {"SoftmaxCrossEntropyLoss", import_softmax_cross_entropy, "float32"},
};

}  // namespace

std::span<const ImportRule> training_rules() { return kRules; }

}  // namespace mote::onnx
