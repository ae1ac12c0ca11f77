// SPDX-License-Identifier: Apache-2.0
// Where the code of a player image is, for the counting plugin. In: the ELF file and the names of
// the model's functions. Out: ranges: the harness (never counted), the mark, the model's push
// functions and its layers. What no range names (libgcc, memcpy, glue of the model) counts for its
// caller.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "runner/board.h"
#include "runner/count_report.h"

namespace mote {

struct NamedFunction {
  std::string function;  // without scopes and parameters: "tractor_layer_03_conv_2d"
  std::string name;      // of the region in the report
};

struct ModelFunctions {
  std::vector<NamedFunction> pushes;
  std::vector<NamedFunction> layers;
};

// Fails when the image has no harness (it is no player image) or lacks one of the functions.
std::vector<CountedRange> player_ranges(const std::filesystem::path& elf,
                                        const ModelFunctions& functions,
                                        Architecture architecture = Architecture::arm);

}  // namespace mote
