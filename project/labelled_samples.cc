// SPDX-License-Identifier: Apache-2.0
// See labelled_samples.h.
#include "project/labelled_samples.h"

#include <algorithm>
#include <cstring>

#include "data/npy.h"
#include "graph/quantizer.h"
#include "project/store.h"
#include "project/stored.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

void append(const ModelSamples& more, ModelSamples& samples) {
  samples.count += more.count;
  samples.bytes.insert(samples.bytes.end(), more.bytes.begin(), more.bytes.end());
}

std::vector<std::string> npy_files(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".npy" && entry.path().filename() != "labels.npy")
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  if (files.empty())
    fail("no-samples", folder.string(), "the folder holds no .npy file and is no trained project",
         "save the samples there with np.save, or name a project's folder");
  return files;
}

ModelSamples read_npy_samples(const Graph& graph, const fs::path& folder,
                              Diagnostics& diagnostics) {
  const size_t inputs = sample_parts(graph, graph.streams.at(0)).size();
  ModelSamples samples;
  if (inputs == 1) {
    for (const std::string& file : npy_files(folder))
      append(read_samples(graph, {file}, diagnostics), samples);
    return samples;
  }
  std::vector<std::string> files;
  for (size_t i = 0; i < inputs; ++i)
    files.push_back((folder / ("input_" + std::to_string(i) + ".npy")).string());
  return read_samples(graph, files, diagnostics);
}

std::vector<int32_t> read_labels(const fs::path& file, int64_t samples, Diagnostics& diagnostics) {
  if (!fs::exists(file)) return {};
  const auto tensor =
      parse_npy_tensor(read_file(file, "name a .npy file"), file.string(), diagnostics);
  diagnostics.stop_if_any();
  if (!tensor->type->element || *tensor->type->element == ElementType::f32)
    fail("wrong-input", file.string(), "labels must be integers", "save labels.astype(np.int32)");
  if (tensor->elements() != samples)
    fail("wrong-input", file.string(),
         "it holds " + std::to_string(tensor->elements()) + " labels for " +
             std::to_string(samples) + " samples",
         "save one label a sample, in the order of the files");
  Value value;
  value.type = *tensor->type->element;
  std::vector<int32_t> labels;
  const auto* bytes = reinterpret_cast<const uint8_t*>(tensor->data.data());
  for (double label : real_numbers(value, {bytes, tensor->data.size()}))
    labels.push_back(int32_t(label));
  return labels;
}

// The value that enters the project's network, as many numbers as the model takes.
ValueId features_of(const StoredModel& stored, int64_t elements) {
  const Graph& graph = stored.float_graph;
  for (const ModelConfig& model : stored.config.models)
    for (size_t v = 0; v < graph.values.size(); ++v)
      if (graph.values[v].name == model.spec.name + "/features" &&
          graph.values[v].elements() == elements)
        return ValueId(v);
  fail("wrong-input", stored.config.file.string(),
       "no network of the project takes " + std::to_string(elements) + " features",
       "name the project that the model was trained for");
}

LabelledSamples read_project_samples(const Graph& graph, const fs::path& folder,
                                     const StepProgress& progress, Diagnostics& diagnostics) {
  const StoredModel stored = read_stored(folder, diagnostics);
  const Value& input = graph.value(graph.streams.at(0).value);
  if (sample_parts(graph, graph.streams[0]).size() != 1 || input.type != ElementType::f32)
    fail("wrong-input", folder.string(),
         "a project's features are one tensor of f32; the model takes something else",
         "name a folder of .npy files");
  SignalGraph signals{stored.float_graph, {{0}}, window_samples_of(stored.float_graph), 1};
  signals.graph.outputs = {features_of(stored, input.elements())};
  const Data data = read_data(stored.config, diagnostics);
  check_stream(stored, data.dataset, diagnostics);
  const Held held =
      hold(data.dataset, data.folds.at(0).train, scales_of(stored.graph), signals.window_samples);
  const Labelling labelling{&data.dataset.classes, signals.window_samples,
                            stored.config.window.whole};
  const Extraction extraction = extract(signals, held.takes, labelling, [&](double fraction) {
    if (progress) progress("extracting features", fraction, "");
  });
  LabelledSamples out;
  out.samples.count = int64_t(extraction.windows.size());
  const std::vector<float>& numbers = extraction.blocks.at(0).values;
  out.samples.bytes.resize(numbers.size() * sizeof(float));
  std::memcpy(out.samples.bytes.data(), numbers.data(), out.samples.bytes.size());
  for (const Window& window : extraction.windows) out.labels.push_back(window.label);
  return out;
}

}  // namespace

LabelledSamples read_labelled_samples(const Graph& graph, const fs::path& folder,
                                      const StepProgress& progress, Diagnostics& diagnostics) {
  if (!fs::is_directory(folder))
    fail("no-samples", folder.string(), "there is no such folder",
         "name a folder of .npy files or a trained project");
  if (fs::exists(folder / "mote.toml"))
    return read_project_samples(graph, folder, progress, diagnostics);
  LabelledSamples out;
  out.samples = read_npy_samples(graph, folder, diagnostics);
  out.labels = read_labels(folder / "labels.npy", out.samples.count, diagnostics);
  return out;
}

void check_labels(const Graph& graph, const LabelledSamples& data) {
  const std::string place = "model \"" + graph.name + "\"";
  const int64_t classes = graph.value(graph.outputs.at(0)).elements();
  if (classes < 2)
    fail("wrong-input", place, "its first output is one number; labels are of classes",
         "take labels.npy away: the numbers themselves are compared then");
  for (size_t i = 0; i < data.labels.size(); ++i)
    if (data.labels[i] < 0 || data.labels[i] >= classes)
      fail("wrong-input", place,
           "label " + std::to_string(i) + " is " + std::to_string(data.labels[i]) +
               "; the model tells " + std::to_string(classes) + " classes apart",
           "use labels of 0 to " + std::to_string(classes - 1));
}

}  // namespace mote
