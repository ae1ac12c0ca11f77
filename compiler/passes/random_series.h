// SPDX-License-Identifier: Apache-2.0
// For tests: small random networks over a window of a time series, of int8 or real numbers:
// convolutions, pools, residual sums, crops, and an end that needs all rows. In: a seed. Out: a
// graph, and the frames that its strides step over.
#pragma once
#include "graph/test_graphs.h"

namespace mote::random_series {

using testing_graphs::pick;
using testing_graphs::Random;
using testing_graphs::real;

class Series {
 public:
  explicit Series(uint32_t seed) : random_(seed), is_s8_(pick(random_, 0, 1)) {
    graph.name = "series " + std::to_string(seed);
    axis_ = pick(random_, 1, 2);
    const int32_t frames = pick(random_, 6, 24), channels = pick(random_, 1, 4);
    const Shape shape = axis_ == 1 ? Shape{1, frames, pick(random_, 1, 3), channels}
                                   : Shape{1, 1, frames, channels};
    x_ = graph.add_tensor_stream("x", type(), shape, is_s8_ ? scale() : Quantization{});
    for (int32_t n = pick(random_, 1, 5); n > 0 && rows() > 1; --n) add_layer();
    if (pick(random_, 0, 3) == 0) graph.outputs.push_back(x_);
    add_end();
    graph.outputs.push_back(x_);
  }

  Graph graph;
  int64_t stride = 1;  // frames between two rows of the last layer that has any

 private:
  ElementType type() const { return is_s8_ ? ElementType::s8 : ElementType::f32; }
  const Shape& shape() const { return graph.value(x_).shape; }
  int32_t rows() const { return shape()[size_t(axis_)]; }
  int32_t width() const { return shape()[size_t(3 - axis_)]; }
  int32_t channels() const { return shape()[3]; }
  Quantization scale() { return per_tensor(real(random_, 0.01f, 0.2f), pick(random_, -128, 127)); }
  std::string name(const char* what) { return what + std::to_string(graph.nodes.size()); }
  const char* axis_name(bool time) const { return time == (axis_ == 1) ? "_h" : "_w"; }

  ValueId constant(const Shape& shape, const Quantization& quantization) {
    const auto count = size_t(element_count(shape));
    if (!is_s8_)
      return graph.add_constant(name("c") + std::to_string(graph.values.size()), type(), shape,
                                testing_graphs::reals(random_, int64_t(count), 1));
    std::vector<int8_t> numbers(count);
    for (int8_t& n : numbers) n = int8_t(pick(random_, -127, 127));
    return graph.add_constant(name("c") + std::to_string(graph.values.size()), type(), shape,
                              numbers, quantization);
  }

  Attributes scaled(Attributes attributes) {
    if (is_s8_) {
      attributes["output_scale"] = double(real(random_, 0.01f, 0.5f));
      attributes["output_zero_point"] = int64_t(pick(random_, -128, 127));
    }
    return attributes;
  }
  Attributes moving(int32_t span, int32_t step) {
    Attributes attributes{{std::string("stride") + axis_name(true), int64_t(step)},
                          {"padding", std::string(pick(random_, 0, 30) ? "valid" : "same")}};
    if (span < 0) return attributes;
    attributes[std::string("filter") + axis_name(true)] = int64_t(span);
    attributes[std::string("filter") + axis_name(false)] = int64_t(pick(random_, 1, width()));
    return attributes;
  }

  // Taps over time that fit, of that dilation.
  int32_t taps(int32_t dilation) {
    return 1 + pick(random_, 0, std::min(3, (rows() - 1) / dilation));
  }
  int32_t step() {
    const int32_t n = pick(random_, 0, 3) ? 1 : 2;
    stride *= n;
    return n;
  }
  Shape kernel(int32_t taps, int32_t wide, int32_t first, int32_t last) const {
    return axis_ == 1 ? Shape{first, taps, wide, last} : Shape{first, wide, taps, last};
  }

  ValueId conv(ValueId x, int32_t taps_over_time, int32_t wide, Attributes attributes) {
    const Quantization q = per_tensor(real(random_, 0.005f, 0.05f), 0);
    const ValueId w =
        constant(kernel(taps_over_time, wide, pick(random_, 1, 4), graph.value(x).shape[3]), q);
    return graph.add_node(conv_2d_op, name("conv"), {x, w, -1}, scaled(std::move(attributes)));
  }

