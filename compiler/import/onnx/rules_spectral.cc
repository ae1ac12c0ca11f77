// SPDX-License-Identifier: Apache-2.0
// Windows, transforms and mel filters. Lengths are constant. Transforms of even lengths 2^a 3^b 5^c
// are ours of real numbers; others are products with a matrix of sines. See rules.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kMostLength = 65536;
constexpr int64_t kMostMatrix = 512;  // points of a transform by a matrix

int64_t length_of(OperatorView& op, size_t i) {
  const int64_t length = op.integer(i);
  if (length < 1 || length > kMostLength)
    op.refuse("wrong-input", "its length must lie in 1 .. 65536");
  return length;
}

// The type of the numbers that it makes.
void expect_float_output(OperatorView& op) {
  const int64_t type = op.integer("output_datatype", 1);
  if (type != 1) op.refuse("wrong-type", "it gives " + type_name(int32_t(type)), "use float32");
}

// ---- windows: a - b cos(2 pi n / m) + c cos(4 pi n / m) -----------------------------------------

void window(OperatorView& op, double a, double b, double c) {
  expect_float_output(op);
  const int64_t size = length_of(op, 0);
  const int64_t m = op.integer("periodic", 1) != 0 ? size : std::max<int64_t>(1, size - 1);
  std::vector<float> weights;
  for (int64_t n = 0; n < size; ++n) {
    const double turn = 2 * kPi * double(n) / double(m);
    weights.push_back(float(a - b * std::cos(turn) + c * std::cos(2 * turn)));
  }
  op.set(op.constant(ElementType::f32, Shape{int32_t(size)}, weights));
}
void import_blackman(OperatorView& op) { window(op, 0.42, 0.5, 0.08); }
void import_hamming(OperatorView& op) { window(op, 25.0 / 46, 21.0 / 46, 0); }
void import_hann(OperatorView& op) { window(op, 0.5, 0.5, 0); }

// ---- transforms of rows [rows, n, 1 or 2] ------------------------------------------------------

struct Transform {
  int64_t length = 0;
  bool inverse = false, onesided = false;
  int64_t bins() const { return onesided ? length / 2 + 1 : length; }
};

bool is_ours(int64_t n) {
  if (n < 2 || n % 2 != 0) return false;
  for (int64_t factor : {2, 3, 5})
    while (n % factor == 0) n /= factor;
  return n == 1;
}

// Row (i, part of the input), column (o, part of the output) of the whole transform, sign -1 or 1.
ValueId by_matrix(OperatorView& op, ValueId x, const Transform& t, const List& in,
                  const List& out) {
  if (t.length > kMostMatrix)
    op.refuse("too-large", "a transform of this length and kind",
              "use an even length 2^a 3^b 5^c, or up to 512 points");
  const bool halved = t.inverse && t.onesided;
  const double factor = t.inverse ? 1.0 / double(t.length) : 1, sign = t.inverse ? 1 : -1;
  std::vector<float> matrix;
  for (int64_t i = 0; i < in[0] * in[1]; ++i)
    for (int64_t o = 0; o < out[0] * out[1]; ++o) {
      const int64_t row = i / in[1], column = o / out[1];
      const double turn = sign * 2 * kPi * double(row * column % t.length) / double(t.length);
      const bool from_imaginary = i % in[1] == 1, to_imaginary = o % out[1] == 1;
      double weight = from_imaginary == to_imaginary ? std::cos(turn)
                      : to_imaginary                 ? std::sin(turn)
                                                     : -std::sin(turn);
      if (halved && row != 0 && 2 * row != t.length) weight *= 2;  // and its conjugate
      matrix.push_back(float(weight * factor));
    }
  const ValueId weights = op.constant(
      ElementType::f32, Shape{int32_t(in[0] * in[1]), int32_t(out[0] * out[1])}, matrix);
  Movement move = op.move();
  const int64_t rows = op.shape(x)[0];
  const ValueId y =
      op.add(batch_matmul_op, {move.reshape(x, {rows, in[0] * in[1]}), weights}, {}, "transform");
  return move.reshape(y, {rows, out[0], out[1]});
}

ValueId by_signs(OperatorView& op, ValueId x, double real, double imaginary) {
  const std::vector<float> signs{float(real), float(imaginary)};
  return op.add(mul_op, {x, op.constant(ElementType::f32, Shape{2}, signs)}, {}, "signed");
}

// Bins behind the middle are conjugates of those before.
ValueId both_sides(OperatorView& op, ValueId half, int64_t length) {
  const int64_t more = length - length / 2 - 1;
  if (more == 0) return half;
  Movement move = op.move();
  const ValueId mirrored = move.reverse(move.slice_axis(half, 1, 1, more), {1});
  return move.concatenate({half, by_signs(op, mirrored, 1, -1)}, 1);
}

