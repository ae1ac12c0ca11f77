// SPDX-License-Identifier: Apache-2.0
// See own_scale.h.
#include "quantize/own_scale.h"

#include "ops/activation.h"
#include "ops/registry.h"

namespace mote {
namespace {

bool is_whole_image(const NodeView& view) {
  const Shape& x = view.input(0).shape;
  return view.integer("filter_h") == x[1] && view.integer("filter_w") == x[2] &&
         view.output().shape[1] == 1 && view.output().shape[2] == 1;
}

void pool_by_ones(Quantizer& quantizer, const NodeView& view, ValueId x) {
  const int64_t h = view.integer("filter_h"), w = view.integer("filter_w");
  const Shape shape{1, int32_t(h), int32_t(w), view.input(0).shape[3]};
  const ValueId ones = quantizer.graph().add_constant(
      view.node().name + "/window", ElementType::s8, shape,
      std::vector<int8_t>(size_t(element_count(shape)), 1), per_tensor(1.0f / float(h * w), 0));
  quantizer.replace(view, depthwise_conv_2d_op, {x, ones, -1},
                    with_output_quantization({{"stride_h", view.integer("stride_h")},
                                              {"stride_w", view.integer("stride_w")},
                                              {"padding", std::string("valid")}},
                                             quantizer.activation(view)));
}

bool quantize_average_pool(Quantizer& quantizer, const NodeView& view, ValueId x) {
  const bool whole = is_whole_image(view);
  if (view.text("activation") != "none" || (!whole && view.text("padding") != "valid"))
    return false;
  if (whole) {
    const Attributes axes{{"axes", std::vector<int64_t>{1, 2}}, {"keep_dims", int64_t(1)}};
    quantizer.replace(view, mean_op, {x},
                      with_output_quantization(axes, quantizer.activation(view)));
  } else {
    pool_by_ones(quantizer, view, x);
  }
  return true;
}

void quantize_by_table(Quantizer& quantizer, const NodeView& view, ValueId x) {
  quantizer.replace(
      view, unary_op, {x},
      with_output_quantization({{"function", view.node().op->name}}, quantizer.activation(view)));
}

}  // namespace

bool quantize_at_stated_scale(Quantizer& quantizer, const NodeView& view) {
  const OpDef* op = view.node().op;
  const ValueId x = quantizer.input(view, 0);
  const Quantization wanted = quantizer.activation(view);
  if (op == &average_pool_2d_op && !(quantizer.graph().value(x).quantization == wanted))
    return quantize_average_pool(quantizer, view, x);
  const bool logistic = op == &logistic_op && !(wanted == per_tensor(1.0f / 256, -128));
  if (logistic || (op == &tanh_op && !(wanted == per_tensor(1.0f / 128, 0)))) {
    quantize_by_table(quantizer, view, x);
    return true;
  }
  if (op != &softmax_op || wanted == per_tensor(1.0f / 256, -128)) return false;
  Attributes attributes = view.node().attributes;
  attributes["output_type"] = std::string("s16");
  quantizer.replace(view, softmax_op, {x}, attributes);
  return true;
}

}  // namespace mote
