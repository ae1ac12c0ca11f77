// SPDX-License-Identifier: Apache-2.0
// The table of families, and the generator. See single_op.h.
#include "tests/conformance/single_op.h"

#include <cmath>

#include "tests/conformance/families.h"

namespace mote::conformance {
namespace {

constexpr Family kFamilies[] = {
    {"activation", make_activation},
    {"add", make_add},
    {"add_f32", make_add_f32},
    {"average_pool_2d", make_average_pool_2d},
    {"average_pool_2d_f32", make_average_pool_2d_f32},
    {"concatenate", make_concatenate},
    {"conv_2d", make_conv_2d},
    {"conv_2d_f32", make_conv_2d_f32},
    {"depthwise_conv_2d", make_depthwise_conv_2d},
    {"depthwise_conv_2d_f32", make_depthwise_conv_2d_f32},
    {"dequantize", make_dequantize},
    {"fully_connected", make_fully_connected},
    {"fully_connected_f32", make_fully_connected_f32},
    {"logistic", make_logistic},
    {"lstm", make_lstm},
    {"max_pool_2d", make_max_pool_2d},
    {"max_pool_2d_f32", make_max_pool_2d_f32},
    {"mean", make_mean},
    {"mean_f32", make_mean_f32},
    {"network", make_network},
    {"quantize", make_quantize},
    {"requantize", make_requantize},
    {"reshape", make_reshape},
    {"softmax", make_softmax},
    {"tanh", make_tanh},
};

}  // namespace

float Random::scale(float low, float high) {
  const double position = double(engine_() >> 11) / double(uint64_t(1) << 53);
  return float(double(low) * std::pow(double(high) / double(low), position));
}

std::span<const Family> families() { return kFamilies; }

}  // namespace mote::conformance
