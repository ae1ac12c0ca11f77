// SPDX-License-Identifier: Apache-2.0
// See movement.h.
#include "compiler/import/movement.h"

#include <algorithm>
#include <numeric>

#include "ops/registry.h"

namespace mote {
namespace {

constexpr size_t kMostJoined = 8;  // inputs of a concatenate

}  // namespace

void Movement::refuse(const std::string& message) const {
  fail("wrong-shape", "\"" + name_ + "\"", message, "convert the model again");
}

ValueId Movement::reshape(ValueId x, const List& wanted) {
  if (dims(x) == wanted) return x;
  return add(reshape_op, {x}, {{"shape", wanted}});
}

// Dimensions of 1 move freely: where the others keep their order, no number moves.
ValueId Movement::transpose(ValueId x, const List& perm) {
  const Value value = assembly_.graph().value(x);
  const auto rank = int64_t(value.shape.size());
  std::vector<int64_t> moving;
  bool valid = int64_t(perm.size()) == rank;
  for (int64_t d : perm) {
    valid = valid && d >= 0 && d < rank;
    if (valid && value.shape[size_t(d)] != 1) moving.push_back(d);
  }
  std::vector<int64_t> sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  for (size_t d = 0; valid && d < sorted.size(); ++d) valid = sorted[d] == int64_t(d);
  const bool stays = std::is_sorted(moving.begin(), moving.end());
  if (!valid || !stays || value.quantization.scales.size() > 1)
    return add(transpose_op, {x}, {{"perm", perm}});
  List wanted;
  for (int64_t d : perm) wanted.push_back(value.shape[size_t(d)]);
  return reshape(x, wanted);
}

ValueId Movement::slice(ValueId x, const List& begin, const List& size, const List& step) {
  const bool whole =
      size == dims(x) && std::all_of(step.begin(), step.end(), [](int64_t s) { return s == 1; });
  if (whole && std::all_of(begin.begin(), begin.end(), [](int64_t b) { return b == 0; })) return x;
  return add(slice_op, {x}, {{"begin", begin}, {"size", size}, {"step", step}});
}

ValueId Movement::slice_axis(ValueId x, size_t axis, int64_t begin, int64_t size) {
  List begins(shape(x).size(), 0), sizes = dims(x);
  begins.at(axis) = begin;
  sizes[axis] = size;
  return slice(x, begins, sizes, List(sizes.size(), 1));
}

ValueId Movement::reverse(ValueId x, const std::vector<size_t>& axes) {
  List begin(shape(x).size(), 0), step(shape(x).size(), 1);
  for (size_t axis : axes) {
    if (shape(x).at(axis) == 1) continue;
    begin[axis] = shape(x)[axis] - 1;
    step[axis] = -1;
  }
  return slice(x, begin, dims(x), step);
}

ValueId Movement::pad(ValueId x, const List& before, const List& after, const std::string& mode,
                      double value) {
  const auto is_zero = [](int64_t n) { return n == 0; };
  const bool nothing = before.size() == shape(x).size() && after.size() == before.size() &&
                       std::all_of(before.begin(), before.end(), is_zero) &&
                       std::all_of(after.begin(), after.end(), is_zero);
  if (nothing) return x;
  return add(pad_op, {x}, {{"before", before}, {"after", after}, {"mode", mode}, {"value", value}});
}

// Dimensions of 1 in front are a view; all else is the operator's to check.
ValueId Movement::broadcast_to(ValueId x, const List& wanted) {
  List front = dims(x);
  if (front.size() < wanted.size()) front.insert(front.begin(), wanted.size() - front.size(), 1);
  if (front == wanted) return reshape(x, wanted);
  return add(broadcast_to_op, {x}, {{"shape", wanted}});
}

ValueId Movement::concatenate(std::vector<ValueId> inputs, int64_t axis) {
  if (inputs.empty()) refuse("nothing is concatenated");
  while (inputs.size() > 1) {
    std::vector<ValueId> joined;
    for (size_t i = 0; i < inputs.size(); i += kMostJoined) {
      const size_t end = std::min(inputs.size(), i + kMostJoined);
      const std::vector<ValueId> some(inputs.begin() + int64_t(i), inputs.begin() + int64_t(end));
      joined.push_back(some.size() == 1 ? some[0] : add(concatenate_op, some, {{"axis", axis}}));
    }
    inputs = joined;
  }
  return inputs[0];
}

ValueId Movement::stack(const std::vector<ValueId>& inputs, size_t axis) {
  std::vector<ValueId> parts;
  for (ValueId x : inputs) {
    List wanted = dims(x);
    if (axis > wanted.size() || shape(x) != shape(inputs[0]))
      refuse("what is stacked must have one shape, and the axis must lie in it");
    wanted.insert(wanted.begin() + int64_t(axis), 1);
    parts.push_back(reshape(x, wanted));
  }
  return concatenate(parts, int64_t(axis));
}

std::vector<ValueId> Movement::split(ValueId x, size_t axis, const List& sizes) {
  const int64_t extent = shape(x).at(axis);
  int64_t sum = 0;
  for (int64_t size : sizes)
    if (size < 1 || size > extent || (sum += size) > extent)
      refuse("the parts are not those of a dimension of " + std::to_string(extent));
  if (sum != extent) refuse("the parts are not those of a dimension of " + std::to_string(extent));
  std::vector<ValueId> parts;
  int64_t begin = 0;
  for (int64_t size : sizes) {
    parts.push_back(slice_axis(x, axis, begin, size));
    begin += size;
  }
  return parts;
}

ValueId Movement::indices(ValueId x) {
  const Value value = assembly_.graph().value(x);
  if (value.type == ElementType::s32) return x;
  if (value.type == ElementType::f32) refuse("its indices are no integers");
  if (assembly_.is_constant(x)) {
    std::vector<int32_t> numbers;
    for (int64_t n : assembly_.integers(x))
      numbers.push_back(int32_t(std::clamp<int64_t>(n, INT32_MIN, INT32_MAX)));
    const Shape wanted = value.shape;
    return assembly_.add_constant(name_ + "/indices", ElementType::s32, wanted, numbers);
  }
  const OpDef* cast = find_op("cast");
  if (!cast) refuse("its indices are of type " + std::string(to_string(value.type)));
  return add(*cast, {x}, {{"type", std::string("s32")}});
}

void Movement::expect_image(ValueId x, int64_t block) const {
  if (shape(x).size() != 4 || block < 1 || block > INT16_MAX)
    refuse("it takes images of four dimensions and a block size of at least 1");
}

ValueId Movement::space_to_depth(ValueId x, int64_t block) {
  expect_image(x, block);
  const List d = dims(x);
  if (d[1] % block != 0 || d[2] % block != 0) refuse("the image is no multiple of the block");
  x = reshape(x, {d[0], d[1] / block, block, d[2] / block, block, d[3]});
  x = transpose(x, {0, 1, 3, 2, 4, 5});
  return reshape(x, {d[0], d[1] / block, d[2] / block, d[3] * block * block});
}

ValueId Movement::depth_to_space(ValueId x, int64_t block) {
  expect_image(x, block);
  const List d = dims(x);
  if (d[3] % (block * block) != 0) refuse("the channels are no multiple of the block");
  const int64_t channels = d[3] / (block * block);
  x = reshape(x, {d[0], d[1], d[2], block, block, channels});
  x = transpose(x, {0, 1, 3, 2, 4, 5});
  return reshape(x, {d[0], d[1] * block, d[2] * block, channels});
}

ValueId Movement::space_to_depth_nchw(ValueId x, int64_t block) {
  expect_image(x, block);
  const List d = dims(x);
  if (d[2] % block != 0 || d[3] % block != 0) refuse("the image is no multiple of the block");
  x = reshape(x, {d[0], d[1], d[2] / block, block, d[3] / block, block});
  x = transpose(x, {0, 3, 5, 1, 2, 4});
  return reshape(x, {d[0], d[1] * block * block, d[2] / block, d[3] / block});
}

ValueId Movement::depth_to_space_nchw(ValueId x, int64_t block, bool channels_first) {
  expect_image(x, block);
  const List d = dims(x);
  if (d[1] % (block * block) != 0) refuse("the channels are no multiple of the block");
  const int64_t channels = d[1] / (block * block);
  if (channels_first) {
    x = reshape(x, {d[0], channels, block, block, d[2], d[3]});
    x = transpose(x, {0, 1, 4, 2, 5, 3});
  } else {
    x = reshape(x, {d[0], block, block, channels, d[2], d[3]});
    x = transpose(x, {0, 3, 4, 1, 5, 2});
  }
  return reshape(x, {d[0], channels, d[2] * block, d[3] * block});
}

void Movement::expect_blocks(ValueId x, const List& block, const List& before,
                             const List& after) const {
  const size_t n = block.size();
  if (n < 1 || shape(x).size() < n + 1 || before.size() != n || after.size() != n)
    refuse("there must be a block, and what is padded or cut, for each spatial dimension");
  for (const List* list : {&block, &before, &after})
    for (int64_t b : *list)
      if (b < 0 || b > INT16_MAX) refuse("a block or border must lie in 0 .. 32767");
  if (std::count(block.begin(), block.end(), 0)) refuse("a block is empty");
}

ValueId Movement::space_to_batch(ValueId x, const List& block, const List& before,
                                 const List& after) {
  expect_blocks(x, block, before, after);
  const size_t n = block.size();
  List front(shape(x).size(), 0), back = front;
  std::copy(before.begin(), before.end(), front.begin() + 1);
  std::copy(after.begin(), after.end(), back.begin() + 1);
  x = pad(x, front, back, "constant", 0);
  const List d = dims(x);
  List split{d[0]}, perm, joined{d[0]};
  for (size_t s = 0; s < n; ++s) {
    if (d[s + 1] % block[s] != 0) refuse("a dimension is no multiple of its block");
    split.push_back(d[s + 1] / block[s]);
    split.push_back(block[s]);
    perm.push_back(int64_t(2 * s + 2));
    joined[0] *= block[s];
    joined.push_back(d[s + 1] / block[s]);
  }
  perm.push_back(0);
  for (size_t s = 0; s < n; ++s) perm.push_back(int64_t(2 * s + 1));
  for (size_t r = n + 1; r < d.size(); ++r) {
    split.push_back(d[r]);
    perm.push_back(int64_t(r + n));
    joined.push_back(d[r]);
  }
  return reshape(transpose(reshape(x, split), perm), joined);
}

ValueId Movement::batch_to_space(ValueId x, const List& block, const List& before,
                                 const List& after) {
  expect_blocks(x, block, before, after);
  const size_t n = block.size();
  const List d = dims(x);
  int64_t blocks = 1;
  for (int64_t b : block) blocks = std::min<int64_t>(INT32_MAX, blocks * b);
  if (d[0] % blocks != 0) refuse("the batches are no multiple of the blocks");
  List split = block, perm{int64_t(n)}, joined{d[0] / blocks};
  split.push_back(d[0] / blocks);
  for (size_t s = 0; s < n; ++s) {
    split.push_back(d[s + 1]);
    perm.push_back(int64_t(n + 1 + s));
    perm.push_back(int64_t(s));
    joined.push_back(d[s + 1] * block[s]);
  }
  for (size_t r = n + 1; r < d.size(); ++r) {
    split.push_back(d[r]);
    perm.push_back(int64_t(r + n));
    joined.push_back(d[r]);
  }
  x = reshape(transpose(reshape(x, split), perm), joined);
  List begin(joined.size(), 0), size = joined;
  for (size_t s = 0; s < n; ++s) {
    begin[s + 1] = before[s];
    size[s + 1] -= before[s] + after[s];
  }
  return slice(x, begin, size, List(size.size(), 1));
}

}  // namespace mote
