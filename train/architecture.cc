// SPDX-License-Identifier: Apache-2.0
// The architectures: mlp, cnn1d and dscnn as lists of layers. See architecture.h.
#include "train/architecture.h"

#include <algorithm>

namespace mote {
namespace {

// An image [height, width, channels] on its way through the layers.
struct Image {
  int32_t height = 0;
  int32_t width = 0;
  int32_t channels = 0;
};
struct Window {
  int32_t height = 1;
  int32_t width = 1;
};

std::string place_of_model(const ModelSpec& spec) { return "[[model]] \"" + spec.name + "\""; }

std::vector<int32_t> given_or(const std::vector<int32_t>& given, std::vector<int32_t> defaults) {
  return given.empty() ? defaults : given;
}

// Collects layers and knows what shape the last one leaves.
class Builder {
 public:
  Builder(const ModelSpec& spec, const Shape& features) : spec_(spec), shape_(features) {}

  void reshape(const std::string& name, Shape shape) {
    if (shape == shape_) return;
    add({name,
         "reshape",
         {{"shape", std::vector<int64_t>(shape.begin(), shape.end())}},
         {},
         {},
         {}});
    shape_ = std::move(shape);
  }
  void dense(const std::string& name, int32_t units, bool hidden, double dropout) {
    LayerPlan& plan = add({name,
                           "fully_connected",
                           {{"activation", word(hidden ? "relu" : "none")}},
                           {units, shape_.back()},
                           {},
                           {}});
    plan.batch_norm = hidden && spec_.batch_norm;
    plan.dropout = dropout;
    shape_ = {units};
  }
  void conv(const std::string& name, int32_t channels, Window kernel, Window stride) {
    LayerPlan& plan = add({name,
                           "conv_2d",
                           convolution(stride),
                           {channels, kernel.height, kernel.width, shape_[3]},
                           {},
                           {}});
    plan.batch_norm = spec_.batch_norm;
    shrink(kernel, stride, true);
    shape_[3] = channels;
  }
  void depthwise(const std::string& name, Window kernel, Window stride) {
    LayerPlan& plan = add({name,
                           "depthwise_conv_2d",
                           convolution(stride),
                           {1, kernel.height, kernel.width, shape_[3]},
                           {},
                           {}});
    plan.batch_norm = spec_.batch_norm;
    shrink(kernel, stride, true);
  }
  void pool(const std::string& name, const std::string& op, Window kernel) {
    Attributes attributes{{"filter_h", int64_t(kernel.height)},
                          {"filter_w", int64_t(kernel.width)},
                          {"stride_h", int64_t(kernel.height)},
                          {"stride_w", int64_t(kernel.width)},
                          {"padding", word("valid")}};
    add({name, op, std::move(attributes), {}, {}, {}});
    shrink(kernel, kernel, false);
  }
  void softmax() { add({"softmax", "softmax", {}, {}, {}, {}}); }

  // Mean over the image, then the classifying layer.
  void classify(int32_t classes) {
    pool("pool", "average_pool_2d", {shape_[1], shape_[2]});
    reshape("flatten", {shape_[3]});
    dense("logits", classes, false, spec_.dropout);
    softmax();
  }

  Image image() const { return {shape_[1], shape_[2], shape_[3]}; }
  std::vector<LayerPlan> take() { return std::move(layers_); }

 private:
  static Attribute word(const char* text) { return std::string(text); }
  static Attributes convolution(Window stride) {
    return {{"stride_h", int64_t(stride.height)},
            {"stride_w", int64_t(stride.width)},
            {"padding", word("same")},
            {"activation", word("relu")}};
  }
  void shrink(Window kernel, Window stride, bool same) {
    shape_[1] = spatial_extent(shape_[1], kernel.height, stride.height, same).output;
    shape_[2] = spatial_extent(shape_[2], kernel.width, stride.width, same).output;
  }
  LayerPlan& add(TrainedLayer layer) {
    layers_.push_back({std::move(layer), false, 0});
    return layers_.back();
  }

