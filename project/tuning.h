// SPDX-License-Identifier: Apache-2.0
// What a tune leaves: of each layer the kernels that can run it, measured, and which one runs it.
// In: a plan. Out: plain values, their file kernels.toml (docs/formats/kernels.md), and what of a
// file is still true of a plan.
#pragma once
#include <filesystem>
#include <map>
#include <optional>

#include "compiler/plan/plan.h"
#include "project/kernel_front.h"
#include "runner/board.h"

namespace mote {

struct KernelFigures {
  std::string name;
  double instructions = 0;                // of one decision
  double cycles = 0;                      // the same, an estimate
  int64_t flash_bytes = 0;                // code and tables of this layer alone
  std::map<std::string, int64_t> shared;  // code that other layers may call, too: bytes by name
  bool is_chosen = false;
  bool operator==(const KernelFigures&) const = default;
};

struct LayerTuning {
  std::string name;
  std::string key;                     // of what the figures depend on
  std::vector<KernelFigures> kernels;  // that of the rule first
  bool operator==(const LayerTuning&) const = default;
};

struct Tuning {
  std::string board;
  int64_t other_flash_bytes = 0;  // of the image, besides the layers and what they call
  std::vector<LayerTuning> layers;
  int32_t runs = 0;  // on the emulated core; 0: all is as read from a file
  bool operator==(const Tuning&) const = default;
};

// Without figures and choices: the layers of a plan that run a kernel, each with the key of it and
// the names of the kernels that a core has for it, that of the plan first.
Tuning layers_to_tune(const Plan& plan, const Board& board);

// The file as text, and back; a file that is no such file is an error.
std::string to_toml(const Tuning& tuning);
Tuning read_tuning(const std::filesystem::path& path, Diagnostics& diagnostics);

// Whether all that figures depend on is the same.
bool is_of_same(const Tuning& a, const Tuning& b);

KernelChoices choices_of(const Tuning& tuning);
void choose(Tuning& tuning, const std::vector<size_t>& choice);

FrontProblem front_problem(const Tuning& tuning);

// What was tried and what it costs: a table; JSON.
std::string to_text(const Tuning& tuning);
std::string to_json(const Tuning& tuning);

}  // namespace mote
