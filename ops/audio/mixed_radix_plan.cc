// SPDX-License-Identifier: Apache-2.0
// See mixed_radix_plan.h.
#include "ops/audio/mixed_radix_plan.h"

#include <cmath>

#include "ops/audio/audio_inputs.h"

namespace mote {
namespace {

constexpr double kPi = 3.141592653589793238462643383279502884197169399375105820974944;

// The radices of n in KISS FFT's order: 4 first, then 2, then the odd primes; what remains beyond
// the root of n is one radix.
std::vector<int32_t> radices_of(int32_t n) {
  const double root = std::floor(std::sqrt(double(n)));
  std::vector<int32_t> radices;
  int32_t p = 4;
  do {
    while (n % p != 0) {
      p = p == 4 ? 2 : p == 2 ? 3 : p + 2;
      if (p > root) p = n;
    }
    n /= p;
    radices.push_back(p);
  } while (n > 1);
  return radices;
}

// Rounding as KISS FFT's KISS_FFT_COS: fixed point halves upwards. Where the exact value is a half
// (cos 60 degrees) the double decides, so this takes cos and sin of the same doubles.
template <class T>
void append_turn(std::vector<T>& table, double phase) {
  constexpr double largest = std::is_same_v<T, int16_t> ? 32767 : 2147483647;
  for (double value : {std::cos(phase), std::sin(phase)})
    table.push_back(std::is_same_v<T, float> ? T(value) : T(std::floor(0.5 + largest * value)));
}

template <class T>
void add_tables(KernelCall& call, const TransformParams& params, ElementType type) {
  const int32_t half = params.length / 2;
  std::vector<T> turns, half_turns;
  for (int32_t k = 0; k < half; ++k) {
    const double phase = -2 * kPi * k / half;
    append_turn(turns, params.inverse ? -phase : phase);
  }
  for (int32_t k = 0; k < half / 2; ++k) {
    const double phase = -kPi * (double(k + 1) / half + 0.5);
    append_turn(half_turns, params.inverse ? -phase : phase);
  }
  call.constant("turns", type, turns).constant("half_turns", type, half_turns);
}

}  // namespace

void plan_transform(const NodeView& node, int32_t length, TransformParams& params) {
  if (length < 4 || length % 2 != 0)
    node.refuse("wrong-attribute", "a transform has an even number of points, at least 4");
  const std::vector<int32_t> radices = radices_of(length / 2);
  if (radices.size() > size_t(kMostStages))
    node.refuse("wrong-attribute", "a transform of " + std::to_string(length) + " is too long");
  params.length = length;
  params.stages = int32_t(radices.size());
  int32_t stride = 1;
  for (size_t s = 0; s < radices.size(); ++s) {
    if (radices[s] > 5)
      node.refuse("wrong-attribute",
                  "a transform of " + std::to_string(length) + " points has the factor " +
                      std::to_string(radices[s]),
                  "use a length of factors 2, 3 and 5");
    params.radix[s] = radices[s];
    params.stride[s] = stride;
    stride *= radices[s];
  }
}

void expect_transform_type(const NodeView& node) {
  const ElementType type = node.input(0).type;
  if (type != ElementType::s16 && type != ElementType::s32) expect_type(node, 0, ElementType::f32);
}

void add_turns(KernelCall& call, const TransformParams& params, ElementType type) {
  if (type == ElementType::s16)
    add_tables<int16_t>(call, params, type);
  else if (type == ElementType::s32)
    add_tables<int32_t>(call, params, type);
  else
    add_tables<float>(call, params, type);
}

}  // namespace mote
