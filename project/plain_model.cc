// SPDX-License-Identifier: Apache-2.0
// See plain_model.h.
#include "project/plain_model.h"

#include <charconv>
#include <cstring>
#include <utility>

#include "compiler/emit/cpp.h"
#include "compiler/passes/passes.h"
#include "data/npy.h"
#include "graph/evaluator.h"
#include "graph/quantizer.h"
#include "graph/verify.h"
#include "project/build.h"
#include "project/doctor.h"
#include "project/store.h"
#include "quantize/pairs.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::vector<const Value*> inputs_of(const Graph& graph) {
  std::vector<const Value*> inputs;
  for (const SamplePart& part : sample_parts(graph, graph.streams.at(0)))
    inputs.push_back(&graph.value(part.value));
  return inputs;
}

uint32_t parse_seed(const std::string& word) {
  const std::string digits = word.substr(5);
  uint32_t seed = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
    fail("wrong-input", "--input", "\"" + word + "\" has no seed",
         "write prng: and a number of 0 to 4294967295, such as prng:12345");
  return seed;
}

uint32_t next(uint32_t& x) { return x = x * 1664525u + 1013904223u; }

void fill_random(const Graph& graph, uint32_t& x, uint8_t* sample) {
  for (const SamplePart& part : sample_parts(graph, graph.streams.at(0))) {
    const Value& value = graph.value(part.value);
    uint8_t* to = sample + part.offset;
    if (value.type == ElementType::f32 || value.type == ElementType::boolean) {
      fill_self_test(value, x, to);
      continue;
    }
    for (int64_t i = 0; i < value.bytes(); ++i) to[i] = uint8_t(next(x) >> 24);
  }
}

ModelSamples random_samples(const Graph& graph, uint32_t seed, int64_t count) {
  const auto bytes = size_t(sample_bytes(graph, graph.streams.at(0)));
  ModelSamples samples{count, Bytes(size_t(count) * bytes)};
  for (int64_t n = 0; n < count; ++n)
    fill_random(graph, seed, samples.bytes.data() + size_t(n) * bytes);
  return samples;
}