// All bins of real numbers, our transform.
ValueId real_transform(OperatorView& op, ValueId x, int64_t length, bool onesided) {
  Movement move = op.move();
  const int64_t rows = op.shape(x)[0];
  const ValueId half =
      op.add(rfft_op, {move.reshape(x, {rows, length})}, {{"length", length}}, "transform");
  const ValueId y = move.reshape(half, {rows, length / 2 + 1, 2});
  return onesided ? y : both_sides(op, y, length);
}

// The transform of the real parts and i times that of the imaginary ones; the inverse is that of
// the conjugates, conjugate, over the length.
ValueId complex_transform(OperatorView& op, ValueId x, const Transform& t) {
  Movement move = op.move();
  const ValueId real = real_transform(op, move.slice_axis(x, 2, 0, 1), t.length, false);
  const ValueId other = real_transform(op, move.slice_axis(x, 2, 1, 1), t.length, false);
  const double side = t.inverse ? -1 : 1;  // of the conjugate's imaginary parts
  const ValueId turned = by_signs(op, move.reverse(other, {2}), -side, side);
  const ValueId y = op.add(add_op, {real, turned}, {}, "bins");
  if (!t.inverse) return y;
  return by_signs(op, y, 1.0 / double(t.length), -1.0 / double(t.length));
}

ValueId transform(OperatorView& op, ValueId x, const Transform& t) {
  Movement move = op.move();
  const int64_t rows = op.shape(x)[0], parts = op.shape(x)[2];
  const int64_t given = op.shape(x)[1], wanted = t.inverse && t.onesided ? t.bins() : t.length;
  if (parts != 1 && parts != 2) op.refuse("wrong-shape", "its last dimension must be 1 or 2");
  if (t.onesided && parts != (t.inverse ? 2 : 1))
    op.refuse("wrong-shape", "a one-sided transform is of real numbers, its inverse of complex");
  if (given > wanted) x = move.slice_axis(x, 1, 0, wanted);
  if (given < wanted) x = move.pad(x, {0, 0, 0}, {0, wanted - given, 0}, "constant", 0);
  if (!t.inverse && parts == 1 && is_ours(t.length))
    return real_transform(op, x, t.length, t.onesided);
  if (parts == 2 && !t.onesided && is_ours(t.length)) return complex_transform(op, x, t);
  if (t.inverse && t.onesided && is_ours(t.length)) {
    const ValueId y = op.add(irfft_op, {move.reshape(x, {rows, t.length + 2})}, {}, "transform");
    return move.reshape(y, {rows, t.length, 1});
  }
  const List out = t.inverse && t.onesided ? List{t.length, 1} : List{t.bins(), 2};
  return by_matrix(op, x, t, {wanted, parts}, out);
}

// The axis is an input since opset 20.
void import_dft(OperatorView& op) {
  const ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  const List shape = dims(op.shape(x));
  const size_t rank = shape.size();
  if (rank < 2) op.refuse("wrong-shape", "its input must have two dimensions or more");
  int64_t given = op.opset() < 20 ? op.integer("axis", 1) : -2;
  if (op.opset() >= 20 && op.has_input(2)) given = op.integer(2);
  const size_t axis = op.dimension(given, rank);
  if (axis + 1 == rank) op.refuse("wrong-attribute", "its axis is the one of complex parts");
  Transform t;
  t.inverse = op.integer("inverse", 0) != 0;
  t.onesided = op.integer("onesided", 0) != 0;
  t.length = t.inverse && t.onesided ? 2 * (shape[axis] - 1) : shape[axis];
  if (op.has_input(1)) t.length = length_of(op, 1);
  if (t.length < 1 || t.length > kMostLength)
    op.refuse("wrong-shape", "its length is out of range");
  Movement move = op.move();
  List perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[axis], perm[rank - 2]);
  const ValueId last = move.transpose(x, perm);
  List moved = dims(op.shape(last));
  const int64_t rows = op.value(x).elements() / shape[axis] / shape[rank - 1];
  const ValueId y = transform(op, move.reshape(last, {rows, shape[axis], shape[rank - 1]}), t);
  moved[rank - 2] = op.shape(y)[1];
  moved[rank - 1] = op.shape(y)[2];
  op.set(move.transpose(move.reshape(y, moved), perm));
}

