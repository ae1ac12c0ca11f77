// SPDX-License-Identifier: Apache-2.0
// See linear_pair_layer.h.
#include "ops/nn/linear_pair_layer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/element_order.h"
#include "ops/nn/linear_pair_mve.h"

namespace mote {
namespace {

constexpr int32_t kNumbers = 256;  // of int8
constexpr int32_t kSteps = 2;      // multipliers that are tried on either side
constexpr int32_t kShifts = 4;

class PairSearch {
 public:
  PairSearch(const CommonScaleParams& p, int32_t sign) {
    for (int32_t a = 0; a < kNumbers; ++a)
      for (int32_t b = 0; b < kNumbers; ++b)
        outputs_[size_t(a * kNumbers + b)] = int8_t(to_output_scale(
            p, a_at_common_scale(p, a - 128) + sign * b_at_common_scale(p, b - 128)));
    const auto ratio = [&p](int32_t multiplier, int32_t shift) {
      return std::ldexp(double(multiplier), shift - 31) * std::ldexp(1.0, p.left_shift) *
             std::ldexp(double(p.output_multiplier), p.output_shift - 31);
    };
    a_ = ratio(p.a_multiplier, p.a_shift);
    b_ = sign * ratio(p.b_multiplier, p.b_shift);
  }

  std::optional<LinearPairParams> find() const {
    const double largest = std::max(std::abs(a_), std::abs(b_));
    const int32_t most = std::min(30, int32_t(std::floor(23 - std::log2(largest))));
    for (int32_t shift = most; shift > std::max(0, most - kShifts); --shift)
      for (int32_t i = 0; i <= 2 * kSteps; ++i)
        for (int32_t k = 0; k <= 2 * kSteps; ++k)
          if (const auto found =
                  with(near(std::ldexp(a_, shift), i), near(std::ldexp(b_, shift), k), shift))
            return found;
    return std::nullopt;
  }

 private:
  // The nearest integer, the next, the one before, ...
  static int64_t near(double x, int32_t i) {
    return std::llround(x) + (i % 2 ? (i + 1) / 2 : -(i / 2));
  }

  // What may be added so that every pair gives its output.
  std::optional<LinearPairParams> with(int64_t a, int64_t b, int32_t shift) const {
    int64_t least = INT32_MIN, most = INT32_MAX;
    for (int64_t x = -128; x < 128; ++x)
      for (int64_t z = -128; z < 128; ++z) {
        const int64_t y = outputs_[size_t((x + 128) * kNumbers + z + 128)];
        const int64_t sum = a * x + b * z;
        if (y > -128) least = std::max(least, y * (int64_t(1) << shift) - sum);
        if (y < 127) most = std::min(most, (y + 1) * (int64_t(1) << shift) - 1 - sum);
        if (least > most) return std::nullopt;
      }
    const int64_t offset = least + (most - least) / 2;
    if (std::abs(offset) + 128 * (std::abs(a) + std::abs(b)) > INT32_MAX) return std::nullopt;
    return LinearPairParams{0, int32_t(a), int32_t(b), int32_t(offset), shift};
  }

  std::array<int8_t, size_t(kNumbers) * kNumbers> outputs_;
  double a_, b_;
};

}  // namespace

std::optional<LinearPairParams> find_linear_pair(const CommonScaleParams& p, int32_t sign) {
  if (p.output_min != -128 || p.output_max != 127) return std::nullopt;
  return PairSearch(p, sign).find();
}

std::optional<KernelCall> lower_linear_pair(const NodeView& node, const KernelCall& portable,
                                            int32_t sign, InstructionSet core) {
  if (node.input(0).type != ElementType::s8 || portable.params_type != "CommonScaleParams" ||
      node.input(0).shape != node.output().shape || node.input(1).shape != node.output().shape)
    return std::nullopt;
  auto params =
      find_linear_pair(*static_cast<const CommonScaleParams*>(portable.params.get()), sign);
  if (!params) return std::nullopt;
  params->count = int32_t(node.output().elements());
  const bool vectors = core == InstructionSet::mve;
  KernelCall call =
      make_kernel_call(vectors ? "ops/nn/linear_pair_mve.h" : "ops/nn/linear_pair.h",
                       vectors ? MOTE_KERNEL(linear_pair_s8_mve) : MOTE_KERNEL(linear_pair_s8),
                       "LinearPairParams", *params);
  call.input(0).input(1).output();
  call.orders = all_in_turn(node);
  return call;
}

}  // namespace mote
