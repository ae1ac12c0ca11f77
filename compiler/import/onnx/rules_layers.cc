// SPDX-License-Identifier: Apache-2.0
// Layers with weights. Images are [n, c, h, w] there and [n, h, w, c] here: each layer
// stands between two transposes, which a pass behind the importer may remove. See rules.h.
#include "compiler/import/convolution.h"
#include "compiler/import/onnx/window.h"

namespace mote::onnx {
namespace {

// ---- matrix products ---------------------------------------------------------------------------

// Of vectors, too: a row before, a column behind, which leave the result's shape again.
void import_matmul(OperatorView& op) {
  const ValueId a = op.input(0), b = op.input(1);
  const List x = dims(op.shape(a)), y = dims(op.shape(b));
  if (x.empty() || y.empty()) op.refuse("wrong-shape", "its inputs must have dimensions");
  if (!op.is_float(a)) op.refuse("wrong-type", "its inputs must be float32");
  Movement move = op.move();
  if (y.size() == 2 && op.is_constant(b) && !op.is_constant(a) && op.is_float(b) &&
      x.back() == y[0])
    return op.set(op.add(fully_connected_op, {a, move.transpose(b, {1, 0}), -1}));
  const ValueId rows = x.size() == 1 ? move.reshape(a, {1, x[0]}) : a;
  const ValueId columns = y.size() == 1 ? move.reshape(b, {y[0], 1}) : b;
  const ValueId product = op.add(batch_matmul_op, {rows, columns});
  List shape = dims(op.shape(product));
  if (y.size() == 1) shape.pop_back();
  if (x.size() == 1) shape.erase(shape.end() - (y.size() == 1 ? 1 : 2));
  op.set(move.reshape(product, shape));
}

ValueId times(OperatorView& op, ValueId x, double factor) {
  return factor == 1 ? x : op.add(mul_op, {x, op.scalar(ElementType::f32, factor)}, {}, "scaled");
}

// alpha A' B' + beta C.
void import_gemm(OperatorView& op) {
  Movement move = op.move();
  ValueId a = op.input(0), b = op.input(1), c = op.optional_input(2);
  if (!op.is_float(a) || op.shape(a).size() != 2 || op.shape(b).size() != 2)
    op.refuse("wrong-type", "its inputs must be matrices of float32");
  const double alpha = op.number("alpha", 1), beta = op.number("beta", 1);
  if (op.integer("transA", 0) != 0) a = move.transpose(a, {1, 0});
  const bool turned = op.integer("transB", 0) != 0;
  if (c >= 0) c = times(op, c, beta);
  if (!op.is_constant(b) || op.is_constant(a)) {
    const ValueId product =
        times(op, op.add(batch_matmul_op, {a, b}, {{"adj_y", int64_t(turned)}}, "product"), alpha);
    return op.set(c < 0 ? product : op.add(add_op, {product, c}));
  }
  b = times(op, turned ? b : move.transpose(b, {1, 0}), alpha);
  const bool bias = c >= 0 && op.is_constant(c) && op.value(c).elements() == op.shape(b)[0] &&
                    op.shape(c).back() == op.shape(b)[0];
  if (bias) c = move.reshape(c, {op.shape(b)[0]});
  const ValueId product = op.add(fully_connected_op, {a, b, bias ? c : -1});
  op.set(bias || c < 0 ? product : op.add(add_op, {product, c}));
}

// ---- convolutions ------------------------------------------------------------------------------

ConvolutionWeights weights_of(OperatorView& op) {
  ConvolutionWeights c;
  c.weights = op.constant_input(1);
  c.bias = op.has_input(2) ? op.constant_input(2) : -1;
  c.groups = op.integer("group", 1);
  if (!op.is_float(op.input(0)) || !op.is_float(c.weights))
    op.refuse("wrong-type", "its inputs must be float32");
  return c;
}

void import_conv(OperatorView& op) {
  const ConvolutionWeights c = weights_of(op);
  op.set(ImageConvolution(op.assembly(), op.name()).conv(op.input(0), c, window_of(op)));
}

void import_conv_transpose(OperatorView& op) {
  const ConvolutionWeights c = weights_of(op);
  const TransposedWindow w{window_of(op), op.integers("output_padding"),
                           op.integers("output_shape")};
  op.set(ImageConvolution(op.assembly(), op.name()).conv_transpose(op.input(0), c, w));
}

constexpr ImportRule kRules[] = {
    {"Conv", import_conv, "float32, up to three dimensions, weights constant"},
    {"ConvTranspose", import_conv_transpose, "float32, up to three dimensions, weights constant"},
    {"Gemm", import_gemm, "float32"},
    {"MatMul", import_matmul, "float32"},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::onnx
