// SPDX-License-Identifier: Apache-2.0
// See byte_fold_layer.h.
#include "ops/nn/byte_fold_layer.h"

#include <algorithm>

#include "core/wrapping.h"

namespace mote {
namespace {

constexpr int32_t kRows = 4;

int32_t round_up(int32_t n, int32_t to) { return (n + to - 1) / to * to; }

bool is_constant(const NodeView& node, size_t i) {
  return node.input(i).kind == ValueKind::constant;
}

// One row with its bias, its columns filled up with zeros.
struct Row {
  const int8_t* weights;
  int32_t columns;
  int32_t bias;
  int32_t zero_point;

  int32_t at(int32_t k) const { return k < columns ? weights[k] : 0; }
  uint32_t pair(int32_t k) const { return uint16_t(int16_t(256 * at(k) - at(k + 1))); }
  uint32_t word(int32_t k) const { return pair(k) | pair(k + 2) << 16; }

  SumRange sums() const { return sum_range({weights, size_t(columns)}, bias, zero_point); }

  // Of sums that are 256 times as large, hold x + 128 for x - zero_point in even columns, and one
  // weight more in odd ones. It wraps where the sum wraps back.
  int32_t folded_bias() const {
    int64_t folded = int64_t(bias) * 256;
    for (int32_t k = 0; k < columns; ++k) {
      const int64_t w = weights[k];
      folded -= k % 2 == 0 ? 256 * w * (zero_point + 128) : 256 * w * zero_point + w;
    }
    return int32_t(uint32_t(folded));
  }
};

bool is_taken(const NodeView& node) {
  const Value& weights = node.input(1);
  if (node.input(0).type != ElementType::s8 || weights.type != ElementType::s8 ||
      !is_constant(node, 1) || (node.has_input(2) && !is_constant(node, 2)))
    return false;
  const auto& zero_points = weights.quantization.zero_points;
  const int8_t* numbers = weights.as<int8_t>();
  return std::all_of(zero_points.begin(), zero_points.end(), [](int32_t z) { return z == 0; }) &&
         std::count(numbers, numbers + weights.elements(), int8_t(-128)) == 0;
}

std::vector<Row> rows_of(const NodeView& node, int32_t columns) {
  const Value& weights = node.input(1);
  const int32_t* bias = node.has_input(2) ? node.input(2).as<int32_t>() : nullptr;
  std::vector<Row> rows;
  for (int64_t r = 0; r < weights.elements() / columns; ++r)
    rows.push_back({weights.as<int8_t>() + r * columns, columns, bias ? bias[r] : 0,
                    node.input(0).quantization.zero_point()});
  return rows;
}

std::vector<SumRange> sums_of(const std::vector<Row>& rows) {
  std::vector<SumRange> sums;
  for (const Row& row : rows) sums.push_back(row.sums());
  return sums;
}

// Words and bias.
FoldedLayer packed(std::vector<Row> rows, int32_t columns) {
  FoldedLayer layer;
  rows.resize(size_t(round_up(int32_t(rows.size()), kRows)), Row{});
  for (const Row& row : rows) layer.bias.push_back(row.folded_bias());
  for (size_t first = 0; first < rows.size(); first += kRows)
    for (int32_t k = 0; k < columns; k += 4)
      for (size_t r = first; r < first + kRows; ++r) layer.words.push_back(rows[r].word(k));
  return layer;
}

// Channels whose output is constant lose their weights; their sums, which may be large, do not
// count.
std::optional<FoldedLayer> fold_exact(std::vector<Row> rows, int32_t columns,
                                      const ChannelRatios& ratios, int32_t zero_point) {
  std::vector<std::optional<int32_t>> constants;
  for (size_t c = 0; c < rows.size(); ++c) {
    constants.push_back(
        constant_output({ratios.multipliers[c], ratios.shifts[c]}, rows[c].sums(), zero_point));
    if (constants[c]) rows[c] = Row{};
  }
  auto exact = find_exact_requantize(ratios, sums_of(rows), zero_point);
  if (!exact) return std::nullopt;
  FoldedLayer layer = packed(std::move(rows), columns);
  for (size_t c = 0; c < constants.size(); ++c) {
    layer.bias[c] = wrapping_add(layer.bias[c], exact->biases[c]);
    if (constants[c]) set_constant(*exact, c, *constants[c]);
  }
  layer.exact = std::move(exact);
  return layer;
}

std::optional<FoldedLayer> fold_any(std::vector<Row> rows, int32_t columns, ChannelRatios ratios) {
  const std::vector<SumRange> sums = sums_of(rows);
  if (!std::all_of(sums.begin(), sums.end(), [](SumRange s) { return s.is_small(); }))
    return std::nullopt;
  FoldedLayer layer = packed(std::move(rows), columns);
  layer.ratios = std::move(ratios);
  return layer;
}

}  // namespace

std::optional<FoldedLayer> fold_layer(const NodeView& node, int32_t columns,
                                      QuantizedClampRange clamp) {
  if (!is_taken(node)) return std::nullopt;
  const std::vector<Row> rows = rows_of(node, columns);
  ChannelRatios ratios = channel_ratios(node, int32_t(rows.size()));
  if (clamp.min == -128 && clamp.max == 127)
    if (auto layer = fold_exact(rows, columns, ratios, node.output().quantization.zero_point()))
      return layer;
  return fold_any(rows, columns, std::move(ratios));
}

KernelCall with_folded_arguments(KernelCall call, const FoldedLayer& layer) {
  call.input(0)
      .constant("folded_weights", ElementType::u32, layer.words)
      .constant("folded_bias", ElementType::s32, layer.bias);
  if (!layer.exact)
    return call.constant("multipliers", ElementType::s32, layer.ratios.multipliers)
        .constant("shifts", ElementType::s32, layer.ratios.shifts);
  return with_exact_arguments(std::move(call), *layer.exact);
}

}  // namespace mote
