// SPDX-License-Identifier: Apache-2.0
// The one task of libmote_torchscript.so: load, freeze, inline, walk. See door.h. torch::jit::load
// reads a file's pickles with TorchScript's own unpickler, which calls no Python. But a TorchScript
// file is a program: what forward says about files is refused before it runs, and a class's
// __setstate__ runs in torch::jit::load itself, before mote sees it. Only files of people whom one
// trusts belong here.
#include "compiler/import/torchscript/plugin/door.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>

#include <set>
#include <sstream>

#include "compiler/import/torchscript/plugin/walk.h"

namespace mote::torchscript {
namespace {

// The first line: what follows is where in libtorch.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

torch::jit::Module load(const ReadRequest& request) {
  std::istringstream bytes(std::string(request.bytes->begin(), request.bytes->end()));
  try {
    return torch::jit::load(bytes, c10::kCPU);
  } catch (const c10::Error& error) {
    throw Refused{{"damaged-file", "",
                   "libtorch cannot load it: " + first_line(error.what_without_backtrace()),
                   "save it again with torch.jit.script(model).save(), by a PyTorch no newer than "
                   "the libtorch here"}};
  } catch (const std::exception& error) {
    throw Refused{{"damaged-file", "", "libtorch cannot load it: " + first_line(error.what()),
                   "save it again with torch.jit.script(model).save()"}};
  }
}

bool is_quantized(const torch::jit::Node& node) {
  const std::string kind = node.kind().toQualString();
  return kind.rfind("quantized::", 0) == 0 || kind == "aten::quantize_per_tensor" ||
         kind == "aten::quantize_per_channel" || kind == "aten::dequantize";
}

// Before anything of forward runs.
void refuse_operators(const torch::jit::Block& block, std::vector<Refusal>& refusals) {
  for (const torch::jit::Node* node : block.nodes()) {
    const std::string kind = node->kind().toQualString();
    if (kind == "aten::save" || kind == "aten::from_file")
      refusals.push_back({"unsupported-operator", place_of(*node),
                          "the model reads or writes a file when it runs",
                          "do not trust this file"});
    if (is_quantized(*node))
      refusals.push_back({"unsupported-operator", place_of(*node),
                          "it is of PyTorch's older quantisation, whose arithmetic mote does not "
                          "have",
                          "give mote the float model, or quantise it with PT2E and export a .pt2"});
    for (const torch::jit::Block* inner : node->blocks()) refuse_operators(*inner, refusals);
  }
}

// Inputs behind the module itself: as many as shapes, all tensors.
void check_inputs(const torch::jit::Graph& graph, const ReadRequest& request) {
  const size_t count = graph.inputs().size() - 1;
  std::string names;
  for (size_t i = 1; i <= count; ++i) {
    const auto& input = *graph.inputs()[i];
    const std::string name = input.debugName();
    if (!input.type()->isSubtypeOf(*c10::TensorType::get()))
      throw Refused{{"wrong-input", "", "input \"" + name + "\" is a " + input.type()->str(),
                     "save a model whose inputs are tensors"}};
    names += (names.empty() ? "\"" : ", \"") + name + "\"";
  }
  const size_t given = request.inputs->size();
  if (given == 0)
    throw Refused{{"no-shape", "", "a TorchScript file keeps no shape of its input " + names,
                   "say it: --input-shape 1,3,32,32 (once for each input, in order; "
                   "s64:1,10 for integers)"}};
  if (given != count)
    throw Refused{{"no-shape", "",
                   "the model has " + std::to_string(count) + " inputs (" + names + "), and " +
                       std::to_string(given) + " shapes are given",
                   "give one --input-shape for each input, in order"}};
}

void read(const ReadRequest& request, ReadAnswer& answer) {
  at::set_num_threads(1);
  const at::NoGradGuard no_gradients;
  torch::jit::Module module = load(request);
  if (!module.find_method("forward"))
    throw Refused{{"no-method", "", "the module has no method forward", "save one that has it"}};
  module.eval();
  auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  refuse_operators(*graph->block(), answer.refusals);
  if (!answer.refusals.empty()) return;
  check_inputs(*graph, request);
  // Constants and branches that the mode of training decides are resolved; what remains, the walk
  // resolves.
  const torch::jit::Module frozen = torch::jit::freeze_module(module);
  graph = frozen.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  try {
    answer.program = walk(*graph, frozen._ivalue(), request);
  } catch (const c10::Error& error) {
    throw Refused{{"wrong-input", "",
                   "the model does not run on inputs of these shapes: " +
                       first_line(error.what_without_backtrace()),
                   "check --input-shape"}};
  }
}

}  // namespace
}  // namespace mote::torchscript

extern "C" {

int32_t mote_torchscript_layout() { return mote::torchscript::door_layout(); }

void mote_torchscript_read(const mote::torchscript::ReadRequest* request,
                           mote::torchscript::ReadAnswer* answer) {
  try {
    mote::torchscript::read(*request, *answer);
  } catch (const mote::torchscript::Refused& refused) {
    answer->refusals.push_back(refused.refusal);
  } catch (const c10::Error& error) {
    answer->refusals.push_back({"wrong-model", "",
                                mote::torchscript::first_line(error.what_without_backtrace()),
                                "if the model runs in PyTorch, please report this"});
  } catch (const std::exception& error) {
    answer->refusals.push_back({"wrong-model", "", mote::torchscript::first_line(error.what()),
                                "if the model runs in PyTorch, please report this"});
  }
}
}
