// SPDX-License-Identifier: Apache-2.0
// The weights of an integer conv_2d, depthwise_conv_2d or fully_connected, seen alike. In: a node
// with constant weights. Out: what an input channel adds to the sum of an output channel, tap by
// tap; a tap is a place in the window (fully_connected has one).
#pragma once
#include <vector>

#include "graph/op_def.h"

namespace mote {

class LayerWeights {
 public:
  LayerWeights(const Graph& graph, const Node& node);

  int32_t outputs() const { return outputs_; }
  int32_t taps() const { return int32_t(inside_.size()); }
  // What the input number less its zero point is multiplied with; of depthwise_conv_2d, whose
  // outputs read one channel each, `c` does not matter.
  int32_t at(int32_t o, int32_t tap, int32_t c) const {
    const int64_t i =
        depthwise_ ? int64_t(tap) * outputs_ + o : (int64_t(o) * taps() + tap) * inputs_ + c;
    return numbers_[i] - zero_point_;
  }
  bool connects(int32_t o, int32_t c) const;
  // Whether the tap lies inside the input, not in the padding, in every window.
  bool is_inside(int32_t tap) const { return inside_[size_t(tap)]; }

  int64_t bias(int32_t o) const;
  // Of the kind of bias that the layer has or could have.
  ElementType bias_type() const { return bias_type_; }
  bool fits_bias(int64_t bias) const;

 private:
  void find_taps(const NodeView& view);

  const int8_t* numbers_;
  const Value* bias_;
  ElementType bias_type_;
  bool depthwise_;
  int32_t outputs_, inputs_;
  int32_t zero_point_;
  std::vector<bool> inside_;  // of each tap
};

}  // namespace mote
