// SPDX-License-Identifier: Apache-2.0
// Support vector machines of domain ai.onnx.ml: their kernel k of rows and support vectors, then
// sums of it. See scores.h.
#include <algorithm>

#include "compiler/import/onnx/scores.h"

namespace mote::onnx {
namespace {

ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }

struct Kernel {
  std::string type;
  double gamma = 0, coef0 = 0, degree = 3;
};

Kernel read_kernel(OperatorView& op) {
  Kernel kernel;
  kernel.type = op.text("kernel_type", "LINEAR");
  const std::vector<double> p = op.numbers("kernel_params");
  if (!p.empty() && p.size() != 3)
    op.refuse("wrong-attribute", "kernel_params must be gamma, coef0 and degree");
  if (!p.empty()) kernel.gamma = p[0], kernel.coef0 = p[1], kernel.degree = p[2];
  return kernel;
}

// k(x, vector) of every row and vector: [rows, vectors].
ValueId kernel_values(OperatorView& op, ValueId x, const std::vector<double>& vectors,
                      const Kernel& k) {
  const auto features = op.shape(x)[1];
  if (vectors.empty() || int64_t(vectors.size()) % features != 0)
    op.refuse("wrong-attribute", "its " + std::to_string(vectors.size()) +
                                     " numbers of support_vectors do not fit the " +
                                     std::to_string(features) + " features of its input");
  if (k.type == "RBF") {
    const ValueId centers =
        op.constant(ElementType::f32, {int32_t(int64_t(vectors.size()) / features), features},
                    std::vector<float>(vectors.begin(), vectors.end()));
    const ValueId distance = op.add(squared_distance_op, {x, centers}, {}, "distance");
    return op.unary("exp", op.add(mul_op, {distance, number(op, -k.gamma)}, {}, "scaled"));
  }
  const ValueId dot = linear(op, x, vectors, {});
  if (k.type == "LINEAR") return dot;
  const ValueId scaled = op.add(mul_op, {dot, number(op, k.gamma)}, {}, "scaled");
  const ValueId moved = op.add(add_op, {scaled, number(op, k.coef0)}, {}, "moved");
  if (k.type == "SIGMOID") return op.add(tanh_op, {moved}, {}, "sigmoid");
  if (k.type != "POLY") op.refuse("wrong-attribute", "kernel_type is \"" + k.type + "\"");
  // A power by multiplications, which take numbers below 0, too.
  const auto degree = int64_t(k.degree);
  if (double(degree) != k.degree || degree < 1 || degree > 16)
    op.refuse("wrong-attribute", "the degree of its kernel is " + std::to_string(k.degree),
              "mote takes whole degrees of 1 to 16");
  ValueId power = moved;
  for (int64_t i = 1; i < degree; ++i) power = op.add(mul_op, {power, moved}, {}, "power");
  return power;
}

// ---- classifier --------------------------------------------------------------------------------

struct Svc {
  Labels labels;
  List vectors_per_class;
  std::vector<double> coefficients, rho, a, b;
  int64_t classes = 0, vectors = 0, pairs = 0;
};

void expect(OperatorView& op, size_t size, int64_t wanted, const char* name) {
  if (int64_t(size) != wanted)
    op.refuse("wrong-attribute", std::string(name) + " has " + std::to_string(size) +
                                     " numbers instead of " + std::to_string(wanted));
}

Svc read_svc(OperatorView& op) {
  Svc svc;
  svc.labels = read_labels(op, "classlabels_ints", "classlabels_strings");
  svc.classes = svc.labels.count();
  svc.pairs = svc.classes * (svc.classes - 1) / 2;
  svc.vectors_per_class = op.integers("vectors_per_class");
  svc.coefficients = op.numbers("coefficients");
  svc.rho = op.numbers("rho");
  svc.a = op.numbers("prob_a");
  svc.b = op.numbers("prob_b");
  if (svc.classes < 2 || svc.classes > 256)
    op.refuse("wrong-attribute", "it has " + std::to_string(svc.classes) + " classes",
              "mote takes 2 to 256");
  for (int64_t n : svc.vectors_per_class) {
    if (n < 1 || n > INT32_MAX)
      op.refuse("wrong-attribute", "vectors_per_class holds " + std::to_string(n));
    svc.vectors += n;
  }
  if (svc.vectors == 0) return svc;
  expect(op, svc.vectors_per_class.size(), svc.classes, "vectors_per_class");
  expect(op, svc.coefficients.size(), (svc.classes - 1) * svc.vectors, "coefficients");
  expect(op, svc.rho.size(), svc.pairs, "rho");
  expect(op, svc.a.size(), svc.a.empty() ? 0 : svc.pairs, "prob_a");
  expect(op, svc.b.size(), int64_t(svc.a.size()), "prob_b");
  return svc;
}

ValueId table(OperatorView& op, const Shape& shape, const std::vector<double>& numbers) {
  return op.constant(ElementType::f32, shape, std::vector<float>(numbers.begin(), numbers.end()));
}

// Of class i's vectors: the sums with each of the other classes - 1 rows of coefficients.
ValueId sums_of_class(OperatorView& op, const Svc& svc, ValueId k, int64_t i, int64_t first) {
  const int64_t count = svc.vectors_per_class[size_t(i)];
  std::vector<double> rows;
  for (int64_t other = 0; other < svc.classes - 1; ++other) {
    const auto at = svc.coefficients.begin() + other * svc.vectors + first;
    rows.insert(rows.end(), at, at + count);
  }
  return linear(op, op.move().slice_axis(k, 1, first, count), rows, {});
}

// The decision of each pair i < j: sums of class i with row j - 1 and of class j with row i, + rho.
ValueId decisions(OperatorView& op, const Svc& svc, ValueId k) {
  std::vector<ValueId> sums;
  int64_t first = 0;
  for (int64_t i = 0; i < svc.classes; ++i) {
    sums.push_back(sums_of_class(op, svc, k, i, first));
    first += svc.vectors_per_class[size_t(i)];
  }
  const ValueId all = op.move().concatenate(sums, 1);
  std::vector<int32_t> of_i, of_j;
  for (int64_t i = 0; i < svc.classes; ++i)
    for (int64_t j = i + 1; j < svc.classes; ++j) {
      of_i.push_back(int32_t(i * (svc.classes - 1) + j - 1));
      of_j.push_back(int32_t(j * (svc.classes - 1) + i));
    }
  const auto chosen = [&](const std::vector<int32_t>& at) {
    const ValueId indices = op.constant(ElementType::s32, {int32_t(svc.pairs)}, at);
    return op.add(gather_op, {all, indices}, {{"axis", int64_t{1}}}, "pairs");
  };
  const ValueId sum = op.add(add_op, {chosen(of_i), chosen(of_j)}, {}, "sums");
  return op.add(add_op, {sum, table(op, {int32_t(svc.pairs)}, svc.rho)}, {}, "decisions");
}

// The class that wins most of its pairs, the first of equal ones. A pair's decision above 0 is for
// its first class.
ValueId most_votes(OperatorView& op, const Svc& svc, ValueId decisions) {
  const ValueId won =
      op.cast(op.add(greater_op, {decisions, number(op, 0)}, {}, "won"), ElementType::f32);
  std::vector<double> votes(size_t(svc.classes * svc.pairs)), bias(size_t(svc.classes));
  int64_t pair = 0;
  for (int64_t i = 0; i < svc.classes; ++i)
    for (int64_t j = i + 1; j < svc.classes; ++j, ++pair) {
      votes[size_t(i * svc.pairs + pair)] = 1;
      votes[size_t(j * svc.pairs + pair)] = -1;
      bias[size_t(j)] += 1;
    }
  return best_class(op, linear(op, won, votes, bias));
}

// 1 / (1 + e^(a s + b)) of every pair, coupled.
ValueId probabilities(OperatorView& op, const Svc& svc, ValueId decisions) {
  const Shape pairs{int32_t(svc.pairs)};
  std::vector<double> a = svc.a, b = svc.b;
  for (double& v : a) v = -v;
  for (double& v : b) v = -v;
  const ValueId scaled = op.add(mul_op, {decisions, table(op, pairs, a)}, {}, "scaled");
  const ValueId sum = op.add(add_op, {scaled, table(op, pairs, b)}, {}, "moved");
  return op.add(pairwise_coupling_op, {op.add(logistic_op, {sum}, {}, "pair")},
                {{"classes", svc.classes}}, "coupling");
}

// Without support vectors: a row of coefficients a class.
void import_linear_svc(OperatorView& op, const Svc& svc, ValueId x, const std::string& transform) {
  if (svc.classes == 2)
    op.refuse("unsupported-option", "mote takes no SVMClassifier of two classes without vectors",
              "export a LinearClassifier");
  if (svc.rho.empty()) op.refuse("wrong-attribute", "rho is empty");
  const ValueId scores =
      linear(op, x, svc.coefficients, std::vector<double>(size_t(svc.classes), svc.rho[0]));
  set_label(op, svc.labels, best_class(op, scores));
  op.set(1, transformed(op, scores, transform));
}

}  // namespace

