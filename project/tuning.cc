// SPDX-License-Identifier: Apache-2.0
// See tuning.h. A layer's key is a hash of the core, the compiler's version, the operator, and of
// each kernel its parameters, the sizes of its tables and the text of the headers that it is made
// of.
#include "project/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "graph/kernel_choice.h"
#include "graph/settings.h"
#include "graph/sha256.h"
#include "project/firmware.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

constexpr const char* kFormat = "mote-kernels-1";

// The text of headers with what they include of ours, read once.
class Headers {
 public:
  const std::string& hash_of(const std::string& header) {
    std::string& hash = hashes_[header];
    if (!hash.empty()) return hash;
    Sha256 sum;
    std::set<std::string> seen;
    add(header, seen, sum);
    return hash = sum.hex();
  }

 private:
  static void add(const std::string& header, std::set<std::string>& seen, Sha256& sum) {
    if (!seen.insert(header).second) return;
    std::ifstream in(source_root() / header, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      sum.update(line).update("\n");
      if (line.rfind("#include \"", 0) == 0)
        add(line.substr(10, line.find('"', 10) - 10), seen, sum);
    }
  }

  std::map<std::string, std::string> hashes_;
};

std::string text_of(const KernelCandidate& kernel, Headers& headers) {
  const KernelCall& call = kernel.call;
  std::string text =
      fmt::format("{} {} {} {} scratch {}\n", kernel.name, call.kernel.function,
                  headers.hash_of(call.header), call.params_type, call.scratch_bytes);
  for (const KernelField& field : call.fields)
    text += fmt::format("{} {}\n", field.name, field.literal);
  for (const KernelConstant& table : call.constants)
    text += fmt::format("{} {} {}\n", table.name, to_string(table.type), table.data.size());
  return text;
}

KernelFigures unmeasured(const std::string& name) {
  KernelFigures kernel;
  kernel.name = name;
  return kernel;
}

std::string compiler_of(const Board& board) {
  const std::string text = tool_output({cross_toolchain(board.core).compiler, "--version"});
  return text.substr(0, text.find('\n'));
}

void add_kernel(Settings table, LayerTuning& layer) {
  KernelFigures kernel;
  kernel.name = table.text("name");
  kernel.instructions = table.number("instructions");
  kernel.cycles = table.number("cycles");
  kernel.flash_bytes = table.integer("flash_bytes");
  const std::vector<std::string> names = table.texts("shared");
  const std::vector<int64_t> bytes = table.integers("shared_bytes");
  table.require("shared_bytes", "delete the file; what it remembers is measured again");
  if (names.size() != bytes.size() && table.has("shared_bytes"))
    table.reject("shared_bytes", "a number for each of shared");
  for (size_t i = 0; i < std::min(names.size(), bytes.size()); ++i)
    kernel.shared[names[i]] = bytes[i];
  kernel.is_chosen = table.flag("chosen");
  table.finish();
  layer.kernels.push_back(std::move(kernel));
}

// A string of TOML.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (uint8_t(c) < 0x20)
      out += fmt::format("\\u{:04X}", c);
    else
      out += c;
  }
  return out + "\"";
}

std::string toml_of(const KernelFigures& kernel) {
  std::string names, bytes;
  for (const auto& [name, size] : kernel.shared) {
    names += (names.empty() ? "" : ", ") + quoted(name);
    bytes += fmt::format("{}{}", bytes.empty() ? "" : ", ", size);
  }
  return fmt::format(
      "  [[layer.kernel]]\n  name = {}\n  instructions = {:.3f}\n  cycles = {:.3f}\n"
      "  flash_bytes = {}\n  shared = [{}]\n  shared_bytes = [{}]\n  chosen = {}\n",
      quoted(kernel.name), kernel.instructions, kernel.cycles, kernel.flash_bytes, names, bytes,
      kernel.is_chosen);
}

}  // namespace

