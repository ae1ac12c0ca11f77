// SPDX-License-Identifier: Apache-2.0
// For tests of budgets: MobileNetV2 of width 0.35 on an image of 144 by 144, in int8, with random
// weights. The shape is Keras' MobileNetV2(input_shape=(144, 144, 3), alpha=0.35): Sandler et al.,
// "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2, channels in eights.
#pragma once
#include "compiler/passes/dead_channels_nets.h"

namespace mote {

inline Graph mobilenet_v2(Numbers& numbers) {
  struct Stage {
    int32_t expansion, channels, blocks, stride;
  };
  constexpr Stage kStages[] = {{1, 8, 1, 1},  {6, 8, 2, 2},  {6, 16, 3, 2}, {6, 24, 4, 2},
                               {6, 32, 3, 1}, {6, 56, 3, 2}, {6, 112, 1, 1}};
  dead_channels::Net net(numbers);
  net.graph.name = "mobilenet_v2";
  ValueId x = net.conv(net.input({1, 144, 144, 3}), 16, {3, 2, "same"});
  for (const Stage& stage : kStages)
    for (int32_t block = 0; block < stage.blocks; ++block) {
      const ValueId before = x;
      const int32_t stride = block == 0 ? stage.stride : 1;
      if (stage.expansion > 1) x = net.conv(x, stage.expansion * net.channels(x), {});
      x = net.conv(net.depthwise(x, 1, {3, stride, "same"}), stage.channels, {});
      if (net.value(x).shape == net.value(before).shape) x = net.scaled(add_op, {before, x});
    }
  x = net.pool(average_pool_2d_op, net.conv(x, 1280, {}), {5, 1, "valid"});
  net.graph.outputs = {net.dense(net.flat(x), 1000)};
  return std::move(net.graph);
}

}  // namespace mote