std::string shape_words(const Shape& shape) {
  std::string text;
  for (int32_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

// Real numbers for an input of integers: they are brought to its scale.
bool is_quantized_on_reading(const NpyTensor& tensor, const Value& value) {
  return tensor.type->element == ElementType::f32 && value.quantization.scales.size() == 1 &&
         (value.type == ElementType::s8 || value.type == ElementType::s16);
}

void store_sample(const NpyTensor& tensor, int64_t sample, const Value& value, uint8_t* to) {
  if (!is_quantized_on_reading(tensor, value)) {
    const auto bytes = size_t(value.bytes());
    std::memcpy(to, tensor.data.data() + size_t(sample) * bytes, bytes);
    return;
  }
  const auto count = size_t(value.elements());
  const char* from = tensor.data.data() + size_t(sample) * count * sizeof(float);
  for (size_t i = 0; i < count; ++i) {
    float real;
    std::memcpy(&real, from + i * sizeof real, sizeof real);
    const int32_t number = to_integer(double(real), value.quantization, value.type);
    std::memcpy(to + i * size_t(element_bytes(value.type)), &number,
                size_t(element_bytes(value.type)));
  }
}

// How many samples lie one after the other along `axis`; 0: other dimensions differ.
int64_t times_longer(std::vector<int64_t> given, const std::vector<int64_t>& shape, int32_t axis) {
  if (axis < 0 || given.size() != shape.size()) return 0;
  const int64_t length = shape[size_t(axis)];
  const int64_t extent = std::exchange(given[size_t(axis)], length);
  return given == shape && extent % length == 0 ? extent / length : 0;
}

// How many samples of `value` the file holds; 0 after an error.
int64_t samples_in(const NpyTensor& tensor, const Value& value, const std::string& path,
                   Diagnostics& diagnostics, int32_t axis) {
  const std::vector<int64_t> shape(value.shape.begin(), value.shape.end());
  const int64_t longer = times_longer(tensor.shape, shape, axis);
  const bool sequence = tensor.shape.size() == shape.size() + 1 &&
                        std::equal(shape.begin(), shape.end(), tensor.shape.begin() + 1);
  if (tensor.type->element != value.type && !is_quantized_on_reading(tensor, value))
    diagnostics.error("wrong-input", path,
                      "its numbers are of type \"" + std::string(tensor.type->name) +
                          "\"; input \"" + value.name + "\" takes " + to_string(value.type),
                      "convert them with array.astype(...) and np.save");
  else if (tensor.shape == shape)
    return 1;
  else if (sequence && tensor.shape[0] > 0)
    return tensor.shape[0];
  else if (longer > 0)
    return longer;
  else
    diagnostics.error(
        "wrong-input", path,
        "its shape does not fit input \"" + value.name + "\", which is " + shape_words(value.shape),
        "save one sample of that shape, or several with one dimension more in front");
  return 0;
}

ModelSamples read_files(const Graph& graph, const std::vector<std::string>& paths,
                        Diagnostics& diagnostics, int32_t axis) {
  const std::vector<const Value*> inputs = inputs_of(graph);
  if (paths.size() != inputs.size())
    fail("wrong-input", "--input",
         std::to_string(paths.size()) + " files are given for " + std::to_string(inputs.size()) +
             " inputs",
         "name one .npy file an input, in the model's order");
  const auto parts = sample_parts(graph, graph.streams.at(0));
  const auto sample = size_t(sample_bytes(graph, graph.streams.at(0)));
  ModelSamples samples;
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto tensor =
        parse_npy_tensor(read_file(paths[i], "name a .npy file"), paths[i], diagnostics);
    const int64_t count = tensor ? samples_in(*tensor, *inputs[i], paths[i], diagnostics, axis) : 0;
    diagnostics.stop_if_any();
    if (i > 0 && count != samples.count)
      fail("wrong-input", paths[i],
           "it holds " + std::to_string(count) + " samples and " + paths[0] + " " +
               std::to_string(samples.count));
    samples.count = count;
    samples.bytes.resize(size_t(count) * sample);
    for (int64_t n = 0; n < count; ++n)
      store_sample(*tensor, n, *inputs[i],
                   samples.bytes.data() + size_t(n) * sample + size_t(parts[i].offset));
  }
  return samples;
}

}  // namespace

ModelSamples read_samples(const Graph& graph, const std::vector<std::string>& words,
                          Diagnostics& diagnostics, const SampleSeries& series) {
  const auto sample = size_t(sample_bytes(graph, graph.streams.at(0)));
  if (words.size() == 1 && words[0] == "zero")
    return {series.made, Bytes(size_t(series.made) * sample)};
  if (words.size() == 1 && words[0].rfind("prng:", 0) == 0)
    return random_samples(graph, parse_seed(words[0]), series.made);
  return read_files(graph, words, diagnostics, series.axis);
}

Playback playback_of(const Graph& graph, const ModelSamples& samples) {
  const auto bytes = size_t(sample_bytes(graph, graph.streams.at(0)));
  const size_t values = (bytes + 1) / 2;
  const int64_t plays = std::max<int64_t>(samples.count, 2);
  Playback playback{"input", {{0, 0, std::vector<int16_t>(size_t(plays) * values)}}, true};
  for (int64_t n = 0; n < plays; ++n)
    std::memcpy(playback.feeds[0].values.data() + size_t(n) * values,
                samples.bytes.data() + size_t(std::min(n, samples.count - 1)) * bytes, bytes);
  return playback;
}

