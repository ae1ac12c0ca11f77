// SPDX-License-Identifier: Apache-2.0
// Layers with weights beside those of network_graphs.cc: int16 activations, groups, zero points of
// weights, transposed convolutions, matrix products, svdf. See graphs.h.
#include "tests/ports/layers.h"

namespace mote::ports {
namespace {

constexpr int32_t kRows = 8;  // of the window [8, 3]

Attributes transposed(int64_t h, int64_t w) {
  return {
      {"output_h", h}, {"output_w", w}, {"stride_h", int64_t(2)}, {"padding", std::string("same")}};
}

// What kernels for one kind of core do apart from the rest: more than eight channels, places and
// columns left over, one place, sums below zero, rows of weights that are too large for one word.
void add_s8_shapes(Layers& l, ValueId x) {
  l.output(conv_2d_op, {x, l.s8({11, 3, 3, 4}, 0), l.bias32(11)}, scaled(0.1, 4));
  l.output(conv_2d_op, {x, l.s8({5, kRows, kAxes, 4}, 0), l.bias32(5)}, scaled(0.2, -20));
  l.output(depthwise_conv_2d_op, {x, l.s8({1, kRows, kAxes, 4}, 3), l.bias32(4)}, scaled(0.1, 8));
  for (const int64_t stride : {1, 2})
    for (const int64_t zero_point : {-128, 5})
      l.output(
          depthwise_conv_2d_op, {x, l.s8({1, 3, 3, 4}, 3), l.bias32(4)},
          scaled(0.05, zero_point,
                 {{"padding", std::string("same")}, {"stride_h", stride}, {"stride_w", stride}}));
}

// Windows of 3x3 over channels in whole vectors, rows of places in fours and with some left over.
void add_s8_vectors(Layers& l, ValueId x) {
  const ValueId a = l.add(conv_2d_op, {x, l.s8({16, 3, 3, 1}, 0), l.bias32(16)},
                          scaled(0.05, -7, {{"padding", std::string("same")}}));
  for (const int64_t stride : {1, 2})
    for (const int64_t zero_point : {-128, 5})
      l.output(conv_2d_op, {a, l.s8({8, 3, 3, 16}, 0), l.bias32(8)},
               scaled(0.4, zero_point,
                      {{"padding", std::string(stride == 1 ? "valid" : "same")},
                       {"stride_h", stride},
                       {"stride_w", stride}}));
}

void add_s8(Layers& l) {
  const ValueId x = l.shaped(l.features("s8"), {1, kRows, kAxes, 1});
  const ValueId a = l.add(conv_2d_op, {x, l.s8({4, 3, 3, 1}, 0), l.bias32(4)},
                          scaled(0.05, -7, {{"padding", std::string("same")}}));
  l.output(conv_2d_op, {a, l.s8({6, 2, 2, 2}, 0), -1}, scaled(0.07, 3));  // two groups
  add_s8_shapes(l, a);
  add_s8_vectors(l, l.shaped(x, {1, kAxes, kRows, 1}));
  l.output(transpose_conv_op, {a, l.s8({3, 3, 2, 4}, 0), l.bias32(3)},
           scaled(0.06, 9, transposed(2 * kRows, kAxes)));
  const ValueId offset = l.integers<int8_t>(ElementType::s8, {5, 12}, 100, per_tensor(0.01f, -20));
  const ValueId rows = l.shaped(a, {kRows, 12});
  l.output(fully_connected_op, {rows, offset, l.bias32(5)}, scaled(0.1, 0));
  l.output(batch_matmul_op, {rows, l.s8({12, 4})}, scaled(0.1, 5));
  l.output(batch_matmul_op, {rows, rows}, scaled(0.2, 0, {{"adj_y", int64_t(1)}}));
  l.output(softmax_op, {rows}, {{"output_type", std::string("s16")}});
  l.output(lookup_op, {rows, l.s8({256})}, scaled(0.1, 2));
  const ValueId flat = l.shaped(x, {1, kRows * kAxes});
  const ValueId wide = l.integers<int16_t>(ElementType::s16, {6, 5}, 32767, per_tensor(1e-4f, 0));
  const Attributes rank = {{"rank", int64_t(2)}, {"state_scale", 1e-3}};
  l.output(svdf_op, {flat, l.s8({6, kRows * kAxes}), wide, l.bias32(3)}, scaled(0.5, 4, rank));
  l.output(svdf_op, {flat, l.s8({6, kRows * kAxes}), l.s8({6, 4}), -1},
           scaled(0.02, -4, {{"state_scale", 0.1}, {"state_zero_point", int64_t(3)}}));
}

void add_s16(Layers& l) {
  const Attributes pool = {{"filter_h", int64_t(3)}, {"filter_w", int64_t(2)}};
  const ValueId image = l.shaped(l.window, {1, kRows, kAxes, 1});
  for (const OpDef* op : {&max_pool_2d_op, &average_pool_2d_op}) l.output(*op, {image}, pool);
  const ValueId p = l.add(softmax_op, {l.window}, {{"beta", 3e-5}});  // scale 1 / 32768
  const ValueId x = l.shaped(p, {1, kRows, kAxes, 1});
  const Attributes same = scaled(1e-4, 0, {{"padding", std::string("same")}});
  const ValueId a = l.add(conv_2d_op, {x, l.s8({4, 3, 2, 1}, 0), l.bias64(4)}, same);
  l.output(conv_2d_op, {a, l.s8({4, 2, 2, 2}, 0), l.bias32(4)}, same);
  l.output(depthwise_conv_2d_op, {a, l.s8({1, 3, 1, 8}, 3), l.bias64(8)}, same);
  l.output(transpose_conv_op, {a, l.s8({3, 3, 2, 4}, 0), -1},
           scaled(1e-4, 0, transposed(2 * kRows, kAxes)));
  const ValueId rows = l.shaped(a, {kRows, 12});
  l.output(fully_connected_op, {rows, l.s8({5, 12}, 0), l.bias64(5)}, scaled(1e-4, 0));
  l.output(fully_connected_op, {rows, l.s8({5, 12}, 0), l.bias32(5)}, scaled(1e-4, 0));
  l.output(batch_matmul_op, {rows, rows}, scaled(1e-3, 0, {{"adj_x", int64_t(1)}}));
}

}  // namespace

Graph float_layers() {
  Layers l("float_layers", kRows);
  const ValueId x = l.shaped(l.features("f32"), {1, kRows, kAxes, 1});
  const ValueId a =
      l.add(conv_2d_op, {x, l.f32({4, 3, 3, 1}), l.f32({4})}, {{"padding", std::string("same")}});
  l.output(conv_2d_op, {a, l.f32({6, 2, 2, 2}), -1});  // two groups
  l.output(transpose_conv_op, {a, l.f32({3, 3, 2, 4}), l.f32({3})}, transposed(2 * kRows, kAxes));
  l.output(l2_pool_2d_op, {a},
           {{"filter_h", int64_t(3)}, {"filter_w", int64_t(2)}, {"padding", std::string("same")}});
  const ValueId rows = l.shaped(a, {kRows, 12});
  l.output(batch_matmul_op, {rows, l.f32({2, 12, 4})});
  l.output(batch_matmul_op, {rows, rows}, {{"adj_x", int64_t(1)}});
  const ValueId flat = l.shaped(x, {1, kRows * kAxes});
  l.output(svdf_op, {flat, l.f32({6, kRows * kAxes}), l.f32({6, 5}), l.f32({3})},
           {{"rank", int64_t(2)}, {"activation", std::string("relu")}});
  return l.graph;
}

Graph integer_layers() {
  Layers l("integer_layers", kRows);
  add_s8(l);
  add_s16(l);
  return l.graph;
}

}  // namespace mote::ports
