// SPDX-License-Identifier: Apache-2.0
// Every rule of the verifier: a sound graph passes, a graph with one thing wrong is refused in
// these words.
#include "graph/verify.h"

#include <gtest/gtest.h>

#include <limits>

#include "graph/test_graphs.h"

namespace mote {
namespace {

using namespace testing_graphs;

std::string findings(const Graph& graph) {
  Diagnostics diagnostics;
  verify(graph, diagnostics);
  std::string all;
  for (const Diagnostic& d : diagnostics.errors()) all += (all.empty() ? "" : "\n") + to_string(d);
  return all;
}

TEST(Verify, TakesSoundGraphs) {
  EXPECT_EQ(findings(small_graph()), "");
  for (uint32_t seed = 1; seed <= 200; ++seed)
    ASSERT_EQ(findings(random_graph(seed)), "") << "seed " << seed;
}

// In small_graph(): %0 acc, %1 acc/last, %2 acc/pending, %3 window, %4 window/window, %5
// window/fill, %6 vector, %7 %8 weights and bias of dense1, %9 dense1, %10 %11 of dense2, %12
// dense2. Layers: 0 window, 1 dense1, 2 dense2.
struct Break {
  const char* name;
  void (*change)(Graph&);
  const char* finding;  // how the first line begins
};
void PrintTo(const Break& b, std::ostream* out) { *out << b.name; }

Bytes bytes_of(std::vector<int32_t> numbers) {
  const auto* p = reinterpret_cast<const uint8_t*>(numbers.data());
  return Bytes(p, p + numbers.size() * 4);
}
std::shared_ptr<const Bytes> data(Bytes bytes) {
  return std::make_shared<const Bytes>(std::move(bytes));
}

const Break kBreaks[] = {
    {"zero_dimension",
     [](Graph& g) {
       g.values[3].shape = {4, 0};
     },
     "value %3 \"window\": a dimension is below 1 or the tensor is larger than 2 GB [wrong-shape]"},
    {"overflowing_shape",
     [](Graph& g) {
       g.values[3].shape = {65536, 65536, 65536, 65536};
     },
     "value %3 \"window\": a dimension is below 1 or the tensor is larger than 2 GB [wrong-shape]"},
    {"short_data",
     [](Graph& g) {
       g.values[8].data = data({1, 2, 3});
     },
     "value %8 \"dense1/bias\": the data's size does not fit the shape [wrong-data-size]"},
    {"no_data", [](Graph& g) { g.values[8].data = nullptr; },
     "value %8 \"dense1/bias\": a constant must have data [no-data]"},
    {"computed_with_data", [](Graph& g) { g.values[9].data = data(Bytes(16)); },
     "value %9 \"dense1\": only constants and states have data [unexpected-data]"},
    {"constant_with_clock",
     [](Graph& g) {
       g.values[8].clock = {1, {1, 1}, {1, 1}};
     },
     "value %8 \"dense1/bias\": constants and states have no clock [wrong-clock]"},
    {"float_with_scale", [](Graph& g) { g.values[9].quantization = per_tensor(0.5f, 0); },
     "value %9 \"dense1\": a float value has no scale [wrong-quantization]"},
    {"zero_scale", [](Graph& g) { g.values[0].quantization = per_tensor(0, 0); },
     "value %0 \"acc\": scale 0.0 is not above zero [wrong-quantization]"},
    {"infinite_scale",
     [](Graph& g) {
       g.values[0].quantization = per_tensor(std::numeric_limits<float>::infinity(), 0);
     },
     "value %0 \"acc\": scale inf is not above zero [wrong-quantization]"},
    {"zero_point_out_of_type", [](Graph& g) { g.values[0].quantization = per_tensor(1, 40000); },
     "value %0 \"acc\": zero point 40000 does not fit s16 [wrong-quantization]"},
    {"no_zero_point",
     [](Graph& g) {
       g.values[0].quantization = {{1.0f}, {}, 0};
     },
     "value %0 \"acc\": every scale needs one zero point [wrong-quantization]"},
    {"channels_do_not_fit",
     [](Graph& g) {
       g.values[0].quantization = {{1, 1}, {0, 0}, 0};
     },
     "value %0 \"acc\": scales and axis do not fit the shape [wrong-quantization]"},
    {"axis_out_of_shape",
     [](Graph& g) {
       g.values[0].quantization = {{1, 1, 1}, {0, 0, 0}, 7};
     },
     "value %0 \"acc\": scales and axis do not fit the shape [wrong-quantization]"},

    {"rate_not_a_number", [](Graph& g) { g.streams[0].rate_hz = std::nan(""); },
     "stream \"acc\": the rate must be zero or more [wrong-rate]"},
    {"stream_of_nothing", [](Graph& g) { g.streams[1].value = 99; },
     "stream \"vector\": value %99 is no stream's value [wrong-stream]"},
    {"two_streams_one_value", [](Graph& g) { g.streams[1].value = 0; },
     "stream \"vector\": value %0 \"acc\" is already defined [defined-twice]"},
    {"sample_clock",
     [](Graph& g) {
       g.values[0].clock.period = {2, 1};
     },
     "stream \"acc\": a sample's clock is its stream with period 1 and phase 1 [wrong-clock]"},
    {"tensor_stream_that_holds", [](Graph& g) { g.streams[1].missing = MissingPolicy::hold; },
     "stream \"vector\": a stream without axes can only drop what is missing [wrong-stream]"},
    {"sensor_in_float", [](Graph& g) { g.values[0].type = ElementType::f32; },
     "stream \"acc\": a sensor's sample is one s16 count an axis [wrong-stream]"},
    {"axis_scale", [](Graph& g) { g.streams[0].axes[1].scale = -1; },
     "stream \"acc\": the scale of axis 'y' is not above zero [wrong-scale]"},
    {"policy_without_state", [](Graph& g) { g.streams[0].last = -1; },
     "stream \"acc\": its states do not fit its missing-sample policy [wrong-state]"},
    {"stream_state_is_none", [](Graph& g) { g.streams[0].last = 3; },
     "stream \"acc\": value %3 \"window\" is no state [wrong-state]"},
    {"stream_state_of_wrong_shape", [](Graph& g) { g.values[1].shape = {2}; },
     "stream \"acc\": value %1 \"acc/last\" is not s16[3] [wrong-state]"},
    {"pending_begins_at_zero", [](Graph& g) { g.values[2].data = nullptr; },
     "stream \"acc\": value %2 \"acc/pending\" must begin at -1: no sample yet [wrong-state]"},
    {"last_begins_elsewhere", [](Graph& g) { g.values[1].data = data(Bytes(6, 1)); },
     "stream \"acc\": value %1 \"acc/last\" must begin at zero [wrong-state]"},

    {"no_operator", [](Graph& g) { g.nodes[0].op = nullptr; },
     "layer 0 ? \"window\": the layer has no operator [no-operator]"},
    {"input_out_of_range", [](Graph& g) { g.nodes[1].inputs[2] = 99; },
     "layer 1 fully_connected \"dense1\": value %99 does not exist [wrong-input]"},
    {"input_below_absent", [](Graph& g) { g.nodes[1].inputs[2] = -2; },
     "layer 1 fully_connected \"dense1\": value %-2 does not exist [wrong-input]"},
    {"input_is_state", [](Graph& g) { g.nodes[1].inputs[2] = 5; },
     "layer 1 fully_connected \"dense1\": value %5 \"window/fill\" is a state; only its owner sees "
     "it "
     "[wrong-input]"},
    {"order", [](Graph& g) { std::swap(g.nodes[1], g.nodes[2]); },
     "layer 1 fully_connected \"dense2\": value %9 \"dense1\" is used before it is defined "
     "[used-before-defined]"},
    {"clocks_differ", [](Graph& g) { g.nodes[1].inputs[2] = 0; },
     "layer 1 fully_connected \"dense1\": value %6 \"vector\" and value %0 \"acc\" do not come at "
     "the same time "
     "[clocks-differ]"},
    {"constants_only", [](Graph& g) { g.nodes[1].inputs[0] = g.nodes[1].inputs[1]; },
     "layer 1 fully_connected \"dense1\": no input is a value that is computed "
     "[no-trigger]"},
    {"no_inputs", [](Graph& g) { g.nodes[1].inputs.clear(); },
     "layer 1 fully_connected \"dense1\": no input is a value that is computed "
     "[no-trigger]"},
    {"no_outputs", [](Graph& g) { g.nodes[0].outputs.clear(); },
     "layer 0 framer \"window\": the layer has no output [no-output]"},
    {"output_is_constant", [](Graph& g) { g.nodes[1].outputs[0] = 8; },
     "layer 1 fully_connected \"dense1\": value %8 \"dense1/bias\" cannot be an output "
     "[wrong-output]"},
    {"output_out_of_range", [](Graph& g) { g.nodes[1].outputs[0] = 1000; },
     "layer 1 fully_connected \"dense1\": value %1000 cannot be an output [wrong-output]"},
    {"two_definitions", [](Graph& g) { g.nodes[2].outputs[0] = 9; },
     "layer 2 fully_connected \"dense2\": value %9 \"dense1\" is already defined [defined-twice]"},
    {"node_state_is_none", [](Graph& g) { g.nodes[0].states[1] = 9; },
     "layer 0 framer \"window\": value %9 \"dense1\" is no state [wrong-state]"},
    {"state_of_two", [](Graph& g) { g.nodes[0].states[1] = 2; },
     "layer 0 framer \"window\": value %2 \"acc/pending\" already has an owner [shared-state]"},
    {"attribute_missing", [](Graph& g) { g.nodes[0].attributes.erase("length"); },
     "layer 0 framer \"window\": attribute 'length' is not given [missing-attribute]"},
    {"attribute_unknown", [](Graph& g) { g.nodes[0].attributes["lenght"] = int64_t{4}; },
     "layer 0 framer \"window\": attribute 'lenght' is unknown [unknown-attribute]"},
    {"ownerless_state", [](Graph& g) { g.nodes[0].states.pop_back(); },
     "value %5 \"window/fill\": the state belongs to no layer or stream [ownerless-state]"},
    {"never_defined", [](Graph& g) { g.outputs.pop_back(), g.nodes.erase(g.nodes.begin()); },
     "value %3 \"window\": no layer or stream gives this value [never-defined]"},

    {"graph_without_output", [](Graph& g) { g.outputs.clear(); },
     "graph: the graph has no output [no-output]"},
    {"output_does_not_exist", [](Graph& g) { g.outputs = {50}; },
     "graph: value %50 cannot be an output of the graph [wrong-output]"},
    {"output_of_graph_is_constant", [](Graph& g) { g.outputs = {7}; },
     "graph: value %7 \"dense1/weights\" cannot be an output of the graph [wrong-output]"},
    {"nameless", [](Graph& g) { g.values[9].name = ""; },
     "value %9 \"\": it has no name [no-name]"},
    {"same_value_name", [](Graph& g) { g.values[9].name = "dense2"; },
     "value %12 \"dense2\": another one has the same name [same-name]"},
    {"same_layer_name", [](Graph& g) { g.nodes[2].name = "dense1"; },
     "layer 2 fully_connected \"dense1\": another one has the same name [same-name]"},
    {"same_stream_name", [](Graph& g) { g.streams[1].name = "acc"; },
     "stream \"acc\": another one has the same name [same-name]"},
    {"same_class_name", [](Graph& g) { g.classes[1] = "idle"; },
     "class \"idle\": another one has the same name [same-name]"},

    {"operator_refuses", [](Graph& g) { g.nodes[0].attributes["length"] = int64_t{0}; },
     "layer 0 framer \"window\": length and stride must be at least 1 row [wrong-window]"},
    {"attribute_of_wrong_type", [](Graph& g) { g.nodes[0].attributes["length"] = 4.0; },
     "layer 0 framer \"window\": attribute 'length' must be an integer [wrong-attribute]"},
    // Bug: fully_connected read past a bias that has fewer numbers than there are outputs.
    {"short_bias", [](Graph& g) { g.values[8].shape = {1}, g.values[8].data = data(Bytes(4)); },
     "layer 1 fully_connected \"dense1\": the bias must hold one number an output "
     "channel; f32 for f32, s32 for s8, s64 for s16 [wrong-shape]"},
    {"integer_bias_of_floats", [](Graph& g) { g.values[8].type = ElementType::s32; },
     "layer 1 fully_connected \"dense1\": the bias must hold one number an output "
     "channel; f32 for f32, s32 for s8, s64 for s16 [wrong-shape]"},
    {"shape_not_inferred", [](Graph& g) { g.values[12].shape = {3}; },
     "layer 2 fully_connected \"dense2\": value %12 \"dense2\" must be f32[2], it is f32[3] "
     "[wrong-layer]"},
    {"scale_not_inferred", [](Graph& g) { g.values[3].quantization = per_tensor(2, 0); },
     "layer 0 framer \"window\": value %3 \"window\" has another scale than the operator gives it "
     "[wrong-layer]"},
    {"clock_not_inferred",
     [](Graph& g) {
       g.values[3].clock.phase = {9, 1};
     },
     "layer 0 framer \"window\": value %3 \"window\" has another clock than the operator gives it "
     "[wrong-clock]"},
    {"clock_overflows",
     [](Graph& g) {
       g.nodes[0].attributes["stride"] = std::numeric_limits<int64_t>::max();
       g.values[3].clock.period = {std::numeric_limits<int64_t>::max(), 1};
       g.nodes.push_back({&framer_op, "w2", g.nodes[0].attributes, {3}, {13}, {14, 15}});
       for (const char* name : {"w2", "w2/window", "w2/fill"})
         g.values.push_back(g.values[3]), g.values.back().name = name;
       for (size_t i : {14, 15}) g.values[i].kind = ValueKind::state, g.values[i].clock = {};
     },
     "layer 3 framer \"w2\": windows and strides multiply to more samples than 64 bits can count "
     "[clock-overflow]"},
    {"states_not_inferred",
     [](Graph& g) {
       g.nodes[0].states.pop_back();
       g.values.erase(g.values.begin() + 5);
       for (Node& n : g.nodes)
         for (auto* ids : {&n.inputs, &n.outputs})
           for (ValueId& id : *ids) id -= id > 5;
       g.streams[1].value = 5, g.outputs = {11, 3};
     },
     "layer 0 framer \"window\": the number of its outputs or states is wrong [wrong-layer]"},
    {"state_type_not_inferred", [](Graph& g) { g.values[5].type = ElementType::s16; },
     "layer 0 framer \"window\": value %5 \"window/fill\" must be s32[1] [wrong-state]"},
    {"initial_not_inferred", [](Graph& g) { g.values[5].data = data(bytes_of({1})); },
     "layer 0 framer \"window\": value %5 \"window/fill\" has another initial value [wrong-state]"},
};

class VerifyRule : public ::testing::TestWithParam<Break> {};
TEST_P(VerifyRule, IsTold) {
  Graph graph = small_graph();
  GetParam().change(graph);
  const std::string all = findings(graph);
  EXPECT_EQ(all.substr(0, all.find('\n')), GetParam().finding) << all;
}
INSTANTIATE_TEST_SUITE_P(Rules, VerifyRule, ::testing::ValuesIn(kBreaks),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Verify, CollectsWhatIsWrong) {
  Graph graph = small_graph();
  graph.values[0].quantization = per_tensor(0, 0);
  graph.values[8].data = nullptr;
  EXPECT_EQ(findings(graph),
            "value %0 \"acc\": scale 0.0 is not above zero [wrong-quantization]\n"
            "value %8 \"dense1/bias\": a constant must have data [no-data]");
}

// An operator whose output is a view of another size would read past its input.
TEST(Verify, HoldsViewsToTheSizeOfTheirInput) {
  static OpDef wrong_view;
  wrong_view.name = "wrong_view";
  wrong_view.alias = Alias::view;
  wrong_view.infer = [](const NodeView& node) {
    return Inference{{{ElementType::f32, {99}, {}, node.input(0).clock}}, {}};
  };
  Graph graph = small_graph();
  graph.add_node(wrong_view, "view", {graph.outputs[0]});
  EXPECT_EQ(findings(graph),
            "layer 3 wrong_view \"view\": its output is not as large as the input that it is a "
            "view of [wrong-alias]");
}

}  // namespace
}  // namespace mote