ModelAnswers answer(const Graph& graph, const ModelSamples& samples,
                    const std::function<void(double)>& progress) {
  const auto bytes = size_t(sample_bytes(graph, graph.streams.at(0)));
  Evaluator evaluator(graph, kFastKernels);
  ModelAnswers answers;
  for (int64_t n = 0; n < samples.count; ++n) {
    if (n + 1 == samples.count)
      evaluator.observe([&](int32_t node, std::span<const uint8_t> output) {
        const ValueId id = graph.nodes[size_t(node)].outputs[0];
        answers.layers.try_emplace(id, output.begin(), output.end());
      });
    const bool decided = evaluator.push(0, samples.bytes.data() + size_t(n) * bytes);
    if (decided || n + 1 == samples.count) answers.outputs.push_back(evaluator.outputs());
    if (progress) progress(double(n + 1) / double(samples.count));
  }
  return answers;
}

void write_outputs(const Graph& graph, const ModelAnswers& answers, const fs::path& folder) {
  size_t at = 0;
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const Value& value = graph.value(graph.outputs[i]);
    Bytes numbers;
    for (const Bytes& outputs : answers.outputs)
      numbers.insert(numbers.end(), outputs.begin() + int64_t(at),
                     outputs.begin() + int64_t(at) + value.bytes());
    at += size_t(value.bytes());
    Shape shape = value.shape;
    if (answers.outputs.size() > 1) shape.insert(shape.begin(), int32_t(answers.outputs.size()));
    write_file(folder / ("output_" + std::to_string(i) + ".npy"),
               npy_bytes(value.type, shape, numbers));
  }
}

void write_layers(const Graph& graph, const ModelAnswers& answers, const fs::path& folder) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto found = answers.layers.find(node.outputs[0]);
    if (found == answers.layers.end()) continue;
    const Value& value = graph.value(node.outputs[0]);
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    write_file(folder / "layers" / (number + "_" + node.op->name + ".npy"),
               npy_bytes(value.type, value.shape, found->second));
  }
}

Graph load_model(const fs::path& path, const ImportOptions& options, Diagnostics& diagnostics,
                 LayoutReport* layout) {
  const ImportedModel model = import_model(path, options, diagnostics);
  const Graph graph = model.states_pairs ? fold_pairs(model.graph, diagnostics) : model.graph;
  Graph fused = remove_unused(fuse_activations(arrange_layout(graph, layout)));
  verify(fused, diagnostics);
  return fused;
}

CompileOptions options_of(const std::string& board, Diagnostics& diagnostics) {
  if (board == "host") return {};
  return options_for(board_named(board, "--board", diagnostics));
}

Compiled compile_model(const fs::path& path, const ImportOptions& options, Diagnostics& diagnostics,
                       InstructionSet core) {
  return compile(load_model(path, options, diagnostics), {.core = core}, diagnostics);
}

ModelRun run_model(const Compiled& compiled, const std::string& board, const ModelSamples& samples,
                   const fs::path& folder,
                   const std::function<void(const std::string&, double)>& progress,
                   Diagnostics& diagnostics) {
  require_tools();
  const Graph& graph = compiled.model();
  Board found;
  if (board != "host") found = board_named(board, "--board", diagnostics);
  FirmwareRequest request;
  request.compiled = &compiled;
  request.board = board == "host" ? nullptr : &found;
  request.folder = folder;
  request.playbacks = {playback_of(graph, samples)};
  request.progress = progress;
  ModelRun run;
  run.answers = answer(graph, samples);
  run.firmware = verify_firmware(request, diagnostics);
  diagnostics.stop_if_any();
  run.firmware.last_outputs = run.answers.outputs.back();
  return run;
}

bool is_model_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && path.filename() != "mote.toml";
}

Graph graph_of(const fs::path& model, const ImportOptions& options, Diagnostics& diagnostics) {
  return is_model_file(model) ? load_model(model, options, diagnostics)
                              : read_graph(store_of(model).graph(), diagnostics);
}

}  // namespace mote
