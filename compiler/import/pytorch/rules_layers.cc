// SPDX-License-Identifier: Apache-2.0
// Layers with weights and pools. See rules.h; images in compiler/import/image_layer.h.
#include "compiler/import/convolution.h"
#include "compiler/import/einsum.h"
#include "compiler/import/image_pool.h"
#include "compiler/import/pytorch/rules.h"

namespace mote::pytorch {
namespace {

constexpr int64_t kMostPlaces = int64_t(1) << 22;

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

void import_einsum(CallView& op) {
  op.ignore("path");
  op.set(einsum(op.assembly(), op.name(), op.text("equation", ""), op.tensors("tensors")));
}

// ---- images ------------------------------------------------------------------------------------

// [n, c, spatial...]. Without a batch it has one dimension less.
struct Image {
  ValueId x;
  bool batched;
};

// One that the model computes: a constant image makes the layer a constant, which mote leaves to
// PyTorch.
Image image_of(CallView& op, const char* name, size_t spatial) {
  const ValueId x = op.tensor(name);
  if (op.is_constant(x))
    op.refuse("constant-input", "its input is a constant", "compute it before exporting");
  List shape = dims(op.shape(x));
  if (shape.size() == spatial + 2) return {x, true};
  if (shape.size() != spatial + 1)
    op.refuse("wrong-shape", "its input has " + std::to_string(shape.size()) + " dimensions");
  shape.insert(shape.begin(), 1);
  return {op.move().reshape(x, shape), false};
}

ValueId without_batch(CallView& op, const Image& image, ValueId y) {
  List shape = dims(op.shape(y));
  shape.erase(shape.begin());
  return image.batched ? y : op.move().reshape(y, shape);
}

// One number a spatial dimension; one for all; none.
List sizes(CallView& op, const char* name, size_t spatial) {
  const List list = op.integers(name);
  return list.size() == 1 ? List(spatial, list[0]) : list;
}

ImageWindow window_of(CallView& op, size_t spatial) {
  ImageWindow w;
  w.stride = sizes(op, "stride", spatial);
  w.dilation = sizes(op, "dilation", spatial);
  w.before = w.after = sizes(op, "padding", spatial);
  return w;
}

// ---- convolutions ------------------------------------------------------------------------------

struct Layer {
  size_t spatial;
  Image image;
  ConvolutionWeights weights;
};

Layer layer_of(CallView& op) {
  ConvolutionWeights c;
  c.weights = op.constant_tensor("weight");
  c.bias = op.has("bias") ? op.constant_tensor("bias") : -1;
  c.groups = op.integer("groups", 1);
  const size_t rank = op.shape(c.weights).size();
  if (rank < 3 || rank > 5)
    op.refuse("wrong-shape", "its weights have " + std::to_string(rank) + " dimensions");
  const Image image = image_of(op, "input", rank - 2);
  if (!op.is_float(image.x) || !op.is_float(c.weights))
    op.refuse("wrong-type", "its input and weights must be float32");
  return {rank - 2, image, c};
}

ImageConvolution convolution(CallView& op) { return ImageConvolution(op.assembly(), op.name()); }

void import_conv(CallView& op) {
  const Layer l = layer_of(op);
  const ValueId y = convolution(op).conv(l.image.x, l.weights, window_of(op, l.spatial));
  op.set(without_batch(op, l.image, y));
}

// The padding is a word: "same" keeps the size, with the odd number behind; "valid" pads nothing.
void import_conv_padding(CallView& op) {
  const Layer l = layer_of(op);
  const std::string padding = op.text("padding", "valid");
  if (padding != "valid" && padding != "same")
    op.refuse("wrong-argument", "its padding is \"" + padding + "\"");
  ImageWindow w;
  w.stride = sizes(op, "stride", l.spatial);
  w.dilation = sizes(op, "dilation", l.spatial);
  if (padding == "same") w.padding = ImageWindow::Padding::same_upper;
  op.set(without_batch(op, l.image, convolution(op).conv(l.image.x, l.weights, w)));
}

void import_conv_transpose(CallView& op) {
  const Layer l = layer_of(op);
  const TransposedWindow w{window_of(op, l.spatial), sizes(op, "output_padding", l.spatial), {}};
  const ValueId y = convolution(op).conv_transpose(l.image.x, l.weights, w);
  op.set(without_batch(op, l.image, y));
}

void import_convolution(CallView& op) {
  if (op.flag("transposed", false)) return import_conv_transpose(op);
  op.ignore("output_padding");
  import_conv(op);
}

// ---- pools -------------------------------------------------------------------------------------

ImagePool pool(CallView& op) { return ImagePool(op.assembly(), op.name()); }

// Without strides the windows stand side by side.
ImageWindow pool_window(CallView& op, size_t spatial) {
  ImageWindow w = window_of(op, spatial);
  w.kernel = sizes(op, "kernel_size", spatial);
  if (w.stride.empty()) w.stride = w.kernel;
  w.ceil = op.flag("ceil_mode", false);
  return w;
}

Image float_image(CallView& op, size_t spatial) {
  const Image image = image_of(op, "self", spatial);
  if (!op.is_float(image.x)) op.refuse("wrong-type", "its input must be float32");
  return image;
}

// Output 1: where in its image each maximum lies.
template <size_t kSpatial>
void import_max_pool(CallView& op) {
  const Image image = image_of(op, "self", kSpatial);
  const ImageWindow w = pool_window(op, kSpatial);
  if (!op.has_output(1)) return op.set(without_batch(op, image, pool(op).max(image.x, w)));
  const Shape shape = op.shape(image.x);
  const int64_t count = element_count(shape);
  if (count > kMostPlaces) op.refuse("too-large", "its input is too large");
  std::vector<int32_t> places;
  for (int64_t i = 0; i < count; ++i)
    places.push_back(int32_t(i % (count / (int64_t(shape[0]) * shape[1]))));
  const auto [best, at] =
      pool(op).max_with_places(image.x, op.constant(ElementType::s32, shape, places), w);
  op.set(0, without_batch(op, image, best));
  op.set(1, without_batch(op, image, op.cast(at, ElementType::s64)));
}

template <size_t kSpatial>
void import_average_pool(CallView& op) {
  const Image image = float_image(op, kSpatial);
  const bool with_border = op.flag("count_include_pad", true);
  const int64_t divisor = op.has("divisor_override") ? op.integer("divisor_override") : 0;
  if (op.has("divisor_override") && divisor == 0) op.refuse("wrong-argument", "its divisor is 0");
  const ImageWindow w = pool_window(op, kSpatial);
  op.set(without_batch(op, image, pool(op).average(image.x, w, with_border, divisor)));
}

// To one number a channel, or windows that share the image evenly.
template <size_t kSpatial, bool kMax>
void import_adaptive_pool(CallView& op) {
  const Image image = float_image(op, kSpatial);
  const Shape shape = op.shape(image.x);
  const List wanted = op.integers("output_size");
  if (wanted.size() != kSpatial)
    op.refuse("wrong-argument", "output_size must have a number a dimension");
  ImageWindow w;
  List axes;
  for (size_t d = 0; d < kSpatial; ++d) {
    if (wanted[d] < 1 || shape[d + 2] % wanted[d] != 0)
      op.refuse("unsupported-argument",
                "an extent of " + std::to_string(shape[d + 2]) + " is not pooled evenly to " +
                    std::to_string(wanted[d]),
                "use an output size that divides it");
    w.kernel.push_back(shape[d + 2] / wanted[d]);
    axes.push_back(int64_t(d + 2));
  }
  w.stride = w.kernel;
  ValueId y;
  if (wanted == List(kSpatial, 1)) {
    Attributes attributes{{"axes", axes}, {"keep_dims", int64_t(1)}};
    if (kMax) attributes["function"] = std::string("max");
    y = op.add(kMax ? reduce_op : mean_op, {image.x}, attributes);
  } else {
    y = kMax ? pool(op).max(image.x, w) : pool(op).average(image.x, w, true);
  }
  op.set(without_batch(op, image, y));
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
    {"aten._adaptive_avg_pool3d.default", kAdaptive, import_adaptive_pool<3, false>},
    {"aten.adaptive_avg_pool1d.default", kAdaptive, import_adaptive_pool<1, false>},
    {"aten.adaptive_avg_pool2d.default", kAdaptive, import_adaptive_pool<2, false>},
    {"aten.adaptive_avg_pool3d.default", kAdaptive, import_adaptive_pool<3, false>},
    {"aten.adaptive_max_pool1d.default", kAdaptive, import_adaptive_pool<1, true>},
    {"aten.adaptive_max_pool2d.default", kAdaptive, import_adaptive_pool<2, true>},
    {"aten.adaptive_max_pool3d.default", kAdaptive, import_adaptive_pool<3, true>},
    {"aten.addmm.default", "self mat1 mat2 beta alpha", import_addmm},
    {"aten.avg_pool1d.default", kAveragePool, import_average_pool<1>},
    {"aten.avg_pool2d.default", kAveragePool, import_average_pool<2>},
    {"aten.avg_pool3d.default", kAveragePool, import_average_pool<3>},
    {"aten.baddbmm.default", "self batch1 batch2 beta alpha", import_baddbmm},
    {"aten.bmm.default", "self mat2", import_mm},
    {"aten.conv1d.default", kConv, import_conv},
    {"aten.conv1d.padding", kConv, import_conv_padding},
    {"aten.conv2d.default", kConv, import_conv},
    {"aten.conv2d.padding", kConv, import_conv_padding},
    {"aten.conv3d.default", kConv, import_conv},
    {"aten.conv3d.padding", kConv, import_conv_padding},
    {"aten.conv_transpose1d.default", kTransposed, import_conv_transpose},
    {"aten.conv_transpose2d.input", kTransposed, import_conv_transpose},
    {"aten.conv_transpose3d.input", kTransposed, import_conv_transpose},
    {"aten.convolution.default",
     "input weight bias stride padding dilation transposed output_padding groups",
     import_convolution},
    {"aten.einsum.default", "equation tensors path", import_einsum},
    {"aten.linear.default", "input weight bias", import_linear},
    {"aten.matmul.default", "self other", import_matmul},
    {"aten.max_pool1d.default", kMaxPool, import_max_pool<1>},
    {"aten.max_pool2d.default", kMaxPool, import_max_pool<2>},
    {"aten.max_pool2d_with_indices.default", kMaxPool, import_max_pool<2>},
    {"aten.max_pool3d.default", kMaxPool, import_max_pool<3>},
    {"aten.max_pool3d_with_indices.default", kMaxPool, import_max_pool<3>},
    {"aten.mm.default", "self mat2", import_mm},
    {"aten.mv.default", "self vec", import_mv},
};

}  // namespace

std::span<const ImportRule> layer_rules() { return kRules; }

}  // namespace mote::pytorch