// Frames [batch, frame, number, part] of a signal [batch, number, part].
ValueId frames(OperatorView& op, ValueId x, int64_t length, int64_t step) {
  const List shape = dims(op.shape(x));
  const int64_t count = (shape[1] - length) / step + 1;
  if (count * length > int64_t(1) << 22) op.refuse("too-large", "its frames are too many");
  std::vector<int32_t> at;
  for (int64_t f = 0; f < count; ++f)
    for (int64_t n = 0; n < length; ++n) at.push_back(int32_t(f * step + n));
  const ValueId indices = op.constant(ElementType::s32, Shape{int32_t(count), int32_t(length)}, at);
  return op.add(gather_op, {x, indices}, {{"axis", int64_t(1)}}, "frames");
}

void import_stft(OperatorView& op) {
  ValueId x = op.input(0);
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  Movement move = op.move();
  if (op.shape(x).size() == 2) x = move.reshape(x, {op.shape(x)[0], op.shape(x)[1], 1});
  if (op.shape(x).size() != 3) op.refuse("wrong-shape", "its signal must have three dimensions");
  const int64_t step = length_of(op, 1);
  const ValueId weights = op.optional_input(2);
  if (weights < 0 && !op.has_input(3)) op.refuse("no-input", "it needs a window or a length");
  Transform t;
  t.length = op.has_input(3) ? length_of(op, 3) : op.value(weights).elements();
  t.onesided = op.integer("onesided", 1) != 0;
  if (t.length > op.shape(x)[1] || (weights >= 0 && op.value(weights).elements() != t.length))
    op.refuse("wrong-shape", "its signal and window do not fit the frames");
  ValueId y = frames(op, x, t.length, step);
  const List shape = dims(op.shape(y));
  if (weights >= 0) y = op.add(mul_op, {y, move.reshape(weights, {t.length, 1})}, {}, "windowed");
  y = transform(op, move.reshape(y, {shape[0] * shape[1], t.length, shape[3]}), t);
  op.set(move.reshape(y, {shape[0], shape[1], op.shape(y)[1], 2}));
}

// ---- mel filters -------------------------------------------------------------------------------

double edge(OperatorView& op, size_t i) {
  const std::vector<double> numbers = op.floats(i);
  if (numbers.size() != 1 || !(numbers[0] >= 0) || numbers[0] > 1e9)
    op.refuse("wrong-input", "its edges must be frequencies");
  return numbers[0];
}

// Triangles over the bins of a transform, as ONNX's reference rounds their corners.
void import_mel_weight_matrix(OperatorView& op) {
  expect_float_output(op);
  const int64_t filters = length_of(op, 0), length = length_of(op, 1), rate = op.integer(2);
  if (rate < 1 || filters * length > int64_t(1) << 24)
    op.refuse("wrong-input", "its sample rate or size is out of range");
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double low = mel(edge(op, 3)), step = (mel(edge(op, 4)) - low) / double(filters + 2);
  const int64_t bins = length / 2 + 1;
  List corners;
  for (int64_t i = 0; i < filters + 2; ++i) {
    const double hertz = 700 * (std::pow(10, (double(i) * step + low) / 2595) - 1);
    corners.push_back(int64_t(std::floor(double(length + 1) * hertz / double(rate))));
    if (corners.back() < 0 || corners.back() > bins)
      op.refuse("wrong-input", "its edges lie beyond half the sample rate");
  }
  std::vector<float> matrix(size_t(bins * filters));
  const auto set = [&](int64_t bin, int64_t filter, double weight) {
    if (bin < bins) matrix[size_t(bin * filters + filter)] = float(weight);
  };
  for (int64_t i = 0; i < filters; ++i) {
    const int64_t left = corners[size_t(i)], centre = corners[size_t(i) + 1],
                  right = corners[size_t(i) + 2];
    if (left == centre) set(centre, i, 1);
    for (int64_t j = left; left < centre && j <= centre; ++j)
      set(j, i, double(j - left) / double(centre - left));
    for (int64_t j = centre; j < right; ++j) set(j, i, double(right - j) / double(right - centre));
  }
  op.set(op.constant(ElementType::f32, Shape{int32_t(bins), int32_t(filters)}, matrix));
}

constexpr ImportRule kRules[] = {
    {"BlackmanWindow", import_blackman, "constant size, float32"},
    {"DFT", import_dft, "float32; lengths 2^a 3^b 5^c, others up to 512"},
    {"HammingWindow", import_hamming, "constant size, float32"},
    {"HannWindow", import_hann, "constant size, float32"},
    {"MelWeightMatrix", import_mel_weight_matrix, "constant, float32"},
    {"STFT", import_stft, "float32; as DFT"},
};

}  // namespace

std::span<const ImportRule> spectral_rules() { return kRules; }

}  // namespace mote::onnx
