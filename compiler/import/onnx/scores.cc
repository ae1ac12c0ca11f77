// SPDX-License-Identifier: Apache-2.0
// See scores.h.
#include "compiler/import/onnx/scores.h"

#include <algorithm>

namespace mote::onnx {
namespace {

ValueId binary(OperatorView& op, const OpDef& def, ValueId a, ValueId b, const char* part) {
  return op.add(def, {a, b}, {}, part);
}
ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }

// e^(s - max) / sum, but a score of (nearly) zero stays zero: s e^-max, as in onnxruntime.
ValueId softmax_zero(OperatorView& op, ValueId s) {
  const Attributes last{{"axes", List{-1}}, {"keep_dims", int64_t{1}}};
  Attributes largest = last, sum = last;
  largest["function"] = std::string("max");
  sum["function"] = std::string("sum");
  const ValueId max = op.add(reduce_op, {s}, largest, "max");
  const ValueId e = op.unary("exp", binary(op, sub_op, s, max, "below"));
  const ValueId is_zero =
      binary(op, less_equal_op, op.unary("abs", s), number(op, double(0.0000001f)), "zero");
  const ValueId kept = op.add(where_op, {is_zero, number(op, 0), e}, {}, "kept");
  const ValueId total = op.add(reduce_op, {kept}, sum, "sum");
  const ValueId zeros = binary(op, mul_op, s, op.unary("exp", op.unary("neg", max)), "zeros");
  const ValueId all = op.add(where_op, {is_zero, zeros, e}, {}, "all");
  return binary(op, div_op, all, total, "softmax");
}

// sqrt 2 erfinv(2 s - 1), by Winitzki's formula as in onnxruntime.
ValueId probit(OperatorView& op, ValueId s) {
  const ValueId x =
      binary(op, sub_op, binary(op, mul_op, s, number(op, 2), "twice"), number(op, 1), "centred");
  const ValueId product = binary(op, mul_op, binary(op, sub_op, number(op, 1), x, "above"),
                                 binary(op, add_op, number(op, 1), x, "below"), "product");
  const ValueId log = op.unary("log", product);
  const ValueId v = binary(op, add_op, number(op, double(2 / (3.14159f * 0.147f))),
                           binary(op, mul_op, log, number(op, 0.5), "half"), "v");
  const ValueId v2 = binary(op, mul_op, log, number(op, double(1 / 0.147f)), "v2");
  const ValueId under = binary(op, sub_op, binary(op, mul_op, v, v, "square"), v2, "under");
  const ValueId root =
      op.unary("sqrt", binary(op, sub_op, op.unary("sqrt", under), v, "difference"));
  const ValueId sign = op.add(
      where_op, {binary(op, less_op, x, number(op, 0), "negative"), number(op, -1), number(op, 1)},
      {}, "sign");
  return binary(op, mul_op, binary(op, mul_op, sign, root, "erfinv"),
                number(op, double(1.41421356f)), "probit");
}

}  // namespace

ValueId feature_rows(OperatorView& op) {
  const ValueId x = op.cast(op.input(0), ElementType::f32);
  const List shape = dims(op.shape(x));
  if (shape.size() == 1) return op.move().reshape(x, {1, shape[0]});
  if (shape.size() != 2)
    op.refuse("wrong-shape", "its input must be rows of features, it has " +
                                 std::to_string(shape.size()) + " dimensions");
  return x;
}

Labels read_labels(OperatorView& op, const char* numbers, const char* names) {
  Labels labels;
  labels.numbers = op.integers(numbers);
  labels.names = op.texts(names);
  if (labels.count() == 0)
    op.refuse("wrong-attribute", std::string("it has neither ") + numbers + " nor " + names);
  if (labels.count() > INT16_MAX) op.refuse("too-large", "it has more than 32767 classes");
  return labels;
}

void set_label(OperatorView& op, const Labels& labels, ValueId index) {
  if (!labels.names.empty()) {
    std::vector<std::string>& classes = op.assembly().graph().classes;
    if (!classes.empty() && classes != labels.names)
      op.refuse("two-classifiers", "the model has two sets of names of classes",
                "export the labels as integers");
    classes = labels.names;
    return op.set_number_of_name(0, index);
  }
  bool counted = true;
  for (size_t i = 0; i < labels.numbers.size(); ++i)
    counted = counted && labels.numbers[i] == int64_t(i);
  if (counted) return op.set(0, index);
  const ValueId table =
      op.constant(ElementType::s64, {int32_t(labels.numbers.size())}, labels.numbers);
  op.set(0, op.add(gather_op, {table, op.cast(index, ElementType::s32)}, {}, "label"));
}

ValueId best_class(OperatorView& op, ValueId scores) {
  return op.add(arg_extreme_op, {scores},
                {{"function", std::string("max")},
                 {"axis", int64_t{-1}},
                 {"output_type", std::string("s64")}},
                "class");
}

ValueId is_above(OperatorView& op, ValueId x, double limit) {
  const ValueId above = binary(op, greater_op, x, number(op, limit), "above");
  return op.move().reshape(op.cast(above, ElementType::s64), {op.shape(x)[0]});
}

ValueId transformed(OperatorView& op, ValueId scores, const std::string& name) {
  if (name == "NONE") return scores;
  if (name == "LOGISTIC") return op.add(logistic_op, {scores}, {}, "logistic");
  if (name == "SOFTMAX") return op.add(softmax_op, {scores}, {}, "softmax");
  if (name == "SOFTMAX_ZERO") return softmax_zero(op, scores);
  if (name == "PROBIT") return probit(op, scores);
  op.refuse("wrong-attribute", "post_transform is \"" + name + "\"");
}

ValueId with_negative(OperatorView& op, ValueId s) {
  return op.move().concatenate({op.unary("neg", s), s}, 1);
}

ValueId with_complement(OperatorView& op, ValueId s) {
  return op.move().concatenate({binary(op, sub_op, number(op, 1), s, "complement"), s}, 1);
}

ValueId linear(OperatorView& op, ValueId x, const std::vector<double>& weights,
               const std::vector<double>& bias) {
  const size_t features = size_t(op.shape(x)[1]);
  if (weights.empty() || weights.size() % features != 0 ||
      (!bias.empty() && bias.size() != weights.size() / features))
    op.refuse("wrong-attribute", "its " + std::to_string(weights.size()) + " coefficients and " +
                                     std::to_string(bias.size()) + " intercepts do not fit the " +
                                     std::to_string(features) + " features of its input");
  const auto targets = int32_t(weights.size() / features);
  const ValueId w = op.constant(ElementType::f32, {targets, int32_t(features)},
                                std::vector<float>(weights.begin(), weights.end()));
  const ValueId b = bias.empty() ? -1
                                 : op.constant(ElementType::f32, {targets},
                                               std::vector<float>(bias.begin(), bias.end()));
  return op.add(fully_connected_op, {x, w, b}, {}, "linear");
}

}  // namespace mote::onnx
