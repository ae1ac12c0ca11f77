// SPDX-License-Identifier: Apache-2.0
// What the operators of domain ai.onnx.ml share: features as rows of float32, labels of classes,
// the transforms of scores. In: a node. Out: values. Private to this folder.
#pragma once
#include "compiler/import/onnx/operator_view.h"

namespace mote::onnx {

// Input 0 as f32 [rows, features]; one list of numbers is one row.
ValueId feature_rows(OperatorView& op);

// The labels of classes: numbers, or names.
struct Labels {
  std::vector<int64_t> numbers;
  std::vector<std::string> names;
  int64_t count() const { return int64_t(names.empty() ? numbers.size() : names.size()); }
};
Labels read_labels(OperatorView& op, const char* numbers, const char* names);

// Output 0 is the label of class `index`, s64 [rows]. Names become the graph's classes, and the
// label their number.
void set_label(OperatorView& op, const Labels& labels, ValueId index);
// The class with the largest score, the first of equal ones: s64 [rows].
ValueId best_class(OperatorView& op, ValueId scores);
// 1 where x [rows, 1] > limit, else 0: s64 [rows].
ValueId is_above(OperatorView& op, ValueId x, double limit);

// NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT of every row.
ValueId transformed(OperatorView& op, ValueId scores, const std::string& name);
// [-s, s] of s [rows, 1], and [1 - s, s].
ValueId with_negative(OperatorView& op, ValueId s);
ValueId with_complement(OperatorView& op, ValueId s);

// x W' + b: rows of W are targets; `bias` empty: none.
ValueId linear(OperatorView& op, ValueId x, const std::vector<double>& weights,
               const std::vector<double>& bias);

// The operators of decision trees.
void import_tree_classifier(OperatorView& op);
void import_tree_regressor(OperatorView& op);
void import_tree_ensemble(OperatorView& op);
// Of support vectors.
void import_svm_classifier(OperatorView& op);
void import_svm_regressor(OperatorView& op);

}  // namespace mote::onnx