  const ModelSpec& spec_;
  Shape shape_;
  std::vector<LayerPlan> layers_;
};

[[noreturn]] void refuse_shape(const ModelSpec& spec, const std::string& needs) {
  fail("wrong-feature-shape", place_of_model(spec),
       "kind " + spec.kind + " needs features " + needs,
       "use kind = \"mlp\", or a signal block that leaves " + needs);
}

std::vector<LayerPlan> plan_mlp(const ModelSpec& spec, const Shape& features, int32_t classes) {
  Builder builder(spec, features);
  builder.reshape("flatten", {int32_t(element_count(features))});
  const std::vector<int32_t> hidden = given_or(spec.hidden, {64, 32});
  for (size_t i = 0; i < hidden.size(); ++i)
    builder.dense("dense_" + std::to_string(i + 1), hidden[i], true, i == 0 ? 0 : spec.dropout);
  builder.dense("logits", classes, false, hidden.empty() ? 0 : spec.dropout);
  builder.softmax();
  return builder.take();
}

// Time lies along the width, height is 1. A long window is thinned by the first convolution to
// about 128 steps, with a kernel that still covers every sample twice.
std::vector<LayerPlan> plan_cnn1d(const ModelSpec& spec, const Shape& features, int32_t classes) {
  if (features.size() > 2) refuse_shape(spec, "[window, axes] or [frames, bins]");
  const int32_t steps = features[0];
  const int32_t axes = features.size() == 2 ? features[1] : 1;
  Builder builder(spec, features);
  builder.reshape("image", {1, 1, steps, axes});
  const std::vector<int32_t> channels = given_or(spec.channels, {16, 32, 48});
  const int32_t length = given_or(spec.kernel, {5})[0];
  const int32_t stride = given_or(spec.stride, {std::clamp(steps / 128, 1, 16)})[0];
  const int32_t first_length = spec.kernel.empty() ? std::max(length, 2 * stride) : length;
  for (size_t i = 0; i < channels.size(); ++i) {
    const bool first = i == 0;
    builder.conv("conv_" + std::to_string(i + 1), channels[i], {1, first ? first_length : length},
                 {1, first ? stride : 1});
    if (spec.pool > 1 && builder.image().width >= 2 * spec.pool)
      builder.pool("pool_" + std::to_string(i + 1), "max_pool_2d", {1, spec.pool});
  }
  builder.classify(classes);
  return builder.take();
}

int32_t default_stride(int32_t size) { return size >= 20 ? 2 : 1; }

// DS-CNN of "Hello Edge" (Zhang et al. 2017): kernel and stride of its first convolution where the
// features look like its 49 x 10 MFCC. A block whose image has more than 300 places halves it, so
// larger features cost little more.
std::vector<LayerPlan> plan_dscnn(const ModelSpec& spec, const Shape& features, int32_t classes) {
  if (features.size() < 2 || features.size() > 3)
    refuse_shape(spec, "[frames, bins] or [height, width, channels]");
  const Image input{features[0], features[1], features.size() == 3 ? features[2] : 1};
  Builder builder(spec, features);
  builder.reshape("image", {1, input.height, input.width, input.channels});
  const bool spectrogram = features.size() == 2 && input.height >= 20;
  const auto kernel =
      given_or(spec.kernel, spectrogram ? std::vector<int32_t>{10, 4} : std::vector<int32_t>{3, 3});
  const auto stride =
      given_or(spec.stride, {default_stride(input.height), input.width >= 8 ? 2 : 1});
  const auto channels = given_or(spec.channels, {32, 32, 32, 48, 48});
  builder.conv("conv_1", channels[0], {kernel[0], kernel[1]}, {stride[0], stride[1]});
  for (size_t i = 1; i < channels.size(); ++i) {
    const Image image = builder.image();
    const int32_t step = image.height * image.width > 300 ? 2 : 1;
    const std::string number = std::to_string(i + 1);
    builder.depthwise("depthwise_" + number, {3, 3}, {step, step});
    builder.conv("pointwise_" + number, channels[i], {1, 1}, {1, 1});
  }
  builder.classify(classes);
  return builder.take();
}

// The lists of a ModelSpec: so many numbers, each at least 1.
void check_list(const ModelSpec& spec, const char* key, const std::vector<int32_t>& list,
                size_t count) {
  if (list.empty()) return;
  const bool positive = std::all_of(list.begin(), list.end(), [](int32_t v) { return v >= 1; });
  if (!positive || (count != 0 && list.size() != count))
    fail("wrong-model", place_of_model(spec),
         std::string("'") + key + "' must be " +
             (count ? std::to_string(count) + " numbers" : "numbers") + " of at least 1",
         std::string("leave '") + key + "' out for the default");
}

void check_lists(const ModelSpec& spec) {
  const size_t dimensions = spec.kind == "dscnn" ? 2 : 1;
  check_list(spec, "hidden", spec.hidden, 0);
  check_list(spec, "channels", spec.channels, 0);
  check_list(spec, "kernel", spec.kernel, dimensions);
  check_list(spec, "stride", spec.stride, dimensions);
  check_list(spec, "pool", {spec.pool}, 1);
}

}  // namespace

const std::vector<std::string>& model_kinds() {
  static const std::vector<std::string> kinds{"mlp", "cnn1d", "dscnn"};
  return kinds;
}

std::vector<LayerPlan> plan_layers(const ModelSpec& spec, const Shape& feature_shape,
                                   int32_t classes) {
  MOTE_ASSERT(!feature_shape.empty() && element_count(feature_shape) > 0 && classes > 0);
  check_lists(spec);
  if (spec.kind == "mlp") return plan_mlp(spec, feature_shape, classes);
  if (spec.kind == "cnn1d") return plan_cnn1d(spec, feature_shape, classes);
  if (spec.kind == "dscnn") return plan_dscnn(spec, feature_shape, classes);
  const std::string near = nearest(spec.kind, model_kinds());
  fail("unknown-model-kind", place_of_model(spec), "kind '" + spec.kind + "' is unknown",
       near.empty() ? "use mlp, cnn1d or dscnn" : "did you mean '" + near + "'?");
}

int64_t parameter_count(const std::vector<LayerPlan>& layers) {
  int64_t count = 0;
  for (const LayerPlan& plan : layers) {
    const Shape& shape = plan.layer.weights_shape;
    if (shape.empty()) continue;
    const bool depthwise = plan.layer.op == "depthwise_conv_2d";
    count += element_count(shape) + (depthwise ? shape.back() : shape.front());
  }
  return count;
}

SpatialExtent spatial_extent(int32_t input, int32_t kernel, int32_t stride, bool same) {
  MOTE_ASSERT(input > 0 && kernel > 0 && stride > 0);
  if (!same) return {(input - kernel) / stride + 1, 0, 0};
  const int32_t output = (input + stride - 1) / stride;
  const int32_t padding = std::max(0, (output - 1) * stride + kernel - input);
  return {output, padding / 2, padding - padding / 2};
}

}  // namespace mote
