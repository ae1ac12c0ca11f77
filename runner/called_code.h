// SPDX-License-Identifier: Apache-2.0
// Which code functions of an image share. In: a linked image, the beginnings of their names. Out:
// of each the functions besides its own that it calls, and those that these call, with their bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runner/board.h"

namespace mote {

struct CalledCodeRequest {
  std::filesystem::path elf;
  std::vector<std::string> callers;  // "tractor_layer_03_conv_2d": also its parts (.part, .cold)
  Architecture architecture = Architecture::arm;
};

// By demangled name; one map a caller.
std::vector<std::map<std::string, int64_t>> called_code(const CalledCodeRequest& request);

}  // namespace mote
