// SPDX-License-Identifier: Apache-2.0
// Layers with weights and pools. See rules.h; images in compiler/import/image_layers.h.
#include <algorithm>

#include "compiler/import/image_layers.h"
#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

// ---- matrix products ---------------------------------------------------------------------------

// Of vectors, too: a row before, a column behind, which leave the result's shape again.
ValueId product(CallView& op, ValueId a, ValueId b) {
  const List x = dims(op.shape(a)), y = dims(op.shape(b));
  if (x.empty() || y.empty()) op.refuse("wrong-shape", "its inputs must have dimensions");
  if (!op.is_float(a) || !op.is_float(b)) op.refuse("wrong-type", "its inputs must be float32");
  Movement move = op.move();
  if (y.size() == 2 && op.is_constant(b) && !op.is_constant(a) && x.back() == y[0])
    return op.add(fully_connected_op, {a, move.transpose(b, {1, 0}), -1});
  const ValueId rows = x.size() == 1 ? move.reshape(a, {1, x[0]}) : a;
  const ValueId columns = y.size() == 1 ? move.reshape(b, {y[0], 1}) : b;
  op.spend({a, b}, op.value(a).elements() * y.back());
  const ValueId all = op.add(batch_matmul_op, {rows, columns});
  List shape = dims(op.shape(all));
  if (y.size() == 1) shape.pop_back();
  if (x.size() == 1) shape.erase(shape.end() - (y.size() == 1 ? 1 : 2));
  return move.reshape(all, shape);
}

void import_matmul(CallView& op) { op.set(product(op, op.tensor("self"), op.tensor("other"))); }
void import_mm(CallView& op) { op.set(product(op, op.tensor("self"), op.tensor("mat2"))); }
void import_mv(CallView& op) { op.set(product(op, op.tensor("self"), op.tensor("vec"))); }

ValueId times(CallView& op, ValueId x, double factor) {
  return factor == 1 ? x : op.add(mul_op, {x, op.scalar(ElementType::f32, factor)}, {}, "scaled");
}

// beta self + alpha mat1 mat2.
void add_product(CallView& op, const char* first, const char* second) {
  const ValueId c = op.float_tensor("self"), a = op.float_tensor(first);
  ValueId b = op.float_tensor(second);
  const double alpha = op.number("alpha", 1), beta = op.number("beta", 1);
  const Shape y = op.shape(b);
  const bool layer = y.size() == 2 && op.is_constant(b) && !op.is_constant(a) &&
                     op.is_constant(c) && op.shape(c) == Shape{y[1]} && beta == 1;
  if (layer) {
    b = op.move().transpose(times(op, b, alpha), {1, 0});
    return op.set(op.add(fully_connected_op, {a, b, c}));
  }
  op.set(op.add(add_op, {times(op, product(op, a, b), alpha), times(op, c, beta)}));
}
void import_addmm(CallView& op) { add_product(op, "mat1", "mat2"); }
void import_baddbmm(CallView& op) { add_product(op, "batch1", "batch2"); }

void import_linear(CallView& op) {
  const ValueId x = op.float_tensor("input");
  ValueId weights = op.float_tensor("weight"), bias = op.optional_tensor("bias");
  if (op.shape(weights).size() != 2 || op.shape(x).empty())
    op.refuse("wrong-shape", "its weights must be a matrix, its input must have a dimension");
  if (op.is_constant(weights) && (bias < 0 || op.is_constant(bias)) && !op.is_constant(x))
    return op.set(op.add(fully_connected_op, {x, weights, bias}));
  weights = op.move().transpose(weights, {1, 0});
  const ValueId y = product(op, x, weights);
  op.set(bias < 0 ? y : op.add(add_op, {y, bias}, {}, "biased"));
}

// ---- convolutions ------------------------------------------------------------------------------

// One number a spatial dimension; one for all; none.
void spread(CallView& op, const std::string& name, size_t spatial, int64_t otherwise,
            int64_t (&out)[2]) {
  const List list = op.integers(name);
  if (list.size() > 1 && list.size() != spatial)
    op.refuse("wrong-argument", "argument \"" + name + "\" must have a number a dimension");
  for (size_t d = 0; d < 2; ++d) {
    const bool absent = spatial == 1 && d == 0;
    if (list.empty() || absent)
      out[d] = otherwise;
    else
      out[d] = list.size() == 1 ? list[0] : list[d];
  }
}

// An image that the model computes: one that is constant makes the layer a constant, which mote
// leaves to PyTorch.
ValueId computed(CallView& op, ValueId x) {
  if (op.is_constant(x))
    op.refuse("constant-input", "its input is a constant", "compute it before exporting");
  return x;
}
ValueId computed_image(CallView& op) { return computed(op, op.float_tensor("input")); }

