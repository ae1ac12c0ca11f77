// SPDX-License-Identifier: Apache-2.0
// The cortex_m operators of ExecuTorch, one small program each, written by program_builder.h:
// against the formulas of CMSIS-NN written out here in 64-bit integers. And what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compiler/formats/executorch/program_builder.h"
#include "compiler/import/import.h"
#include "graph/evaluator.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote::executorch {
namespace {

using Type = format::ScalarType;
using Steps = std::vector<int8_t>;

// arm_nn_requantize: a doubling high product that rounds up, then a rounding shift, ties away from
// zero.
int64_t requantize(int64_t x, int64_t multiplier, int64_t shift) {
  const int64_t left = std::max<int64_t>(shift, 0), right = std::max<int64_t>(-shift, 0);
  const int64_t high = ((x << left) * multiplier + (int64_t(1) << 30)) >> 31;
  const int64_t mask = (int64_t(1) << right) - 1, rest = high & mask;
  return (high >> right) + (rest > (mask >> 1) + (high < 0) ? 1 : 0);
}
int8_t limited(int64_t q, int64_t least = -128, int64_t most = 127) {
  return int8_t(std::clamp(q, least, most));
}

// A program with one input x, one operator and its output, which is the program's.
struct OneCall {
  ProgramBuilder program;
  std::vector<int32_t> args;
  int32_t x = -1;

  explicit OneCall(const TensorSpec& input) { x = program.add_computed(input); }
  OneCall& value(int32_t id) { return args.push_back(id), *this; }
  OneCall& integer(int64_t n) { return value(program.add_integer(n)); }
  OneCall& integers(const std::vector<int64_t>& n) { return value(program.add_integers(n)); }
  OneCall& scratch() { return value(program.add_computed({Type::BYTE, {64}, {}})); }
  OneCall& s32(const std::vector<int32_t>& n) {
    return value(program.add_constant({Type::INT, {int32_t(n.size())}, {}}, n));
  }
  Bytes finish(const std::string& name, const TensorSpec& output) {
    value(program.add_computed(output));
    program.call(name, "out", args);
    return program.finish({x}, {args.back()});
  }
};

Graph imported(const Bytes& bytes) {
  Diagnostics diagnostics, findings;
  Graph graph = import_executorch({bytes, "model", "x.pte"}, {}, diagnostics);
  verify(graph, findings);
  EXPECT_TRUE(findings.errors().empty());
  return graph;
}
Steps answer(const Bytes& bytes, const Steps& x) {
  const Graph graph = imported(bytes);
  Evaluator evaluator(graph);
  evaluator.push(0, x.data());
  const auto y = evaluator.bytes(graph.outputs.at(0));
  return {y.begin(), y.end()};
}
std::string refusal(const Bytes& bytes) {
  try {
    const Graph graph = imported(bytes);
    Evaluator evaluator(graph);
  } catch (const UserError& error) {
    return to_string(error.diagnostics().at(0));
  }
  return "";
}

Steps ramp() {  // all numbers
  Steps x;
  for (int i = -128; i < 128; ++i) x.push_back(int8_t(i));
  return x;
}
Steps mixed(size_t n, int32_t seed = 1) {
  Steps x;
  uint32_t state = uint32_t(seed);
  for (size_t i = 0; i < n; ++i) {
    state = state * 1664525 + 1013904223;
    x.push_back(int8_t(state >> 24));
  }
  return x;
}
// Images [n, h, w, c] in memory.
TensorSpec image(int32_t n, int32_t c, int32_t h, int32_t w) {
  return {Type::CHAR, {n, c, h, w}, {0, 2, 3, 1}};
}

constexpr int64_t kA = 1073741824, kB = 1518500250, kC = 1995000001;  // multipliers

int8_t added(int64_t a, int64_t b, int64_t least, int64_t most) {
  const int64_t sum = requantize((a - 3) << 20, kB, -1) + requantize((b + 7) << 20, kA, 0);
  return limited(requantize(sum, kC, -18) - 5, least, most);
}
Bytes add_program(const TensorSpec& x, const TensorSpec& b, const Steps& numbers, int64_t least,
                  int64_t most) {
  OneCall call(x);
  call.value(call.x).integer(3).integer(kB).integer(-1);
  call.value(call.program.add_constant(b, numbers)).integer(-7).integer(kA).integer(0);
  call.integer(-5).integer(kC).integer(-18).integer(least).integer(most);
  return call.finish("cortex_m::quantized_add", x);
}

TEST(CortexM, Add) {
  const Steps x = ramp(), b = mixed(256);
  const TensorSpec flat{Type::CHAR, {256}, {}};
  const Steps y = answer(add_program(flat, flat, b, -128, 127), x);
  for (size_t i = 0; i < 256; ++i) EXPECT_EQ(y[i], added(x[i], b[i], -128, 127)) << i;
}

TEST(CortexM, AddLimitsItsOutput) {
  const Steps x = ramp(), b = mixed(256);
  const TensorSpec flat{Type::CHAR, {256}, {}};
  const Steps y = answer(add_program(flat, flat, b, -5, 60), x);
  for (size_t i = 0; i < 256; ++i) EXPECT_EQ(y[i], added(x[i], b[i], -5, 60)) << i;
}

TEST(CortexM, AddRepeatsOneNumberAChannel) {
  const Steps x = mixed(2 * 4 * 3), b{-100, 0, 77};
  const Steps y = answer(add_program(image(1, 3, 2, 4), image(1, 3, 1, 1), b, -128, 127), x);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], added(x[i], b[i % 3], -128, 127)) << i;
}

