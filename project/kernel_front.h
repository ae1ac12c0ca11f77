// SPDX-License-Identifier: Apache-2.0
// Flash against cycles. In: of each layer the kernels that can run it, with what each costs. Out:
// every choice for all layers to which no other is better in both. Code that kernels share counts
// once, which is what makes this more than a knapsack.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mote {

struct KernelCost {
  double cycles = 0;
  double instructions = 0;     // decide where cycles are equal
  int64_t flash_bytes = 0;     // of this layer alone: code and tables
  std::vector<size_t> shared;  // into FrontProblem::shared_bytes
};

struct FrontProblem {
  std::vector<std::vector<KernelCost>> layers;  // one or more a layer
  std::vector<int64_t> shared_bytes;
};

struct FrontPoint {
  double cycles = 0;
  double instructions = 0;
  int64_t flash_bytes = 0;
  std::vector<size_t> choice;  // of each layer
};

struct Front {
  std::vector<FrontPoint> points;  // the fastest first, the smallest last
  bool is_exact = true;            // else some points between these ends may be missing
};

Front flash_front(const FrontProblem& problem);

}  // namespace mote