ImageWindow window_of(CallView& op, size_t spatial) {
  ImageWindow w;
  spread(op, "stride", spatial, 1, w.stride);
  spread(op, "dilation", spatial, 1, w.dilation);
  return w;
}

// A bias that is no constant is added behind.
ValueId constant_bias(CallView& op) { return op.has("bias") ? op.constant_tensor("bias") : -1; }

void import_conv(CallView& op) {
  const ValueId x = computed_image(op), weights = op.constant_tensor("weight");
  if (!op.is_float(weights)) op.refuse("wrong-type", "its weights must be float32");
  ImageLayers layers(op.assembly(), op.name());
  const size_t spatial = layers.spatial_rank(x);
  ImageWindow w = window_of(op, spatial);
  spread(op, "padding", spatial, 0, w.before);
  std::copy(w.before, w.before + 2, w.after);
  op.set(layers.conv(x, weights, constant_bias(op), w, op.integer("groups", 1)));
}

// The padding is a word: "same" keeps the size, with the odd number behind; "valid" pads nothing.
void import_conv_padding(CallView& op) {
  const ValueId x = computed_image(op), weights = op.constant_tensor("weight");
  if (!op.is_float(weights)) op.refuse("wrong-type", "its weights must be float32");
  ImageLayers layers(op.assembly(), op.name());
  const size_t spatial = layers.spatial_rank(x);
  ImageWindow w = window_of(op, spatial);
  const std::string padding = op.text("padding", "valid");
  if (padding != "valid" && padding != "same")
    op.refuse("wrong-argument", "its padding is \"" + padding + "\"");
  const Shape kernel = op.shape(weights);
  if (kernel.size() != spatial + 2) op.refuse("wrong-shape", "its weights have other dimensions");
  for (size_t d = 2 - spatial; padding == "same" && d < 2; ++d) {
    const int64_t all = w.dilation[d] * (kernel[d + spatial] - 1);
    w.before[d] = all / 2;
    w.after[d] = all - all / 2;
  }
  op.set(layers.conv(x, weights, constant_bias(op), w, op.integer("groups", 1)));
}

void import_conv_transpose(CallView& op) {
  const ValueId x = computed_image(op), weights = op.constant_tensor("weight");
  ImageLayers layers(op.assembly(), op.name());
  const size_t spatial = layers.spatial_rank(x);
  ImageWindow w = window_of(op, spatial);
  spread(op, "padding", spatial, 0, w.before);
  std::copy(w.before, w.before + 2, w.after);
  int64_t more[2];
  spread(op, "output_padding", spatial, 0, more);
  if (op.integer("groups", 1) != 1)
    op.refuse("wrong-argument", "a transposed convolution in groups is not taken",
              "use a transposed convolution with groups=1");
  op.set(layers.conv_transpose(x, weights, constant_bias(op), w, {more[0], more[1]}));
}

void import_convolution(CallView& op) {
  if (op.flag("transposed", false)) return import_conv_transpose(op);
  op.ignore("output_padding");
  import_conv(op);
}

// ---- pools -------------------------------------------------------------------------------------

// Without a batch an image has one dimension less.
struct Image {
  ValueId x;
  bool batched;
};
Image image_of(CallView& op, size_t spatial) {
  const ValueId x = computed(op, op.tensor("self"));
  List shape = dims(op.shape(x));
  if (shape.size() == spatial + 2) return {x, true};
  if (shape.size() != spatial + 1)
    op.refuse("wrong-shape", "its input has " + std::to_string(shape.size()) + " dimensions");
  shape.insert(shape.begin(), 1);
  return {op.move().reshape(x, shape), false};
}
void set_image(CallView& op, const Image& image, ValueId y) {
  List shape = dims(op.shape(y));
  shape.erase(shape.begin());
  op.set(image.batched ? y : op.move().reshape(y, shape));
}

ImageWindow pool_window(CallView& op, size_t spatial) {
  ImageWindow w;
  spread(op, "kernel_size", spatial, 1, w.kernel);
  if (op.integers("stride").empty())
    std::copy(w.kernel, w.kernel + 2, w.stride);
  else
    spread(op, "stride", spatial, 1, w.stride);
  spread(op, "padding", spatial, 0, w.before);
  std::copy(w.before, w.before + 2, w.after);
  w.ceil = op.flag("ceil_mode", false);
  return w;
}

template <size_t kSpatial>
void import_max_pool(CallView& op) {
  const Image image = image_of(op, kSpatial);
  ImageWindow w = pool_window(op, kSpatial);
  spread(op, "dilation", kSpatial, 1, w.dilation);
  set_image(op, image, ImageLayers(op.assembly(), op.name()).max_pool(image.x, w));
}