  void add_conv() {
    const int32_t dilation = pick(random_, 1, 2), n = taps(dilation);
    Attributes attributes = moving(-1, step());
    attributes[std::string("dilation") + axis_name(true)] = int64_t(dilation);
    x_ = conv(x_, n, pick(random_, 1, width()), attributes);
  }
  void add_depthwise() {
    const Quantization q = per_tensor(real(random_, 0.005f, 0.05f), 0);
    const ValueId w = constant(kernel(taps(1), pick(random_, 1, width()), 1, channels()), q);
    x_ = graph.add_node(depthwise_conv_2d_op, name("depthwise"), {x_, w, -1},
                        scaled(moving(-1, step())));
  }
  void add_pool() {
    const OpDef& op = pick(random_, 0, 1) ? max_pool_2d_op : average_pool_2d_op;
    const int32_t n = taps(1);
    x_ = graph.add_node(op, name("pool"), {x_}, moving(n, step()));
  }
  ValueId crop(ValueId x, int64_t begin, int64_t size, int64_t step_over) {
    const Shape& all = graph.value(x).shape;
    std::vector<int64_t> from(4, 0), count(all.begin(), all.end()), steps(4, 1);
    from[size_t(axis_)] = begin;
    count[size_t(axis_)] = size;
    steps[size_t(axis_)] = step_over;
    return graph.add_node(slice_op, name("crop"), {x},
                          {{"begin", from}, {"size", count}, {"step", steps}});
  }
  void add_crop() {
    const int32_t over = step(), begin = pick(random_, 0, rows() / 3);
    const int32_t most = (rows() - 1 - begin) / over + 1;
    x_ = crop(x_, begin, most - pick(random_, 0, std::min(2, most - 1)), over);
  }
  // A short way past a convolution: the rows in the middle of its reach.
  void add_residual() {
    const ValueId past = x_;
    const int32_t n = taps(1);
    const Shape before = shape();
    const Quantization q = per_tensor(real(random_, 0.005f, 0.05f), 0);
    const ValueId w = constant(kernel(n, 1, before[3], before[3]), q);
    x_ = graph.add_node(conv_2d_op, name("conv"), {x_, w, -1}, scaled({}));
    const ValueId kept = crop(past, pick(random_, 0, n - 1), rows(), 1);
    x_ = graph.add_node(add_op, name("sum"), {kept, x_}, scaled({}));
  }
  void add_number_by_number() {
    const bool of_rows = pick(random_, 0, 9) == 0;  // each row another number: needs a whole window
    const Shape c = of_rows ? kernel(rows(), 1, 1, channels()) : Shape{1, 1, channels()};
    const ValueId table = constant(c, is_s8_ ? scale() : Quantization{});
    const std::vector<ValueId> pair =
        pick(random_, 0, 1) ? std::vector<ValueId>{x_, table} : std::vector<ValueId>{table, x_};
    x_ = graph.add_node(pick(random_, 0, 1) ? sub_op : mul_op, name("pair"), pair, scaled({}));
  }
  void add_padding() {
    x_ = graph.add_node(pad_op, name("pad"), {x_},
                        {{"before", std::vector<int64_t>{0, 0, 0, 1}},
                         {"after", std::vector<int64_t>{0, 0, 0, pick(random_, 0, 2)}}});
  }
  void add_layer() {
    switch (pick(random_, 0, 9)) {
      case 0:
      case 1:
      case 2:
        return add_conv();
      case 3:
        return add_depthwise();
      case 4:
        return add_pool();
      case 5:
        return add_crop();
      case 6:
        return add_residual();
      case 7:
        return add_number_by_number();
      case 8:
        return add_padding();
      default:
        x_ = graph.add_node(reshape_op, name("view"), {x_},
                            {{"shape", std::vector<int64_t>{1, axis_ == 1 ? rows() : 1,
                                                            axis_ == 1 ? 1 : rows(), -1}}});
    }
  }

  void add_end() {
    const int32_t numbers = int32_t(graph.value(x_).elements());
    switch (pick(random_, 0, 3)) {
      case 0:
        return;
      case 1:
        x_ = graph.add_node(mean_op, name("mean"), {x_},
                            scaled({{"axes", std::vector<int64_t>{1, 2}}}));
        return;
      case 2:
        x_ = conv(x_, rows(), width(), {});
        return;
      default:
        x_ = graph.add_node(reshape_op, name("flat"), {x_},
                            {{"shape", std::vector<int64_t>{1, numbers}}});
        const Quantization q = per_tensor(real(random_, 0.005f, 0.05f), 0);
        const ValueId w = constant({pick(random_, 1, 3), numbers}, q);
        x_ = graph.add_node(fully_connected_op, name("dense"), {x_, w, -1}, scaled({}));
    }
  }

  Random random_;
  bool is_s8_;
  int32_t axis_ = 1;
  ValueId x_ = -1;
};

}  // namespace mote::random_series