TEST(CortexM, AddRefusesOperandsInTwoOrders) {
  const TensorSpec other{Type::CHAR, {1, 3, 2, 4}, {}};
  const std::string text = refusal(add_program(image(1, 3, 2, 4), other, mixed(24), -128, 127));
  EXPECT_NE(text.find("channels last"), std::string::npos) << text;
}

TEST(CortexM, Mul) {
  const Steps x = ramp(), b = mixed(256);
  OneCall call({Type::CHAR, {4, 64}, {}});
  call.value(call.x).integer(-9);
  call.value(call.program.add_constant({Type::CHAR, {4, 64}, {}}, b)).integer(20);
  call.integer(4).integer(kC).integer(-6);
  const Steps y = answer(call.finish("cortex_m::quantized_mul", {Type::CHAR, {4, 64}, {}}), x);
  for (size_t i = 0; i < 256; ++i)
    EXPECT_EQ(y[i], limited(requantize((x[i] + 9) * (b[i] - 20), kC, -6) + 4)) << i;
}

// As passes/decompose_hardswish_pass.py writes it: min(x, 3), read at a lower zero point, times x.
TEST(CortexM, HardSwishIsMinimumAndMul) {
  const TensorSpec flat{Type::CHAR, {256}, {}};
  ProgramBuilder program;
  const int32_t x = program.add_computed(flat), low = program.add_computed(flat),
                y = program.add_computed(flat);
  const int32_t three = program.add_constant({Type::CHAR, {}, {}}, Steps{30});
  program.call("cortex_m::minimum", "out", {x, three, low});
  program.call("cortex_m::quantized_mul", "out",
               {x, program.add_integer(-40), low, program.add_integer(-190),
                program.add_integer(-100), program.add_integer(kB), program.add_integer(-7), y});
  const Steps in = ramp(), out = answer(program.finish({x}, {y}), in);
  for (size_t i = 0; i < 256; ++i) {
    const int64_t b = std::min<int64_t>(in[i], 30) + 190;
    EXPECT_EQ(out[i], limited(requantize((in[i] + 40) * b, kB, -7) - 100)) << i;
  }
}

