// SPDX-License-Identifier: Apache-2.0
// Norms: numbers less a mean, over a deviation. See rules.h.
#include <cmath>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

ValueId normalized(OperatorView& op, ValueId x, const List& axes, double epsilon, bool centre) {
  return op.add(normalize_op, {x},
                {{"axes", axes}, {"epsilon", epsilon}, {"subtract_mean", int64_t(centre)}},
                "normalized");
}

List range(size_t from, size_t to) {
  List list;
  for (size_t i = from; i < to; ++i) list.push_back(int64_t(i));
  return list;
}

// One number a channel, for NCHW.
ValueId per_channel(OperatorView& op, ValueId parameter, size_t rank) {
  List shape(rank > 1 ? rank - 1 : 1, 1);
  shape[0] = op.value(parameter).elements();
  return op.move().reshape(parameter, shape);
}

ValueId scaled(OperatorView& op, ValueId x, ValueId scale, ValueId bias) {
  if (scale >= 0) x = op.add(mul_op, {x, scale}, {}, "scaled");
  if (bias >= 0) x = op.add(add_op, {x, bias}, {}, "shifted");
  return x;
}

// By the mean and variance of what is there; the running ones follow by the momentum.
void batch_normalization_in_training(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  if (rank < 2) op.refuse("wrong-shape", "its input must have two dimensions or more");
  const double epsilon = op.number("epsilon", double(1e-5f));
  const double momentum = op.number("momentum", double(0.9f));
  List axes = range(2, rank);
  axes.insert(axes.begin(), 0);
  op.set(scaled(op, normalized(op, x, axes, epsilon, true), per_channel(op, op.input(1), rank),
                per_channel(op, op.input(2), rank)));
  const auto follow = [&](size_t i, ValueId running, ValueId now) {
    if (!op.has_output(i)) return;
    const ValueId kept = op.add(mul_op, {running, op.scalar(ElementType::f32, momentum)});
    const ValueId fresh = op.add(mul_op, {now, op.scalar(ElementType::f32, 1 - momentum)});
    op.set(i, op.add(add_op, {kept, op.move().reshape(fresh, dims(op.shape(running)))}));
  };
  const Attributes over{{"axes", axes}, {"keep_dims", int64_t(1)}};
  const ValueId mean = op.add(mean_op, {x}, over, "mean");
  const ValueId centred = op.add(sub_op, {x, mean}, {}, "centred");
  const ValueId squares = op.add(mul_op, {centred, centred}, {}, "squares");
  follow(1, op.input(3), mean);
  follow(2, op.input(4), op.add(mean_op, {squares}, over, "variance"));
}

// x a + b, a = scale / sqrt(var + epsilon), b = bias - mean a.
void import_batch_normalization(OperatorView& op) {
  if (op.integer("training_mode", 0) != 0) return batch_normalization_in_training(op);
  if (op.integer("spatial", 1) != 1) op.refuse("wrong-attribute", "spatial must be 1");
  op.ignore("momentum");
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  const ValueId epsilon = op.scalar(ElementType::f32, op.number("epsilon", double(1e-5f)));
  const ValueId deviation =
      op.unary("sqrt", op.add(add_op, {op.input(4), epsilon}, {}, "variance"));
  const ValueId a = op.add(div_op, {op.input(1), deviation}, {}, "factor");
  const ValueId shift = op.add(mul_op, {op.input(3), a}, {}, "mean");
  const ValueId b = op.add(sub_op, {op.input(2), shift}, {}, "offset");
  op.set(scaled(op, x, per_channel(op, a, rank), per_channel(op, b, rank)));
}

void import_instance_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  if (rank < 3) op.refuse("wrong-shape", "its input must have three dimensions or more");
  const double epsilon = op.number("epsilon", double(1e-5f));
  op.set(scaled(op, normalized(op, x, range(2, rank), epsilon, true),
                per_channel(op, op.input(1), rank), per_channel(op, op.input(2), rank)));
}

