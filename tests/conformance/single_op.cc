// SPDX-License-Identifier: Apache-2.0
// The table of families, and the generator. See single_op.h.
#include "tests/conformance/single_op.h"

#include <cmath>

#include "tests/conformance/families.h"

namespace mote::conformance {
namespace {

constexpr Family kFamilies[] = {
    {"average_pool_2d", make_average_pool_2d},
    {"conv_2d", make_conv_2d},
    {"conv_2d_f32", make_conv_2d_f32},
    {"depthwise_conv_2d", make_depthwise_conv_2d},
    {"depthwise_conv_2d_f32", make_depthwise_conv_2d_f32},
    {"fully_connected", make_fully_connected},
    {"fully_connected_f32", make_fully_connected_f32},
    {"max_pool_2d", make_max_pool_2d},
    {"network", make_network},
    {"reshape", make_reshape},
    {"softmax", make_softmax},
};

}  // namespace

float Random::scale(float low, float high) {
  const double position = double(engine_() >> 11) / double(uint64_t(1) << 53);
  return float(double(low) * std::pow(double(high) / double(low), position));
}

std::span<const Family> families() { return kFamilies; }

}  // namespace mote::conformance
