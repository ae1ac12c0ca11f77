// SPDX-License-Identifier: Apache-2.0
// remove_dead_channels on random networks and on models of others: every output byte as before.
#include <algorithm>
#include <filesystem>

#include "compiler/import/import.h"
#include "compiler/passes/dead_channels_nets.h"
#include "compiler/pipeline.h"

namespace mote::dead_channels {
namespace {

constexpr int32_t kGraphs = 2000;

class RandomNet {
 public:
  explicit RandomNet(Numbers& n) : net_(n), n_(n) {
    net_.shares = n.integer(0, 5) == 0;
    net_.scales = n.integer(0, 3) != 0;
    net_.has_bias = n.integer(0, 9) != 0;
  }

  Graph make() {
    const ElementType type = n_.integer(0, 7) == 0 ? ElementType::s16 : ElementType::s8;
    const int32_t side = n_.integer(1, 7);
    images_ = {net_.input({1, side, n_.integer(1, 7), n_.integer(1, 5)}, type)};
    for (int32_t layers = n_.integer(2, 7); layers > 0; --layers) images_.push_back(layer());
    net_.graph.outputs = {head()};
    if (n_.integer(0, 4) == 0) net_.graph.outputs.push_back(any());
    for (ValueId& id : net_.graph.outputs)
      if (id == images_[0]) id = net_.conv(id, 2, {});
    return std::move(net_.graph);
  }

 private:
  ValueId any() { return images_[size_t(n_.integer(0, int32_t(images_.size()) - 1))]; }
  // Mostly the newest, so that networks grow deep.
  ValueId next() { return n_.integer(0, 3) ? images_.back() : any(); }
  bool is_s8(ValueId x) const { return net_.value(x).type == ElementType::s8; }

  Plant dead() {
    return [this](Weights& w) {
      for (int32_t o = 0; o < w.outputs; ++o) {
        const int32_t kind = n_.integer(0, 9);
        if (kind < 2) w.silence(o, kind == 0 ? 0 : n_.integer(-100000, 100000));
        if (kind == 2) w.drown(o, n_.integer(0, 1) ? 1 : -1);
      }
      for (int32_t c = 0; !w.depthwise && c < w.inputs; ++c)
        if (n_.integer(0, 5) == 0) w.ignore(c);
      for (int8_t& number : w.numbers)
        if (n_.integer(0, 3) == 0) number = 0;
    };
  }
  Window window(ValueId x) {
    const Shape& shape = net_.value(x).shape;
    const bool same = n_.integer(0, 1) == 0;
    const int32_t most = same ? 3 : std::min({3, shape[1], shape[2]});
    return {n_.integer(1, most), n_.integer(1, 2), same ? "same" : "valid"};
  }

  ValueId layer() {
    const ValueId x = next();
    switch (n_.integer(0, 12)) {
      case 0:
      case 1:
        return net_.depthwise(x, n_.integer(1, 4) == 1 ? 2 : 1, window(x), dead());
      case 2:
        return net_.pool(n_.integer(0, 1) ? average_pool_2d_op : max_pool_2d_op, x, window(x));
      case 3:
        return net_.scaled(add_op, {x, partner(x)});
      case 4:
        return net_.scaled(mul_op, {x, operand(x)});
      case 5:
        return net_.scaled(activation_op, {x}, {{"activation", std::string("relu")}});
      case 6:
        return is_s8(x) ? net_.scaled(quantize_op, {x}) : net_.conv(x, 3, {}, dead());
      case 7:
        return padded(x);
      case 8:
        return joined(x);
      default:
        return net_.conv(x, n_.integer(1, 7), window(x), dead());
    }
  }

  // Another value of the shape, or a constant.
  ValueId partner(ValueId x) {
    for (ValueId y : images_)
      if (y != x && net_.value(y).shape == net_.value(x).shape && n_.integer(0, 2)) return y;
    return operand(x);
  }
  ValueId operand(ValueId x) {
    const int32_t channels = n_.integer(0, 2) ? net_.channels(x) : 1;
    return net_.constant({1, 1, 1, channels}, net_.value(x).type);
  }
  ValueId padded(ValueId x) {
    return net_.add(pad_op, {x},
                    {{"before", std::vector<int64_t>{0, 1, n_.integer(0, 1), 0}},
                     {"after", std::vector<int64_t>{0, 0, 1, 0}}});
  }
  // Along the channels or the height.
  ValueId joined(ValueId x) {
    const ValueId y = net_.scaled(activation_op, {x}, {{"activation", std::string("relu6")}});
    const Quantization& q = net_.value(y).quantization;
    const ValueId z = net_.add(activation_op, {partner_or_self(x)},
                               {{"activation", std::string("none")},
                                {"output_scale", double(q.scale())},
                                {"output_zero_point", int64_t(q.zero_point())}});
    return net_.add(concatenate_op, {y, z}, {{"axis", int64_t(n_.integer(0, 2) ? -1 : 1)}});
  }
  ValueId partner_or_self(ValueId x) {
    const ValueId y = partner(x);
    return net_.value(y).kind == ValueKind::constant ? x : y;
  }

