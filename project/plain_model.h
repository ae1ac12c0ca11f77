// SPDX-License-Identifier: Apache-2.0
// A plain model: somebody else's file that was imported, without recordings, labels or decision
// rule. In: a graph of one stream whose sample is the model's inputs, and what to feed it. Out: its
// outputs and every layer's, on the host and as verified firmware.
#pragma once
#include <filesystem>

#include "compiler/import/import.h"
#include "compiler/passes/layout.h"
#include "project/firmware.h"

namespace mote {

// What to feed: `zero` (the bytes 0), `prng:SEED` (x = x * 1664525 + 1013904223 from SEED for each
// byte, whose value is x >> 24; float32 and bool elements instead are made as in the self test), or
// .npy files, one an input. A file whose shape has one dimension more than its input holds a
// sequence of samples; a model with state sees them in order, without a reset. Files of f32 for an
// input of int8 or int16 are brought to its scale.
struct ModelSamples {
  int64_t count = 0;  // of samples
  Bytes bytes;        // [count][sample_bytes()]
};
// Samples that follow each other in time.
struct SampleSeries {
  int32_t axis = -1;  // of the input: a .npy file may be longer along it by whole samples
  int64_t made = 1;   // samples of zero and prng
};
ModelSamples read_samples(const Graph& graph, const std::vector<std::string>& words,
                          Diagnostics& diagnostics, const SampleSeries& series = {});

// As one recording for a player. A lone sample is played twice, because instructions are counted
// from the second inference on.
Playback playback_of(const Graph& graph, const ModelSamples& samples);

// What the host's evaluation gave: after each sample the graph's outputs, where it decided, and of
// the last sample every value that a layer computed.
struct ModelAnswers {
  std::vector<Bytes> outputs;  // of each decision, and after the last sample
  std::map<ValueId, Bytes> layers;
};
ModelAnswers answer(const Graph& graph, const ModelSamples& samples,
                    const std::function<void(double)>& progress = {});

// output_0.npy, ... : the outputs, with the samples as first dimension where there were several.
void write_outputs(const Graph& graph, const ModelAnswers& answers,
                   const std::filesystem::path& folder);
// layers/03_conv_2d.npy: every layer's first output for the last sample.
void write_layers(const Graph& graph, const ModelAnswers& answers,
                  const std::filesystem::path& folder);

// A model file as a graph that runs: imported, the integer layers that it says by pairs folded
// (quantize/pairs.h), the transposes that can be removed removed (compiler/passes/layout.h), float
// activations fused into the layers before them (compiler/passes/passes.h), verified. `layout`:
// what became of the transposes.
Graph load_model(const std::filesystem::path& path, const ImportOptions& options,
                 Diagnostics& diagnostics, LayoutReport* layout = nullptr);

// A library for a board (project/firmware.h); for "host" with portable kernels, in one memory.
CompileOptions options_of(const std::string& board, Diagnostics& diagnostics);

// Loads and compiles, for boards with such a core.
Compiled compile_model(const std::filesystem::path& path, const ImportOptions& options,
                       Diagnostics& diagnostics, InstructionSet core = InstructionSet::portable);

struct ModelRun {
  FirmwareResult firmware;
  ModelAnswers answers;  // of the host's evaluation of compiled.model()
};
// Emits into `folder` and runs on the board's emulated core; `board` "host": under sanitizers here.
ModelRun run_model(const Compiled& compiled, const std::string& board, const ModelSamples& samples,
                   const std::filesystem::path& folder,
                   const std::function<void(const std::string&, double)>& progress,
                   Diagnostics& diagnostics);

// Whether a command's MODEL or PROJECT is a model file.
bool is_model_file(const std::filesystem::path& path);
// A model file's graph, or a project's trained one.
Graph graph_of(const std::filesystem::path& model, const ImportOptions& options,
               Diagnostics& diagnostics);

}  // namespace mote