TEST(CortexM, MinimumAndMaximum) {
  const Steps x = mixed(24), b = mixed(24, 2);
  for (const bool smaller : {true, false}) {
    OneCall call(image(1, 3, 2, 4));
    call.value(call.x).value(call.program.add_constant(image(1, 3, 2, 4), b));
    const Steps y = answer(
        call.finish(smaller ? "cortex_m::minimum" : "cortex_m::maximum", image(1, 3, 2, 4)), x);
    for (size_t i = 0; i < 24; ++i)
      EXPECT_EQ(y[i], smaller ? std::min(x[i], b[i]) : std::max(x[i], b[i])) << i;
  }
}

TEST(CortexM, ClampOfQuantisedNumbers) {
  OneCall call({Type::CHAR, {256}, {}});
  call.value(call.x).integer(-20).value(call.program.add_null());
  const Steps x = ramp(), y = answer(call.finish("aten::clamp", {Type::CHAR, {256}, {}}), x);
  for (size_t i = 0; i < 256; ++i) EXPECT_EQ(y[i], std::max<int8_t>(x[i], -20));
}

TEST(CortexM, ActivationIsItsTable) {
  OneCall call({Type::CHAR, {256}, {}});
  const Steps table = mixed(256, 7);
  call.value(call.x).value(call.program.add_constant({Type::CHAR, {256}, {}}, table));
  const Steps x = ramp();
  EXPECT_EQ(answer(call.finish("cortex_m::quantized_activation", {Type::CHAR, {256}, {}}), x),
            table);
}

// ---- softmax: arm_nn_softmax_common_s8, its fixed-point functions written out (gemmlowp's)

