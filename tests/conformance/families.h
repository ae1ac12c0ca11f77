// SPDX-License-Identifier: Apache-2.0
// The makers behind the table in single_op.cc. In: a seeded generator. Out: a graph of one
// operator.
#pragma once
#include "tests/conformance/single_op.h"

namespace mote::conformance {

Graph make_fully_connected(Random& random);
Graph make_conv_2d(Random& random);
Graph make_depthwise_conv_2d(Random& random);
Graph make_network(Random& random);
Graph make_fully_connected_f32(Random& random);
Graph make_conv_2d_f32(Random& random);
Graph make_depthwise_conv_2d_f32(Random& random);
Graph make_max_pool_2d(Random& random);
Graph make_average_pool_2d(Random& random);
Graph make_softmax(Random& random);
Graph make_reshape(Random& random);
Graph make_add(Random& random);
Graph make_concatenate(Random& random);
Graph make_activation(Random& random);
Graph make_logistic(Random& random);
Graph make_tanh(Random& random);
Graph make_lstm(Random& random);
Graph make_dequantize(Random& random);
Graph make_requantize(Random& random);
Graph make_quantize(Random& random);
Graph make_mean(Random& random);
Graph make_add_f32(Random& random);
Graph make_average_pool_2d_f32(Random& random);
Graph make_max_pool_2d_f32(Random& random);
Graph make_mean_f32(Random& random);

}  // namespace mote::conformance