void import_svm_classifier(OperatorView& op) {
  const ValueId x = feature_rows(op);
  const Svc svc = read_svc(op);
  const Kernel kernel = read_kernel(op);
  const std::string transform = op.text("post_transform", "NONE");
  const std::vector<double> vectors = op.numbers("support_vectors");
  if (svc.vectors == 0) return import_linear_svc(op, svc, x, transform);
  const ValueId k = kernel_values(op, x, vectors, kernel);
  if (op.shape(k)[1] != svc.vectors)
    op.refuse("wrong-attribute", "support_vectors are " + std::to_string(op.shape(k)[1]) +
                                     ", vectors_per_class sums to " + std::to_string(svc.vectors));
  const ValueId s = decisions(op, svc, k);
  set_label(op, svc.labels, most_votes(op, svc, s));
  if (!svc.a.empty()) return op.set(1, transformed(op, probabilities(op, svc, s), transform));
  if (svc.classes > 2) return op.set(1, transformed(op, s, transform));
  if (transform == "NONE") return op.set(1, with_negative(op, s));
  op.refuse("unsupported-option",
            "mote takes no post_transform " + transform + " of a decision between two classes");
}

void import_svm_regressor(OperatorView& op) {
  const ValueId x = feature_rows(op);
  const Kernel kernel = read_kernel(op);
  const std::vector<double> coefficients = op.numbers("coefficients"), rho = op.numbers("rho"),
                            vectors = op.numbers("support_vectors");
  const int64_t count = op.integer("n_supports", 0);
  if (rho.size() != 1) op.refuse("wrong-attribute", "rho must be one number");
  const ValueId k = count > 0 ? kernel_values(op, x, vectors, kernel) : x;
  if (count > 0) {
    expect(op, size_t(op.shape(k)[1]), count, "support_vectors");
    expect(op, coefficients.size(), count, "coefficients");
  }
  ValueId y = linear(op, k, coefficients, rho);
  if (op.integer("one_class", 0) != 0) {
    const ValueId above = op.add(greater_op, {y, number(op, 0)}, {}, "above");
    y = op.add(where_op, {above, number(op, 1), number(op, -1)}, {}, "class");
  }
  op.set(transformed(op, y, op.text("post_transform", "NONE")));
}

}  // namespace mote::onnx