int32_t high_mul(int64_t a, int64_t b) { return int32_t((a * b + (int64_t(1) << 30)) >> 31); }
int32_t divided(int32_t x, int32_t exponent) {
  const int32_t mask = int32_t((int64_t(1) << exponent) - 1), rest = x & mask;
  return (x >> exponent) + (rest > (mask >> 1) + (x < 0) ? 1 : 0);
}
int32_t exp_on_negative(int32_t x) {  // Q5.26 -> Q0.31
  const int32_t shift = 24, mod = (x & ((1 << shift) - 1)) - (1 << shift), remainder = mod - x;
  const int32_t t = (mod << 5) + (1 << 28), t2 = high_mul(t, t);
  int32_t y =
      1895147668 +
      high_mul(
          1895147668,
          t + divided(high_mul(divided(high_mul(t2, t2), 2) + high_mul(t2, t), 715827883) + t2, 1));
  const int32_t steps[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  for (int i = 0; i < 7; ++i)
    if (remainder & (1 << (shift + i))) y = high_mul(y, steps[i]);
  return x == 0 ? INT32_MAX : y;
}
int32_t one_over_one_plus(int32_t x) {  // Q0.31 -> Q0.31
  const int64_t sum = int64_t(x) + INT32_MAX;
  const int32_t half = int32_t((sum + (sum >= 0 ? 1 : -1)) / 2);
  int32_t y = 1515870810 + high_mul(half, -1010580540);
  for (int i = 0; i < 3; ++i) y += high_mul(y, (1 << 29) - high_mul(half, y)) * 4;
  return int32_t(std::clamp<int64_t>(int64_t(y) * 2, INT32_MIN, INT32_MAX));
}
Steps softmax_row(const Steps& x, int64_t multiplier, int32_t shift, int32_t diff_min) {
  const int32_t top = *std::max_element(x.begin(), x.end());
  const auto e = [&](int32_t diff) {
    return exp_on_negative(high_mul(int64_t(diff) * (int64_t(1) << shift), multiplier));
  };
  int32_t sum = 0;
  for (int8_t q : x)
    if (q - top >= diff_min) sum += divided(e(q - top), 12);
  const int32_t headroom = __builtin_clz(uint32_t(sum));
  const int32_t scale =
      one_over_one_plus(int32_t((uint32_t(sum) << headroom) - (uint32_t(1) << 31)));
  Steps y;
  for (int8_t q : x) {
    const bool counts = q - top >= diff_min;
    y.push_back(limited(counts ? divided(high_mul(scale, e(q - top)), 35 - headroom) - 128 : -128));
  }
  return y;
}

TEST(CortexM, Softmax) {
  for (const int32_t shift : {20, 22, 24}) {
    const int32_t diff_min = -int32_t((int64_t(31) << 26) >> shift);
    OneCall call({Type::CHAR, {16, 16}, {}});
    call.value(call.x).integer(-1).integer(11).integer(-128);
    call.integer(kB).integer(shift).integer(diff_min);
    const Steps x = mixed(256);
    const Steps y = answer(call.finish("cortex_m::softmax", {Type::CHAR, {16, 16}, {}}), x);
    for (size_t row = 0; row < 256; row += 16) {
      const Steps wanted = softmax_row(Steps(x.begin() + long(row), x.begin() + long(row + 16)), kB,
                                       shift, diff_min);
      EXPECT_EQ(Steps(y.begin() + long(row), y.begin() + long(row + 16)), wanted) << shift;
    }
  }
}

// ---- windows

struct Pool {
  int64_t kernel, stride, padding;
  int32_t in, out;
};
Steps pooled(const Pool& p, const Steps& x, int32_t channels, int64_t least, int64_t most) {
  Steps y;
  for (int32_t oy = 0; oy < p.out; ++oy)
    for (int32_t ox = 0; ox < p.out; ++ox)
      for (int32_t c = 0; c < channels; ++c) {
        int64_t top = -128;
        for (int64_t k = 0; k < p.kernel * p.kernel; ++k) {
          const int64_t iy = oy * p.stride - p.padding + k / p.kernel;
          const int64_t ix = ox * p.stride - p.padding + k % p.kernel;
          if (iy >= 0 && iy < p.in && ix >= 0 && ix < p.in)
            top = std::max<int64_t>(top, x[size_t((iy * p.in + ix) * channels + c)]);
        }
        y.push_back(limited(top, least, most));
      }
  return y;
}

TEST(CortexM, MaxPool2d) {
  const Pool pools[] = {{2, 2, 0, 6, 3}, {3, 2, 1, 6, 3}, {3, 1, 1, 5, 5}, {3, 2, 1, 5, 3}};
  for (const Pool& p : pools) {
    OneCall call(image(1, 3, p.in, p.in));
    call.value(call.x).integers({p.kernel, p.kernel}).integers({p.stride, p.stride});
    call.integers({p.padding, p.padding}).integers({1, 1}).value(call.program.add_bool(false));
    call.integer(-3).integer(-3).integer(-3).integer(90);
    const Steps x = mixed(size_t(3 * p.in * p.in));
    const Bytes bytes = call.finish("cortex_m::quantized_max_pool2d", image(1, 3, p.out, p.out));
    EXPECT_EQ(answer(bytes, x), pooled(p, x, 3, -3, 90)) << p.kernel << p.stride << p.padding;
  }
}

struct Transposed {
  int64_t kernel, stride, padding, more;
};
// Each input pixel is scattered; what falls outside is lost.
Steps transposed(const Transposed& t, const Steps& x, const Steps& w, int32_t in, int32_t out) {
  std::vector<int64_t> sums;
  for (int32_t i = 0; i < out * out; ++i) sums.insert(sums.end(), {500, -900, 40});
  for (int32_t iy = 0; iy < in; ++iy)
    for (int32_t ix = 0; ix < in; ++ix)
      for (int64_t k = 0; k < t.kernel * t.kernel; ++k) {
        const int64_t oy = iy * t.stride - t.padding + k / t.kernel;
        const int64_t ox = ix * t.stride - t.padding + k % t.kernel;
        if (oy < 0 || oy >= out || ox < 0 || ox >= out) continue;
        for (int64_t o = 0; o < 3; ++o)
          for (int64_t c = 0; c < 2; ++c)
            sums[size_t((oy * out + ox) * 3 + o)] +=
                (x[size_t((iy * in + ix) * 2 + c)] + 12) *
                w[size_t((o * t.kernel * t.kernel + k) * 2 + c)];
      }
  Steps y;
  const int64_t multipliers[] = {kA, kB, kC};
  for (size_t i = 0; i < sums.size(); ++i)
    y.push_back(limited(requantize(sums[i], multipliers[i % 3], -8 - int64_t(i % 3)) + 6, 6, 100));
  return y;
}

TEST(CortexM, TransposeConv2d) {
  const int32_t in = 4;
  for (const Transposed& t :
       {Transposed{3, 2, 0, 0}, Transposed{3, 2, 1, 1}, Transposed{2, 2, 0, 1},
        Transposed{4, 1, 2, 0}, Transposed{2, 3, 0, 2}}) {
    const auto out = int32_t((in - 1) * t.stride - 2 * t.padding + t.kernel + t.more);
    const auto side = int32_t(t.kernel);
    const Steps w = mixed(size_t(3 * side * side * 2), 5), x = mixed(in * in * 2);
    OneCall call(image(1, 2, in, in));
    call.value(call.x).value(call.program.add_constant({Type::CHAR, {3, side, side, 2}, {}}, w));
    call.s32({500, -900, 40}).integers({t.stride, t.stride}).integers({t.padding, t.padding});
    call.integers({t.more, t.more}).integers({1, 1}).integer(12).integer(6);
    call.s32({int32_t(kA), int32_t(kB), int32_t(kC)}).s32({-8, -9, -10});
    call.integer(6).integer(100).scratch().scratch();
    const Bytes bytes = call.finish("cortex_m::quantized_transpose_conv2d", image(1, 3, out, out));
    EXPECT_EQ(answer(bytes, x), transposed(t, x, w, in, out)) << t.kernel << t.stride << t.more;
  }
}

TEST(CortexM, BatchMatmul) {
  const Steps x = mixed(2 * 3 * 5), b = mixed(2 * 4 * 5, 3);
  OneCall call({Type::CHAR, {2, 3, 5}, {}});
  call.value(call.x).integer(17).value(call.program.add_constant({Type::CHAR, {2, 4, 5}, {}}, b));
  call.integer(-8).integer(3).integer(kC).integer(-9).scratch();
  const Steps y =
      answer(call.finish("cortex_m::quantized_batch_matmul", {Type::CHAR, {2, 3, 4}, {}}), x);
  for (size_t i = 0; i < y.size(); ++i) {
    int64_t sum = 0;
    for (size_t k = 0; k < 5; ++k)
      sum += (x[(i / 4) * 5 + k] + 17) * (b[((i / 12) * 4 + i % 4) * 5 + k] - 8);
    EXPECT_EQ(y[i], limited(requantize(sum, kC, -9) + 3)) << i;
  }
}

// ---- layers that were there before: limits that are no relu's

TEST(CortexM, LinearLimitsItsOutput) {
  const Steps x = mixed(8), w = mixed(3 * 8, 4);
  OneCall call({Type::CHAR, {1, 8}, {}});
  call.value(call.x).value(call.program.add_constant({Type::CHAR, {3, 8}, {}}, w));
  call.s32({100, -2000, 7}).value(call.program.add_null()).integer(10).integer(0).integer(-4);
  call.integers({kB}).integers({-8}).integer(50).integer(-4);
  const Steps y = answer(call.finish("cortex_m::quantized_linear", {Type::CHAR, {1, 3}, {}}), x);
  const int64_t bias[] = {100, -2000, 7};
  for (size_t o = 0; o < 3; ++o) {
    int64_t sum = bias[o];
    for (size_t i = 0; i < 8; ++i) sum += (x[i] + 10) * w[o * 8 + i];
    EXPECT_EQ(y[o], limited(requantize(sum, kB, -8) - 4, -4, 50)) << o;
  }
}

// ---- movement

TEST(CortexM, TransposeGoesByTheDimensions) {
  OneCall call({Type::CHAR, {2, 3, 4}, {}});
  call.value(call.x).integers({2, 0, 1});
  const Steps x = mixed(24);
  const Steps y = answer(call.finish("cortex_m::transpose", {Type::CHAR, {4, 2, 3}, {}}), x);
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(y[(i % 4) * 6 + i / 4], x[i]) << i;
}

// Channels last: the channels of a pixel lie side by side.
TEST(CortexM, ConcatenateGoesByTheDimensions) {
  OneCall call(image(1, 2, 2, 2));
  const int32_t other = call.program.add_computed(image(1, 2, 2, 2));
  call.program.call("dim_order_ops::_clone_dim_order", "out",
                    {call.x, call.program.add_bool(false), other});
  call.value(call.program.add_tensors({call.x, other})).integer(1);
  const Steps x = mixed(8), y = answer(call.finish("aten::cat", image(1, 4, 2, 2)), x);
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(y[i], x[i / 4 * 2 + i % 2]) << i;
}

// ---- refused

TEST(CortexM, AnotherZeroPointThanTheInputsIsRefused) {
  const TensorSpec rows{Type::CHAR, {2, 4}, {}};
  ProgramBuilder program;
  const int32_t x = program.add_computed(rows), y = program.add_computed(rows),
                z = program.add_computed(rows);
  const auto softmax = [&](int32_t from, int64_t zero_point, int32_t to) {
    program.call(
        "cortex_m::softmax", "out",
        {from, program.add_integer(-1), program.add_integer(zero_point), program.add_integer(-128),
         program.add_integer(kA), program.add_integer(20), program.add_integer(-1984), to});
  };
  softmax(x, 3, y);
  softmax(y, 3, z);
  EXPECT_EQ(
      refusal(program.finish({x}, {z})),
      "x.pte: instruction 1 cortex_m::softmax: it reads its input at the zero point 3, and the "
      "input has -128; the file is damaged; export it again [wrong-quantization]");
}

TEST(CortexM, MultipliersOutOfRangeAreRefused) {
  OneCall call({Type::CHAR, {8}, {}});
  call.value(call.x).integer(0).value(call.x).integer(0).integer(0).integer(12345).integer(0);
  const std::string text = refusal(call.finish("cortex_m::quantized_mul", {Type::CHAR, {8}, {}}));
  EXPECT_NE(text.find("multiplier 0 must be 0 or in 2^30"), std::string::npos) << text;
}

TEST(CortexM, AShiftThatOverflowsIsRefused) {
  OneCall call({Type::CHAR, {8}, {}});
  call.value(call.x).integer(0).value(call.x).integer(0).integer(0).integer(kA).integer(25);
  const std::string text = refusal(call.finish("cortex_m::quantized_mul", {Type::CHAR, {8}, {}}));
  EXPECT_NE(text.find("product stays in 32 bits"), std::string::npos) << text;
}

TEST(CortexM, DilatedPoolsAreRefused) {
  OneCall call(image(1, 3, 6, 6));
  call.value(call.x).integers({2, 2}).integers({2, 2}).integers({0, 0}).integers({2, 2});
  call.value(call.program.add_bool(false)).integer(0).integer(0).integer(-128).integer(127);
  const std::string text =
      refusal(call.finish("cortex_m::quantized_max_pool2d", image(1, 3, 2, 2)));
  EXPECT_NE(text.find("a pool with dilations is not taken"), std::string::npos) << text;
}

}  // namespace
}  // namespace mote::executorch
