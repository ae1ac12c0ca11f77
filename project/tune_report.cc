// SPDX-License-Identifier: Apache-2.0
// What a tune tried and what its choice costs, as a table and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "project/tuning.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMostPoints = 12;  // of the front, in the table

int64_t shared_bytes(const KernelFigures& kernel) {
  int64_t bytes = 0;
  for (const auto& [name, size] : kernel.shared) bytes += size;
  return bytes;
}

std::string rows_of(const LayerTuning& layer) {
  std::string text = layer.name + "\n";
  for (const KernelFigures& kernel : layer.kernels)
    text += fmt::format("  {} {:36} {:>13.1f} {:>13.1f} {:>9} {:>7}\n",
                        kernel.is_chosen ? '*' : ' ', kernel.name, kernel.instructions,
                        kernel.cycles, kernel.flash_bytes, shared_bytes(kernel));
  return text;
}

struct Sum {
  double cycles = 0, instructions = 0;
};
template <class Take>
Sum sum_of(const Tuning& tuning, Take take) {
  Sum sum;
  for (const LayerTuning& layer : tuning.layers)
    for (const KernelFigures& kernel : layer.kernels)
      if (take(layer, kernel)) {
        sum.cycles += kernel.cycles;
        sum.instructions += kernel.instructions;
      }
  return sum;
}

Sum of_rule(const Tuning& tuning) {
  return sum_of(tuning, [](const LayerTuning& layer, const KernelFigures& kernel) {
    return &kernel == &layer.kernels[0];
  });
}

Sum of_choice(const Tuning& tuning) {
  return sum_of(tuning,
                [](const LayerTuning&, const KernelFigures& kernel) { return kernel.is_chosen; });
}

int64_t other_than_rule(const Tuning& tuning) {
  return std::count_if(tuning.layers.begin(), tuning.layers.end(),
                       [](const LayerTuning& layer) { return !layer.kernels[0].is_chosen; });
}

// Evenly of the points, with both ends.
std::vector<const FrontPoint*> some_of(const Front& front) {
  std::vector<const FrontPoint*> some;
  const size_t count = std::min(kMostPoints, front.points.size());
  for (size_t i = 0; i < count; ++i)
    some.push_back(&front.points[count == 1 ? 0 : i * (front.points.size() - 1) / (count - 1)]);
  return some;
}

std::string front_text(const Tuning& tuning) {
  const Front front = flash_front(front_problem(tuning));
  std::string text = fmt::format(
      "\nflash against cycles: {} choices to which none is better in both{}\n  {:>9} "
      "{:>13} {:>13}\n",
      front.points.size(), front.is_exact ? "" : ", at least", "flash", "cycles", "instructions");
  for (const FrontPoint* point : some_of(front))
    text +=
        fmt::format("  {:>9} {:>13.0f} {:>13.0f}\n", tuning.other_flash_bytes + point->flash_bytes,
                    point->cycles, point->instructions);
  return text;
}

}  // namespace

std::string to_text(const Tuning& tuning) {
  std::string text =
      fmt::format("  * {:36} {:>13} {:>13} {:>9} {:>7}\n", "chosen; the rule's first",
                  "instructions", "cycles", "flash", "shared");
  for (const LayerTuning& layer : tuning.layers)
    if (layer.kernels.size() > 1) text += rows_of(layer);
  const Sum rule = of_rule(tuning), choice = of_choice(tuning);
  text += front_text(tuning);
  return text + fmt::format(
                    "kernels chosen: {} of {} layers other than by rule; {:.0f} cycles (estimate) "
                    "for {:.0f}, {:.0f} instructions for {:.0f}; {}\n",
                    other_than_rule(tuning), tuning.layers.size(), choice.cycles, rule.cycles,
                    choice.instructions, rule.instructions,
                    tuning.runs > 0 ? fmt::format("{} runs on the emulated core", tuning.runs)
                                    : "as remembered, nothing was run");
}

std::string to_json(const Tuning& tuning) {
  const Front found = flash_front(front_problem(tuning));
  ordered_json layers = ordered_json::array(), front = ordered_json::array();
  for (const LayerTuning& layer : tuning.layers) {
    ordered_json kernels = ordered_json::array();
    for (const KernelFigures& kernel : layer.kernels)
      kernels.push_back({{"name", kernel.name},
                         {"instructions", kernel.instructions},
                         {"cycles_estimate", kernel.cycles},
                         {"flash_bytes", kernel.flash_bytes},
                         {"shared_bytes", shared_bytes(kernel)},
                         {"by_rule", &kernel == &layer.kernels[0]},
                         {"chosen", kernel.is_chosen}});
    layers.push_back({{"name", layer.name}, {"kernels", kernels}});
  }
  for (const FrontPoint& point : found.points)
    front.push_back({{"flash_bytes", tuning.other_flash_bytes + point.flash_bytes},
                     {"cycles_estimate", point.cycles},
                     {"instructions", point.instructions}});
  const Sum rule = of_rule(tuning), choice = of_choice(tuning);
  return ordered_json{{"runs", tuning.runs},
                      {"other_than_rule", other_than_rule(tuning)},
                      {"cycles_estimate", choice.cycles},
                      {"cycles_estimate_by_rule", rule.cycles},
                      {"instructions", choice.instructions},
                      {"instructions_by_rule", rule.instructions},
                      {"front_is_exact", found.is_exact},
                      {"front", front},
                      {"layers", layers}}
      .dump(1);
}

}  // namespace mote