  ValueId head() {
    const ValueId x = images_.back();
    const Shape shape = net_.value(x).shape;
    switch (n_.integer(0, 4)) {
      case 0:
        return net_.dense(net_.flat(x), 3, dead());
      case 1:
        return net_.dense(net_.scaled(mean_op, {x}, {{"axes", std::vector<int64_t>{1, 2}}}), 3,
                          dead());
      case 2:
        return net_.dense(net_.dense(net_.flat(x), 6, dead()), 3, dead());
      case 3:
        return net_.conv(x, 2, {}, dead());
      default:
        return x;
    }
  }

  Net net_;
  Numbers& n_;
  std::vector<ValueId> images_;
};

TEST(RemoveDeadChannels, RandomNetworksAnswerAsBefore) {
  Numbers n(20260);
  int64_t before_macs = 0, after_macs = 0;
  int32_t smaller = 0;
  for (int32_t i = 0; i < kGraphs; ++i) {
    const Graph before = RandomNet(n).make();
    const Graph after = without_dead_channels(before);
    ASSERT_NO_FATAL_FAILURE(expect_same_answers(before, after, n, 3)) << "network " << i;
    smaller += macs(after) < macs(before);
    before_macs += macs(before), after_macs += macs(after);
  }
  std::cout << smaller << " of " << kGraphs << " networks are smaller; " << before_macs
            << " multiplications before, " << after_macs << " after\n";
  EXPECT_GT(smaller, kGraphs / 2);
}

// A second time finds nothing.
TEST(RemoveDeadChannels, RandomNetworksAreAtAFixedPoint) {
  Numbers n(404);
  for (int32_t i = 0; i < 200; ++i) {
    const Graph once = without_dead_channels(RandomNet(n).make());
    EXPECT_EQ(macs(without_dead_channels(once)), macs(once)) << "network " << i;
  }
}

// All passes of compile() in a row, and the kernels of a core with other layouts of weights.
TEST(RemoveDeadChannels, CompiledNetworksAnswerAsBefore) {
  Numbers n(31);
  for (int32_t i = 0; i < 300; ++i) {
    const Graph before = remove_unused(RandomNet(n).make());
    Diagnostics diagnostics;
    const Compiled compiled = compile(before, {.core = InstructionSet::dsp}, diagnostics);
    ASSERT_NO_FATAL_FAILURE(expect_same_answers(before, compiled.plan.graph, n, 3))
        << "network " << i;
    const Bytes sample(size_t(sample_bytes(before, before.streams.at(0))), 77);
    Evaluator portable(before), dsp(compiled.plan.graph, InstructionSet::dsp);
    portable.push(0, sample.data());
    dsp.push(0, sample.data());
    ASSERT_EQ(portable.outputs(), dsp.outputs()) << "network " << i;
  }
}

struct Model {
  const char* name;
  int64_t before, after;  // multiplications
};

class DeadChannelsOfModels : public testing::TestWithParam<Model> {};

TEST_P(DeadChannelsOfModels, AnswersAreAsBefore) {
  const char* data = std::getenv("MOTE_DATA");
  if (!data) GTEST_SKIP() << "MOTE_DATA is not set: no models to prune";
  const std::filesystem::path file =
      std::filesystem::path(data) / "models/tflite" / (std::string(GetParam().name) + ".tflite");
  Diagnostics diagnostics;
  const Graph before = remove_unused(import_model(file, {}, diagnostics).graph);
  diagnostics.stop_if_any();
  const Graph after = without_dead_channels(before);
  EXPECT_EQ(macs(before), GetParam().before);
  EXPECT_EQ(macs(after), GetParam().after);
  Numbers n(7);
  expect_same_answers(before, after, n, 48);
}

// Visual wake words and person detection are MobileNets, pretrainedResnet a ResNet; the others have
// states, or are small.
INSTANTIATE_TEST_SUITE_P(Files, DeadChannelsOfModels,
                         testing::Values(Model{"tiny__vww_96_int8", 7489664, 3729221},
                                         Model{"tflite-micro__person_detect", 7157888, 7155582},
                                         Model{"tflite-micro__hello_world_int8", 288, 220},
                                         Model{"tiny__pretrainedResnet_quant", 12501632, 12501632},
                                         Model{"TinyMaix__cifar10_q", 3082240, 3082240},
                                         Model{"micro-wake-word-models__alexa", 59008, 59008},
                                         Model{"tiny__str_ww_ref_model", 826368, 826368}),
                         [](const testing::TestParamInfo<Model>& model) {
                           std::string name = model.param.name;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace mote::dead_channels
