// SPDX-License-Identifier: Apache-2.0
// Architectures: shapes that fit together for every feature shape, sizes that a microcontroller can
// hold, refusals.
#include "train/architecture.h"

#include <gtest/gtest.h>

#include "train/random.h"

namespace mote {
namespace {

int64_t integer(const TrainedLayer& layer, const char* name) {
  return std::get<int64_t>(layer.attributes.at(name));
}

ModelSpec spec_of(const std::string& kind) {
  ModelSpec spec;
  spec.kind = kind;
  return spec;
}

std::string code_of(const ModelSpec& spec, const Shape& features) {
  try {
    plan_layers(spec, features, 3);
  } catch (const UserError& error) {
    return error.diagnostics().at(0).code;
  }
  return "";
}

// Follows the shapes from layer to layer, written anew: the image after each layer, and the
// multiply-accumulates.
int64_t walk(const std::vector<LayerPlan>& layers, Shape shape, int32_t classes) {
  int64_t macs = 0;
  for (const LayerPlan& plan : layers) {
    const TrainedLayer& layer = plan.layer;
    const Shape& w = layer.weights_shape;
    if (layer.op == "reshape") {
      const auto& to = std::get<std::vector<int64_t>>(layer.attributes.at("shape"));
      const Shape next(to.begin(), to.end());
      EXPECT_EQ(element_count(next), element_count(shape));
      shape = next;
    } else if (layer.op == "fully_connected") {
      EXPECT_EQ(shape, Shape{w[1]});
      macs += element_count(w);
      shape = {w[0]};
    } else if (layer.op != "softmax") {
      EXPECT_EQ(shape.size(), 4u);
      const bool depthwise = layer.op == "depthwise_conv_2d";
      const bool same = std::get<std::string>(layer.attributes.at("padding")) == "same";
      const int64_t kh = w.empty() ? integer(layer, "filter_h") : w[1];
      const int64_t kw = w.empty() ? integer(layer, "filter_w") : w[2];
      EXPECT_TRUE(w.empty() || w[3] == shape[3]);
      const auto sized = [&](int64_t in, int64_t k, int64_t s) {
        return (same ? in + s - 1 : in - k + s) / s;
      };
      shape[1] = int32_t(sized(shape[1], kh, integer(layer, "stride_h")));
      shape[2] = int32_t(sized(shape[2], kw, integer(layer, "stride_w")));
      if (!w.empty() && !depthwise) shape[3] = w[0];
      if (!w.empty()) macs += int64_t(shape[1]) * shape[2] * element_count(w);
      EXPECT_GE(shape[1], 1);
      EXPECT_GE(shape[2], 1);
    }
  }
  EXPECT_EQ(shape, Shape{classes});
  EXPECT_EQ(layers.back().layer.op, "softmax");
  return macs;
}

TEST(Architecture, ShapesFitTogetherForEveryFeatureShape) {
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    const std::string& kind = model_kinds()[size_t(random.below(3))];
    Shape features{1 + int32_t(random.below(random.uniform() < 0.2 ? 3000 : 120))};
    if (kind != "mlp" || random.uniform() < 0.5) features.push_back(1 + int32_t(random.below(60)));
    if (kind == "dscnn" && random.uniform() < 0.4)
      features = {features[0] % 200 + 1, features[1], 1 + int32_t(random.below(3))};
    const int32_t classes = 2 + int32_t(random.below(30));
    std::string text = kind;
    for (int32_t d : features) text += " " + std::to_string(d);
    SCOPED_TRACE(text);
    walk(plan_layers(spec_of(kind), features, classes), features, classes);
  }
}

TEST(Architecture, DefaultsAreSmall) {
  struct Case {
    std::string kind;
    Shape features;
    int64_t parameters, macs;  // at most
  };
  for (const Case& c :
       {Case{"mlp", {66}, 7000, 7000}, Case{"cnn1d", {128, 6}, 13000, 500000},
        Case{"cnn1d", {2000, 3}, 13000, 700000}, Case{"dscnn", {49, 10}, 10000, 1500000},
        Case{"dscnn", {98, 40}, 10000, 3500000}, Case{"dscnn", {96, 96, 3}, 10000, 6000000}}) {
    const auto layers = plan_layers(spec_of(c.kind), c.features, 12);
    EXPECT_LE(parameter_count(layers), c.parameters) << c.kind;
    EXPECT_LE(walk(layers, c.features, 12), c.macs) << c.kind << " " << c.features[0];
  }
}

TEST(Architecture, RefusesWhatItCannotBuild) {
  EXPECT_EQ(code_of(spec_of("dscn"), {40, 10}), "unknown-model-kind");
  EXPECT_EQ(code_of(spec_of("dscnn"), {66}), "wrong-feature-shape");
  EXPECT_EQ(code_of(spec_of("cnn1d"), {10, 10, 3}), "wrong-feature-shape");
  ModelSpec spec = spec_of("dscnn");
  spec.kernel = {3};
  EXPECT_EQ(code_of(spec, {40, 10}), "wrong-model");
  spec = spec_of("mlp");
  spec.hidden = {16, 0};
  EXPECT_EQ(code_of(spec, {40}), "wrong-model");
}

TEST(Architecture, SuggestsTheKindThatWasMeant) {
  try {
    plan_layers(spec_of("dscn"), {40, 10}, 3);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).remedy, "did you mean 'dscnn'?");
  }
}

// TensorFlow's rule, counted instead of computed: outputs start every `stride`, the padding is what
// they reach beyond.
TEST(SpatialExtent, SameIsTensorFlows) {
  for (int32_t input = 1; input < 40; ++input)
    for (int32_t kernel = 1; kernel < 12; ++kernel)
      for (int32_t stride = 1; stride < 6; ++stride) {
        const SpatialExtent e = spatial_extent(input, kernel, stride, true);
        int32_t outputs = 0;
        for (int32_t at = 0; at < input; at += stride) ++outputs;
        ASSERT_EQ(e.output, outputs);
        ASSERT_LE(e.before, e.after);
        ASSERT_LE(e.after - e.before, 1);
        const int32_t reach = (outputs - 1) * stride + kernel;
        ASSERT_EQ(e.before + e.after, reach > input ? reach - input : 0);
      }
}

}  // namespace
}  // namespace mote
