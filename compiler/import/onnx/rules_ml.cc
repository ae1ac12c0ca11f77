// SPDX-License-Identifier: Apache-2.0
// Domain ai.onnx.ml, what scikit-learn's models are exported as: features, linear models, and the
// table of the domain; trees and support vectors stand in rules_trees.cc and rules_svm.cc. See
// rules.h and scores.h.
#include <algorithm>
#include <cmath>

#include "compiler/import/onnx/rules.h"
#include "compiler/import/onnx/scores.h"

namespace mote::onnx {
namespace {

ValueId number(OperatorView& op, double n) { return op.scalar(ElementType::f32, n); }

// ---- features ----------------------------------------------------------------------------------

// One number for all features, or one for each of them.
ValueId feature_numbers(OperatorView& op, const std::vector<double>& list, const char* name) {
  const Shape& x = op.shape(op.input(0));
  const int64_t features = x.empty() ? 1 : x.back();
  if (list.size() == 1) return number(op, list[0]);
  if (int64_t(list.size()) != features)
    op.refuse("wrong-attribute", std::string(name) + " has " + std::to_string(list.size()) +
                                     " numbers, the input " + std::to_string(features) +
                                     " features");
  return op.constant(ElementType::f32, {int32_t(features)},
                     std::vector<float>(list.begin(), list.end()));
}

ValueId as_float(OperatorView& op) { return op.cast(op.input(0), ElementType::f32); }

void import_scaler(OperatorView& op) {
  ValueId x = as_float(op);
  const std::vector<double> offset = op.numbers("offset"), scale = op.numbers("scale");
  if (!offset.empty())
    x = op.add(sub_op, {x, feature_numbers(op, offset, "offset")}, {}, "centred");
  if (!scale.empty()) x = op.add(mul_op, {x, feature_numbers(op, scale, "scale")});
  op.set(x);
}

// A row whose norm is 0 stays.
void import_normalizer(OperatorView& op) {
  const ValueId x = feature_rows(op);
  const std::string norm = op.text("norm", "MAX");
  const char* function = norm == "MAX" ? "max" : norm == "L1" ? "l1" : norm == "L2" ? "l2" : "";
  if (!*function) op.refuse("wrong-attribute", "norm is \"" + norm + "\"");
  const ValueId size = op.add(
      reduce_op, {x},
      {{"function", std::string(function)}, {"axes", List{-1}}, {"keep_dims", int64_t{1}}}, "norm");
  const ValueId is_zero = op.add(equal_op, {size, number(op, 0)}, {}, "zero");
  const ValueId divisor = op.add(where_op, {is_zero, number(op, 1), size}, {}, "divisor");
  op.set(op.add(div_op, {x, divisor}));
}

void import_binarizer(OperatorView& op) {
  const ValueId x = as_float(op);
  const ValueId above = op.add(greater_op, {x, number(op, op.number("threshold", 0))}, {}, "above");
  op.set(op.cast(above, ElementType::f32));
}

// What equals the replaced value, or is no number where that is none, becomes another.
void import_imputer(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  op.ignore("replaced_value_int64");
  const std::vector<double> imputed = op.numbers("imputed_value_floats");
  if (imputed.empty()) op.refuse("wrong-attribute", "imputed_value_floats is empty");
  const double replaced = op.any_number("replaced_value_float", 0);
  const ValueId found = std::isnan(replaced)
                            ? op.add(not_equal_op, {x, x}, {}, "missing")
                            : op.add(equal_op, {x, number(op, replaced)}, {}, "missing");
  op.set(op.add(where_op, {found, feature_numbers(op, imputed, "imputed_value_floats"), x}));
}

void import_feature_vectorizer(OperatorView& op) {
  const List sizes = op.integers("inputdimensions");
  std::vector<ValueId> parts;
  for (size_t i = 0; i < op.input_count(); ++i) {
    ValueId x = op.cast(op.input(i), ElementType::f32);
    const List shape = dims(op.shape(x));
    if (shape.size() == 1) x = op.move().reshape(x, {1, shape[0]});
    if (op.shape(x).size() != 2 || (i < sizes.size() && sizes[i] != int64_t(op.shape(x).back())))
      op.refuse("wrong-shape", "its input " + std::to_string(i) +
                                   " does not have the features that inputdimensions says");
    parts.push_back(x);
  }
  op.set(op.move().concatenate(parts, 1));
}

// Columns by their number; of a list of numbers a row.
void import_array_feature_extractor(OperatorView& op) {
  ValueId x = op.input(0);
  const ValueId y = op.input(1);
  if (op.shape(x).empty()) op.refuse("wrong-shape", "its input must have a dimension");
  if (op.shape(x).size() == 1) x = op.move().reshape(x, {1, op.shape(x)[0]});
  if (op.is_constant(y))
    for (int64_t i : op.integers(1))
      if (i < 0 || i >= op.shape(x).back())
        op.refuse("wrong-attribute", "it asks for column " + std::to_string(i) + " of " +
                                         std::to_string(op.shape(x).back()));
  const ValueId flat = op.move().reshape(y, {op.value(y).elements()});
  op.set(op.add(gather_op, {x, op.move().indices(flat)}, {{"axis", int64_t{-1}}}));
}

// ---- encoders ----------------------------------------------------------------------------------

template <class T>
ValueId list_constant(OperatorView& op, ElementType type, const std::vector<T>& list) {
  return op.constant(type, {int32_t(list.size())}, list);
}

// One list of a LabelEncoder: its numbers as a constant, -1 where the file has another kind.
ValueId encoder_list(OperatorView& op, const std::string& prefix) {
  if (op.has(prefix + "_strings"))
    op.refuse("wrong-type", prefix + "_strings holds strings", "encode numbers");
  if (const auto* tensor = op.tensor(prefix + "_tensor")) {
    Tensor read = read_tensor(*tensor, op.place());
    if (read.data.empty()) op.refuse("empty-tensor", prefix + "_tensor has no elements");
    const auto count = int32_t(element_count(read.shape));
    return op.constant(read.type, {count}, read.data);
  }
  const List integers = op.integers(prefix + "_int64s");
  if (!integers.empty()) return list_constant(op, ElementType::s64, integers);
  const std::vector<double> numbers = op.numbers(prefix + "_floats");
  if (numbers.empty()) op.refuse("wrong-attribute", "it has no " + prefix);
  return list_constant(op, ElementType::f32, std::vector<float>(numbers.begin(), numbers.end()));
}

ValueId encoder_default(OperatorView& op, ElementType type) {
  op.ignore("default_string");
  const int64_t integer = op.integer("default_int64", -1);
  const double real = op.number("default_float", -0.0);
  if (const auto* tensor = op.tensor("default_tensor")) {
    Tensor read = read_tensor(*tensor, op.place());
    if (read.type != type || element_count(read.shape) != 1)
      op.refuse("wrong-type", "default_tensor must be one number like the values");
    return op.constant(type, {}, read.data);
  }
  return op.scalar(type, type == ElementType::f32 ? real : double(integer));
}

// The first key that equals x, counted; and whether there is one.
void import_label_encoder(OperatorView& op) {
  const ValueId x = op.input(0), keys = encoder_list(op, "keys"),
                values = encoder_list(op, "values");
  if (op.shape(keys) != op.shape(values))
    op.refuse("wrong-attribute", "its keys and values are not as many");
  if (op.value(x).type != op.value(keys).type)
    op.refuse("wrong-type", "its keys are of another type than its input");
  List shape = dims(op.shape(x));
  shape.push_back(1);
  const ValueId column = op.move().reshape(x, shape);
  const ValueId equal = op.cast(op.add(equal_op, {column, keys}, {}, "equal"), ElementType::s32);
  const ValueId at = op.add(arg_extreme_op, {equal}, {{"function", std::string("max")}}, "first");
  const ValueId found =
      op.add(reduce_op, {equal}, {{"function", std::string("max")}, {"axes", List{-1}}}, "found");
  const ValueId value = op.add(gather_op, {values, at}, {}, "value");
  op.set(op.add(where_op, {op.cast(found, ElementType::boolean), value,
                           encoder_default(op, op.value(values).type)}));
}

// 1 where x is the category, one column a category.
void import_one_hot_encoder(OperatorView& op) {
  const ValueId x = op.input(0);
  const List cats = op.integers("cats_int64s");
  if (cats.empty() || op.has("cats_strings"))
    op.refuse("wrong-type", "mote takes categories that are integers");
  if (op.integer("zeros", 1) != 1)
    op.refuse("unsupported-option", "zeros = 0 asks for a failure, a device cannot fail");
  List shape = dims(op.shape(x));
  shape.push_back(1);
  const ValueId column = op.cast(op.move().reshape(x, shape), ElementType::s64);
  const ValueId equal =
      op.add(equal_op, {column, list_constant(op, ElementType::s64, cats)}, {}, "equal");
  op.set(op.cast(equal, ElementType::f32));
}

// The map's values; its keys are known: the graph's classes, or the file's integers.
void import_zip_map(OperatorView& op) {
  const ValueId x = op.input(0);
  op.ignore("classlabels_int64s");
  const std::vector<std::string> names = op.texts("classlabels_strings");
  std::vector<std::string>& classes = op.assembly().graph().classes;
  if (!names.empty() && classes.empty()) classes = names;
  op.set(x);
}

// ---- linear models -----------------------------------------------------------------------------

void import_linear_classifier(OperatorView& op) {
  op.ignore("multi_class");
  const ValueId x = feature_rows(op);
  const Labels labels = read_labels(op, "classlabels_ints", "classlabels_strings");
  const std::string transform = op.text("post_transform", "NONE");
  const ValueId scores = linear(op, x, op.numbers("coefficients"), op.numbers("intercepts"));
  const int64_t targets = op.shape(scores)[1];
  if (targets == 1 && labels.count() == 2) {
    set_label(op, labels, is_above(op, scores, 0));
    if (transform != "LOGISTIC" && transform != "NONE")
      op.refuse("unsupported-option",
                "mote takes no post_transform " + transform + " of one score for two classes");
    const ValueId p = transform == "LOGISTIC" ? transformed(op, scores, transform) : scores;
    return op.set(1, with_complement(op, p));
  }
  if (targets != labels.count())
    op.refuse("wrong-attribute", "it has " + std::to_string(targets) +
                                     " rows of coefficients for " + std::to_string(labels.count()) +
                                     " classes");
  set_label(op, labels, best_class(op, scores));
  op.set(1, transformed(op, scores, transform));
}

void import_linear_regressor(OperatorView& op) {
  const ValueId y =
      linear(op, feature_rows(op), op.numbers("coefficients"), op.numbers("intercepts"));
  if (op.integer("targets", 1) != op.shape(y)[1])
    op.refuse("wrong-attribute", "targets differs from its coefficients");
  op.set(transformed(op, y, op.text("post_transform", "NONE")));
}

constexpr const char* kMl = "ai.onnx.ml";
constexpr ImportRule kRules[] = {
    {"ArrayFeatureExtractor", import_array_feature_extractor, "", kMl},
    {"Binarizer", import_binarizer, "", kMl},
    {"FeatureVectorizer", import_feature_vectorizer, "", kMl},
    {"Imputer", import_imputer, "", kMl},
    {"LabelEncoder", import_label_encoder, "", kMl},
    {"LinearClassifier", import_linear_classifier, "", kMl},
    {"LinearRegressor", import_linear_regressor, "", kMl},
    {"Normalizer", import_normalizer, "", kMl},
    {"OneHotEncoder", import_one_hot_encoder, "", kMl},
    {"SVMClassifier", import_svm_classifier, "", kMl},
    {"SVMRegressor", import_svm_regressor, "", kMl},
    {"Scaler", import_scaler, "", kMl},
    {"TreeEnsemble", import_tree_ensemble, "", kMl},
    {"TreeEnsembleClassifier", import_tree_classifier, "", kMl},
    {"TreeEnsembleRegressor", import_tree_regressor, "", kMl},
    {"ZipMap", import_zip_map, "", kMl},
};

}  // namespace

std::span<const ImportRule> ml_rules() { return kRules; }

}  // namespace mote::onnx
