// SPDX-License-Identifier: Apache-2.0
// A model that somebody trained, as a Graph: the door of compiler/import. In: a file. Out: a plain
// model, one stream whose samples are the model's inputs. What the file's format is follows from
// its first bytes. Everything is checked before it is used; what mote cannot take is said layer by
// layer.
#pragma once
#include <filesystem>
#include <map>

#include "graph/graph.h"

namespace mote {

struct ImportOptions {
  // How often a loop whose condition depends on the input runs at most; what is not done then stays
  // undone. 0: such loops are refused.
  int64_t loop_bound = 0;
  // Inputs of the model that are no inputs but these numbers: .onnx files whose shapes or axes are
  // computed.
  struct Constant {
    ElementType type = ElementType::f32;
    Shape shape;
    Bytes data;
  };
  std::map<std::string, Constant> constants;
  // Type and shape of each input in order: of TorchScript files, which keep none.
  struct Input {
    ElementType type = ElementType::f32;
    Shape shape;
  };
  std::vector<Input> inputs;
  // Outputs may be constants, and there may be no input: what a single folded operator is.
  bool constant_outputs = false;
};

// The model as its format has it.
struct ImportedModel {
  Graph graph;
  // In its format dequantize -> float layer -> quantize stands for an integer layer: the graph is
  // for fold_pairs() (quantize/pairs.h). In others such a float layer computes with floats.
  bool states_pairs = false;
};
// Fails (UserError) with all that cannot be taken. Warnings say what an import changed.
ImportedModel import_model(const std::filesystem::path& path, const ImportOptions& options,
                           Diagnostics& diagnostics);

// The graphs from memory, those that state pairs too; `name` is the model's, `place` names the file
// in messages.
struct ModelFile {
  const Bytes& bytes;
  std::string name;
  std::string place;
};
Graph import_tflite(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics);
Graph import_onnx(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics);
Graph import_executorch(const ModelFile& file, const ImportOptions& options,
                        Diagnostics& diagnostics);
Graph import_pt2(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics);
// Needs libtorch; fails with what to install where it is missing.
Graph import_torchscript(const ModelFile& file, const ImportOptions& options,
                         Diagnostics& diagnostics);

// The operators of a format that mote takes; of .tflite the builtin ones by name, then the custom
// ones.
std::vector<std::string> tflite_operators();
std::vector<std::string> onnx_operators();
std::vector<std::string> pytorch_operators();
// Those of .pte that .pt2 has not.
std::vector<std::string> executorch_operators();
// Those of .tflite that it does not.
std::vector<std::string> refused_tflite_operators();

}  // namespace mote