template <size_t kSpatial>
void import_average_pool(CallView& op) {
  const Image image = image_of(op, kSpatial);
  if (!op.is_float(image.x)) op.refuse("wrong-type", "its input must be float32");
  const ImageWindow w = pool_window(op, kSpatial);
  const bool with_border = op.flag("count_include_pad", true);
  const int64_t divisor = op.has("divisor_override") ? op.integer("divisor_override") : 0;
  if (op.has("divisor_override") && divisor == 0) op.refuse("wrong-argument", "its divisor is 0");
  set_image(op, image,
            ImageLayers(op.assembly(), op.name()).average_pool(image.x, w, with_border, divisor));
}

// To one number a channel, or windows that share the image evenly.
template <size_t kSpatial, bool kMax>
void import_adaptive_pool(CallView& op) {
  const Image image = image_of(op, kSpatial);
  if (!op.is_float(image.x)) op.refuse("wrong-type", "its input must be float32");
  const Shape shape = op.shape(image.x);
  const List wanted = op.integers("output_size");
  if (wanted.size() != kSpatial)
    op.refuse("wrong-argument", "output_size must have a number a dimension");
  ImageWindow w;
  bool whole = true;
  List axes;
  for (size_t d = 0; d < kSpatial; ++d) {
    const size_t at = d + 2 - kSpatial;
    if (wanted[d] < 1 || shape[d + 2] % wanted[d] != 0)
      op.refuse("unsupported-argument",
                "an extent of " + std::to_string(shape[d + 2]) + " is not pooled evenly to " +
                    std::to_string(wanted[d]),
                "use an output size that divides it");
    w.kernel[at] = w.stride[at] = shape[d + 2] / wanted[d];
    whole = whole && wanted[d] == 1;
    axes.push_back(int64_t(d + 2));
  }
  if (whole) {
    Attributes attributes{{"axes", axes}, {"keep_dims", int64_t(1)}};
    if (kMax) attributes["function"] = std::string("max");
    return set_image(op, image, op.add(kMax ? reduce_op : mean_op, {image.x}, attributes));
  }
  ImageLayers layers(op.assembly(), op.name());
  set_image(op, image,
            kMax ? layers.max_pool(image.x, w) : layers.average_pool(image.x, w, true, 0));
}

constexpr std::string_view kConv = "input weight bias stride padding dilation groups";
constexpr std::string_view kTransposed =
    "input weight bias stride padding output_padding groups dilation";
constexpr std::string_view kMaxPool = "self kernel_size stride padding dilation ceil_mode";
constexpr std::string_view kAveragePool =
    "self kernel_size stride padding ceil_mode count_include_pad divisor_override";
constexpr std::string_view kAdaptive = "self output_size";

constexpr ImportRule kRules[] = {
    {"aten._adaptive_avg_pool2d.default", kAdaptive, import_adaptive_pool<2, false>},
    {"aten.adaptive_avg_pool1d.default", kAdaptive, import_adaptive_pool<1, false>},
    {"aten.adaptive_avg_pool2d.default", kAdaptive, import_adaptive_pool<2, false>},
    {"aten.adaptive_max_pool1d.default", kAdaptive, import_adaptive_pool<1, true>},
    {"aten.adaptive_max_pool2d.default", kAdaptive, import_adaptive_pool<2, true>},
    {"aten.addmm.default", "self mat1 mat2 beta alpha", import_addmm},
    {"aten.avg_pool1d.default", kAveragePool, import_average_pool<1>},
    {"aten.avg_pool2d.default", kAveragePool, import_average_pool<2>},
    {"aten.baddbmm.default", "self batch1 batch2 beta alpha", import_baddbmm},
    {"aten.bmm.default", "self mat2", import_mm},
    {"aten.conv1d.default", kConv, import_conv},
    {"aten.conv1d.padding", kConv, import_conv_padding},
    {"aten.conv2d.default", kConv, import_conv},
    {"aten.conv2d.padding", kConv, import_conv_padding},
    {"aten.conv_transpose1d.default", kTransposed, import_conv_transpose},
    {"aten.conv_transpose2d.input", kTransposed, import_conv_transpose},
    {"aten.convolution.default",
     "input weight bias stride padding dilation transposed output_padding groups",
     import_convolution},
    {"aten.linear.default", "input weight bias", import_linear},
    {"aten.matmul.default", "self other", import_matmul},
    {"aten.max_pool1d.default", kMaxPool, import_max_pool<1>},
    {"aten.max_pool2d.default", kMaxPool, import_max_pool<2>},
    {"aten.max_pool2d_with_indices.default", kMaxPool, import_max_pool<2>},
    {"aten.mm.default", "self mat2", import_mm},
    {"aten.mv.default", "self vec", import_mv},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::pytorch