Tuning layers_to_tune(const Plan& plan, const Board& board) {
  Headers headers;
  const std::string place = fmt::format("{} {}", board.core.name, compiler_of(board));
  Tuning tuning;
  tuning.board = board.name;
  for (const Layer& layer : plan.layers) {
    if (!layer.has_kernel) continue;
    const Node& node = plan.graph.nodes[size_t(layer.node)];
    LayerTuning of{node.name, fmt::format("{}\n{}\n", place, node.op->name), {}};
    of.kernels.push_back(unmeasured(layer.kernel));
    of.key += text_of({layer.kernel, layer.call}, headers);  // by rows it is another
    for (const KernelCandidate& kernel :
         kernels_for(board.core.instruction_set, NodeView(plan.graph, node))) {
      of.key += text_of(kernel, headers);
      if (kernel.name != of.kernels[0].name) of.kernels.push_back(unmeasured(kernel.name));
    }
    of.key = sha256_hex(of.key);
    tuning.layers.push_back(std::move(of));
  }
  return tuning;
}

std::string to_toml(const Tuning& tuning) {
  std::string text = fmt::format(
      "# Kernels, measured on the emulated core; one is chosen a layer. docs/formats/kernels.md\n"
      "format = \"{}\"\nboard = {}\nother_flash_bytes = {}\n",
      kFormat, quoted(tuning.board), tuning.other_flash_bytes);
  for (const LayerTuning& layer : tuning.layers) {
    text +=
        fmt::format("\n[[layer]]\nname = {}\nkey = {}\n", quoted(layer.name), quoted(layer.key));
    for (const KernelFigures& kernel : layer.kernels) text += toml_of(kernel);
  }
  return text;
}

Tuning read_tuning(const std::filesystem::path& path, Diagnostics& diagnostics) {
  Settings file = Settings::read(path, diagnostics);
  file.require("format", "delete the file; what it remembers is measured again");
  if (file.text("format", kFormat) != kFormat)
    file.reject("format", fmt::format("\"{}\"", kFormat));
  Tuning tuning;
  tuning.board = file.text("board");
  tuning.other_flash_bytes = file.integer("other_flash_bytes");
  for (Settings& table : file.tables("layer")) {
    LayerTuning layer{table.text("name"), table.text("key"), {}};
    for (const Settings& kernel : table.tables("kernel")) add_kernel(kernel, layer);
    tuning.layers.push_back(std::move(layer));
  }
  file.finish();
  diagnostics.stop_if_any();
  return tuning;
}

bool is_of_same(const Tuning& a, const Tuning& b) {
  return a.board == b.board &&
         std::equal(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(),
                    [](const LayerTuning& x, const LayerTuning& y) {
                      return x.name == y.name && x.key == y.key;
                    });
}

KernelChoices choices_of(const Tuning& tuning) {
  KernelChoices choices;
  for (const LayerTuning& layer : tuning.layers)
    for (const KernelFigures& kernel : layer.kernels)
      if (kernel.is_chosen) choices[layer.name] = kernel.name;
  return choices;
}

void choose(Tuning& tuning, const std::vector<size_t>& choice) {
  for (size_t l = 0; l < tuning.layers.size(); ++l)
    for (size_t k = 0; k < tuning.layers[l].kernels.size(); ++k)
      tuning.layers[l].kernels[k].is_chosen = k == choice.at(l);
}

FrontProblem front_problem(const Tuning& tuning) {
  FrontProblem problem;
  std::map<std::string, size_t> index;
  for (const LayerTuning& layer : tuning.layers) {
    std::vector<KernelCost> costs;
    for (const KernelFigures& kernel : layer.kernels) {
      costs.push_back({kernel.cycles, kernel.instructions, kernel.flash_bytes, {}});
      for (const auto& [name, bytes] : kernel.shared) {
        const auto [at, is_new] = index.emplace(name, index.size());
        if (is_new) problem.shared_bytes.push_back(0);
        problem.shared_bytes[at->second] = std::max(problem.shared_bytes[at->second], bytes);
        costs.back().shared.push_back(at->second);
      }
    }
    problem.layers.push_back(std::move(costs));
  }
  return problem;
}

}  // namespace mote
