// SPDX-License-Identifier: Apache-2.0
// The tables of the docs, from the registries: operators (ops.def), signal blocks, import rules,
// boards and what estimates of cycles are calibrated on. In: the name of a table, and for boards
// the source tree. Out: the page as Markdown on standard output. `make docs` writes the pages,
// tests/tidy compares them.

#include <cmath>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "compiler/import/import.h"
#include "compiler/import/onnx_table.h"
#include "ops/registry.h"
#include "runner/board.h"
#include "runner/cost.h"
#include "signal/block.h"

namespace {

using mote::Attribute;

// `initial` as it is written in mote.toml or a .graph.txt.
std::string text_of(const Attribute& initial) {
  std::ostringstream out;
  std::visit(
      [&out](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) {
          out << '"' << value << '"';
        } else if constexpr (std::is_arithmetic_v<T>) {
          out << value;
        } else {
          out << '[';
          for (size_t i = 0; i < value.size(); ++i) out << (i ? ", " : "") << value[i];
          out << ']';
        }
      },
      initial);
  return out.str();
}

// A cell must not hold a bar.
std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\\');
  return text;
}

const char* words(const mote::OpDef& op) {
  switch (op.alias) {
    case mote::Alias::none:
      return op.order ? "may overlap an input that nobody reads later" : "its own";
    case mote::Alias::view:
      return "the input's, nothing is copied";
    case mote::Alias::state_view:
      return "its state's";
  }
  return "";
}

void print_operators() {
  std::cout
      << "# Operators\n\nMade from `ops/ops.def` by `make docs`; do not edit. One folder an "
         "operator: "
         "`ops/<room>/<name>/`.\n\"int8\": an operator with a rule is rewritten by quantisation, "
         "the others work on "
         "the types they are given.\n\n| operator | room | what | int8 | bytes of the output |\n"
         "| --- | --- | --- | --- | --- |\n";
  for (const mote::OpDef* op : mote::all_ops())
    std::cout << "| `" << op->name << "` | " << op->room << " | " << cell(op->summary) << " | "
              << (op->quantize ? "rule" : "as given") << " | " << words(*op) << " |\n";
  std::cout << "\n## Attributes\n";
  for (const mote::OpDef* op : mote::all_ops()) {
    if (op->attributes.empty()) continue;
    std::cout << "\n### " << op->name
              << "\n\n| attribute | default | what |\n| --- | --- | --- |\n";
    for (const mote::AttributeSpec& attribute : op->attributes)
      std::cout << "| `" << attribute.name << "` | "
                << (attribute.initial ? text_of(*attribute.initial) : "must be given") << " | "
                << cell(attribute.summary) << " |\n";
  }
}

std::string range_of(const mote::ParameterSpec& parameter) {
  std::ostringstream out;
  for (const std::string& choice : parameter.choices)
    out << (out.tellp() > 0 ? ", " : "") << '"' << choice << '"';
  const bool number = std::holds_alternative<int64_t>(parameter.initial) ||
                      std::holds_alternative<double>(parameter.initial);
  if (parameter.choices.empty() && number) out << parameter.low << " .. " << parameter.high;
  return out.str();
}

void print_blocks() {
  std::cout << "# Signal blocks\n\nThe words of a `[[signal]]` table in `mote.toml`. Made from "
               "`signal/` by `make docs`; do "
               "not edit. Every block\nalso takes `name` and `axes` (all, unless given). What each "
               "chain is made of: "
               "`signal/README.md`.\n";
  for (const mote::BlockKind& kind : mote::block_kinds()) {
    std::cout << "\n## " << kind.name << "\n\n"
              << kind.summary
              << "\n\n| parameter | default | range | what |\n| --- | --- | --- | --- |\n";
    for (const mote::ParameterSpec& parameter : kind.parameters)
      std::cout << "| `" << parameter.name << "` | " << text_of(parameter.initial) << " | "
                << range_of(parameter) << " | " << cell(parameter.summary) << " |\n";
  }
}

// Cycles in thousands.
void print_anchors() {
  std::cout << "\n## What estimates of cycles are calibrated on\n\nPublished latencies of kernels "
               "whose instructions are known. \"Predicted\": by the other latencies of the "
               "core.\n\n| core | board | model | thousand cycles | predicted | error | source |\n"
               "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const mote::Anchor& anchor : mote::anchors()) {
    const std::optional<double> error = mote::left_out_error_percent(anchor);
    std::cout << "| " << anchor.core << " | " << anchor.board << " | " << anchor.model << " | "
              << std::lround(anchor.cycles / 1000) << " | ";
    if (error)
      std::cout << std::lround(anchor.cycles * (1 + *error / 100) / 1000) << " | "
                << std::round(*error * 10) / 10 << " %";
    else
      std::cout << "| ";
    std::cout << " | " << anchor.source << " |\n";
  }
  std::cout << "\nCores that are not here are uncalibrated: cycles without an error. Of `rv32imac` "
               "no costs are "
               "published: no cycles.\n";
}

