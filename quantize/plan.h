// SPDX-License-Identifier: Apache-2.0
// How a float network is to be quantised, layer by layer and value by value: what the search
// (search.h) decides and post_training.h carries out. Plain values.
#pragma once
#include <map>
#include <string>

#include "quantize/histogram.h"

namespace mote {

// Bits of a layer's weights and activations, the coarsest first.
enum class Precision : uint8_t { w4a8, w8a8, w8a16 };

// As the command line says it: 4, 8, 16x8.
inline const char* to_string(Precision precision) {
  constexpr const char* names[] = {"4", "8", "16x8"};
  return names[size_t(precision)];
}

struct QuantizePlan {
  Precision precision = Precision::w8a8;    // of layers that are not named
  std::map<std::string, Precision> layers;  // by the node's name
  RangeRule rule = RangeRule::min_max;      // of values that are not named
  std::map<std::string, RangeRule> rules;   // by the value's name
  bool correct_bias = false;                // weights.h

  Precision of_layer(const std::string& name) const {
    const auto found = layers.find(name);
    return found == layers.end() ? precision : found->second;
  }
  RangeRule of_value(const std::string& name) const {
    const auto found = rules.find(name);
    return found == rules.end() ? rule : found->second;
  }
};

}  // namespace mote