void import_group_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const List shape = dims(op.shape(x));
  const int64_t groups = op.integer("num_groups");
  op.ignore("stash_type");
  if (shape.size() < 2 || groups < 1 || shape[1] % groups != 0)
    op.refuse("wrong-shape", "its channels are no multiple of its groups");
  Movement move = op.move();
  List split{shape[0], groups, op.value(x).elements() / shape[0] / groups};
  ValueId y =
      normalized(op, move.reshape(x, split), {2}, op.number("epsilon", double(1e-5f)), true);
  if (op.opset() < 21) {  // a scale for each group
    y = scaled(op, y, move.reshape(op.input(1), {groups, 1}),
               move.reshape(op.input(2), {groups, 1}));
    return op.set(move.reshape(y, shape));
  }
  op.set(scaled(op, move.reshape(y, shape), per_channel(op, op.input(1), shape.size()),
                per_channel(op, op.input(2), shape.size())));
}

// Outputs 1 and 2, where something reads them: the mean, and one over the deviation.
void set_statistics(OperatorView& op, ValueId x, const List& axes, double epsilon) {
  if (!op.has_output(1) && !op.has_output(2)) return;
  const Attributes over{{"axes", axes}, {"keep_dims", int64_t(1)}};
  const ValueId mean = op.add(mean_op, {x}, over, "mean");
  if (op.has_output(1)) op.set(1, mean);
  if (!op.has_output(2)) return;
  const ValueId centred = op.add(sub_op, {x, mean}, {}, "centred");
  const ValueId squares = op.add(mul_op, {centred, centred}, {}, "squares");
  const ValueId variance = op.add(mean_op, {squares}, over, "variance");
  const ValueId more = op.scalar(ElementType::f32, epsilon);
  op.set(2, op.unary("rsqrt", op.add(add_op, {variance, more}, {}, "more")));
}

void layer_norm(OperatorView& op, bool centre) {
  const ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  const size_t axis = op.dimension(op.integer("axis", -1), rank);
  op.ignore("stash_type");
  const double epsilon = op.number("epsilon", double(1e-5f));
  const ValueId y = normalized(op, x, range(axis, rank), epsilon, centre);
  if (centre) set_statistics(op, x, range(axis, rank), epsilon);
  op.set(scaled(op, y, op.input(1), centre ? op.optional_input(2) : -1));
}
void import_layer_normalization(OperatorView& op) { layer_norm(op, true); }
void import_rms_normalization(OperatorView& op) { layer_norm(op, false); }

void import_mean_variance_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  List axes = op.integers("axes", {0, 2, 3});
  for (int64_t& axis : axes) axis = int64_t(op.dimension(axis, op.shape(x).size()));
  op.set(normalized(op, x, axes, 1e-9, true));
}

void import_lp_normalization(OperatorView& op) {
  const ValueId x = op.input(0);
  const auto axis = int64_t(op.dimension(op.integer("axis", -1), op.shape(x).size()));
  const int64_t p = op.integer("p", 2);
  if (p != 1 && p != 2) op.refuse("wrong-attribute", "p must be 1 or 2");
  const ValueId norm = op.add(reduce_op, {x},
                              {{"function", std::string(p == 1 ? "l1" : "l2")},
                               {"axes", List{axis}},
                               {"keep_dims", int64_t(1)}},
                              "norm");
  const ValueId least = op.scalar(ElementType::f32, 1e-30);  // zeros stay zeros
  op.set(op.add(div_op, {x, op.add(maximum_op, {norm, least}, {}, "divisor")}));
}

void import_lrn(OperatorView& op) {
  const int64_t size = op.integer("size");
  if (size < 1 || size > 32767) op.refuse("wrong-attribute", "size must lie in 1 .. 32767");
  op.set(op.add(local_response_normalization_op, {op.input(0)},
                {{"axis", int64_t(1)},
                 {"before", (size - 1) / 2},
                 {"after", size / 2},
                 {"bias", op.number("bias", 1)},
                 {"alpha", op.number("alpha", double(0.0001f)) / double(size)},
                 {"beta", op.number("beta", 0.75)}}));
}

constexpr ImportRule kRules[] = {
    {"BatchNormalization", import_batch_normalization},
    {"GroupNormalization", import_group_normalization},
    {"InstanceNormalization", import_instance_normalization},
    {"LRN", import_lrn},
    {"LayerNormalization", import_layer_normalization},
    {"LpNormalization", import_lp_normalization},
    {"MeanVarianceNormalization", import_mean_variance_normalization},
    {"RMSNormalization", import_rms_normalization},
};

}  // namespace

std::span<const ImportRule> norm_rules() { return kRules; }

}  // namespace mote::onnx