// "320 + 8192"
std::string sizes_kb(const mote::Board& board, mote::MemoryKind kind) {
  std::string text;
  for (const mote::Memory* memory : usable_memories(board, kind))
    text += (text.empty() ? "" : " + ") + std::to_string(memory->bytes / 1024);
  return text;
}

void print_boards(const std::string& root) {
  std::cout
      << "# Boards\n\nMade from `boards/*.toml` by `make docs`; do not edit. The file's format is "
         "`docs/formats/board.md`.\n\n| board | what | core | MHz | flash kB | RAM kB | emulated "
         "by |\n"
         "| --- | --- | --- | --- | --- | --- | --- |\n";
  mote::Diagnostics diagnostics;
  for (const std::string& name : mote::board_names(root + "/boards")) {
    const mote::Board board = mote::read_board(root + "/boards/" + name + ".toml", diagnostics);
    std::cout << "| `" << name << "` | " << cell(board.title) << " | " << board.core.name << " | "
              << board.clock_mhz << " | " << sizes_kb(board, mote::MemoryKind::flash) << " | "
              << sizes_kb(board, mote::MemoryKind::ram) << " | " << board.emulator.machine
              << " |\n";
  }
  diagnostics.stop_if_any();
  print_anchors();
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void print_import() {
  const auto taken = mote::tflite_operators(), refused = mote::refused_tflite_operators();
  std::cout << "# Models that mote reads\n\nMade from the import rules by `make docs`; do not "
               "edit.\n\n## .tflite\n\nTaken ("
            << taken.size() << "): " << list_of(taken) << ".\n\nRefused by name (" << refused.size()
            << "): " << list_of(refused) << ".\n";
  const auto onnx = mote::onnx_operator_table();
  std::cout << "\n## .onnx\n\nTaken (" << onnx.size()
            << "). \"Constant\": known when the file is read.\n\n| operator | from opset | what "
               "|\n| --- | --- | --- |\n";
  for (const mote::OnnxOperator& row : onnx)
    std::cout << "| `" << row.name << "` | " << row.since << " | " << row.note << " |\n";
  std::cout << "\nFunctions of the file are taken over where they are called. Layers between "
               "DequantizeLinear and QuantizeLinear run as integers; what stays float32 is said "
               "layer by layer.\n";
  const auto executorch = mote::executorch_operators(), pytorch = mote::pytorch_operators();
  std::cout
      << "\n## .pte (ExecuTorch)\n\nTaken: the " << pytorch.size()
      << " operators of .pt2 below, each as the variant that writes into a given tensor "
         "(`aten::mean.out` is `aten.mean.dim`, `aten::view_copy.out` `aten.view.default`), "
         "and ExecuTorch's own ("
      << executorch.size() << "): " << list_of(executorch)
      << ".\n\nImages and their layers may lie in memory channels last; inputs and outputs of "
         "the model are in the order of their memory. Delegated blobs, control flow and "
         "mutable buffers are refused by name.\n";
  std::cout
      << "\n## .pt2 (torch.export of PyTorch 2.9 and later) and .pt, .ptl (TorchScript)\n\nTaken ("
      << pytorch.size() << "): " << list_of(pytorch)
      << ".\n\nForms that write into their input (`relu_`) or copy (`view_copy`) are the same "
         "rows. Layers between the quantized_decomposed calls of PT2E run as integers; what stays "
         "float32 is said layer by layer. Batch norms behind convolutions are folded. Pickled "
         "weights, sizes that depend on the input, control flow and buffers that change are "
         "refused by name.\n\nTorchScript is read "
         "by libtorch. Such a file is a program, of which a part runs while it is loaded: read "
         "only "
         "files of people whom you trust. A .pt2 file is data, and mote reads it by itself.\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string table = argc > 1 ? argv[1] : "";
  if (table == "operators")
    print_operators();
  else if (table == "blocks")
    print_blocks();
  else if (table == "import")
    print_import();
  else if (table == "boards" && argc > 2)
    print_boards(argv[2]);
  else
    return std::fputs("docs_tables: operators | blocks | import | boards SOURCE_TREE\n", stderr), 2;
  return 0;
}
