// SPDX-License-Identifier: Apache-2.0
// ExecuTorch programs of a megabyte that were made to be expensive. A table of the format may be
// pointed at many times, for four bytes each.
#include "compiler/import/hostile_test.h"

#include "compiler/import/executorch/program_test.h"

namespace mote::test {
namespace {

using Type = Program::Type;

void expect_cheap_program(const Bytes& bytes, const std::string& expected) {
  expect_cheap(import_executorch, bytes, expected);
}

TEST(HostileExecutorch, NoProgram) {
  Bytes bytes(kHostileBytes, 0);
  const std::string head = std::string(4, '\x10') + "ET12eh00";
  std::copy(head.begin(), head.end(), bytes.begin());
  expect_cheap_program(bytes, "damaged-file");
}

TEST(HostileExecutorch, OneValueManyTimes) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1});
  p.values.resize(200000, p.values[0]);
  p.call(p.op("aten::clone"), {x}, 1);
  expect_cheap_program(p.finish({x}, {1}), "damaged-file");
}

TEST(HostileExecutorch, OneCallManyTimes) {
  Program p;
  p.data(Bytes(900000));  // a reader takes no more from a file than it holds
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  p.instructions.assign(9999, p.call(p.op("aten::clone"), {x, p.null()}, y));
  expect_cheap_program(p.finish({x}, {y}), "taken");
  Program many;
  const int32_t a = many.tensor(Type::FLOAT, {1}), b = many.tensor(Type::FLOAT, {1});
  many.instructions.assign(60000, many.call(many.op("aten::clone"), {a}, b));
  expect_cheap_program(many.finish({a}, {b}), "too-large");
}

// Values that lie in one memory, each written and read: whose bytes a view is must be searched.
TEST(HostileExecutorch, ManyViewsOfOneMemory) {
  Program p;
  const Shape sizes = {1};
  const int32_t none = p.null();
  const int32_t x = p.tensor(Type::FLOAT, sizes);
  const auto place = executorch_format::CreateAllocationDetails(p.flat, 1, 0, 0);
  const auto tensor = executorch_format::CreateTensorDirect(p.flat, Type::FLOAT, 0, &sizes, nullptr,
                                                            false, 0, place);
  const auto view = executorch_format::CreateEValue(p.flat, Program::Kind::Tensor, tensor.Union());
  const int32_t clone = p.op("aten::clone");
  int32_t last = x;
  for (int i = 0; i < 4500; ++i) {
    p.values.insert(p.values.end(), {view, view, view});
    const auto next = int32_t(p.values.size()) - 1;
    p.call(clone, {last, none}, next);
    last = next;
  }
  expect_cheap_program(p.finish({x}, {last}), "taken");
}

TEST(HostileExecutorch, LongListsManyTimes) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  const int32_t list = p.integers(std::vector<int64_t>(15000, 0));
  const auto value = p.values[size_t(list)];
  p.values.resize(19000, value);
  p.call(p.op("aten::clone"), {x, list}, y);
  expect_cheap_program(p.finish({x}, {y}), "damaged-file");
}

TEST(HostileExecutorch, ManyUnknownOperators) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1});
  const std::string name(190, 'n');
  p.instructions.assign(9999, p.call(p.op(name.c_str()), {x}, x));
  expect_cheap_program(p.finish({x}, {x}), "damaged-file");
  Program other;
  other.data(Bytes(900000));
  const int32_t y = other.tensor(Type::FLOAT, {1});
  other.instructions.assign(9999, other.call(other.op("no"), {y}, y));
  expect_cheap_program(other.finish({y}, {y}), "unsupported-operator");
}

// One buffer holds the weights of all layers.
TEST(HostileExecutorch, ManyLayersOfOneBuffer) {
  Program p;
  const uint32_t data = p.data(Bytes(700 * 700, 1));
  const int32_t first = p.tensor(Type::FLOAT, {1, 700});
  const int32_t q = p.tensor(Type::CHAR, {1, 700});
  const int32_t scale = p.real(0.5), zero = p.integer(0), type = p.integer(1), none = p.null();
  const int32_t least = p.integer(-128), most = p.integer(127);
  const int32_t multiplier = p.integers({1 << 30}), shift = p.integers({-3});
  p.call(p.op("cortex_m::quantize_per_tensor"), {first, scale, zero, least, most, type}, q);
  const int32_t linear = p.op("cortex_m::quantized_linear");
  const int32_t weights = p.tensor(Type::CHAR, {700, 700}, data);
  int32_t x = q;
  for (int i = 0; i < 3000; ++i) {
    const int32_t y = p.tensor(Type::CHAR, {1, 700});
    p.call(linear, {x, weights, none, none, zero, zero, zero, multiplier, shift, most, least}, y);
    x = y;
  }
  expect_cheap_program(p.finish({first}, {x}), "too-large");
}

TEST(HostileExecutorch, HugeShapes) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1, 1 << 14, 1 << 14}), none = p.null();
  const int32_t y = p.tensor(Type::FLOAT, {1, 1 << 14, 1 << 14});
  p.call(p.op("aten::clone"), {x, none}, y);
  expect_cheap_program(p.finish({x}, {y}), "wrong-shape");
}

}  // namespace
}  // namespace mote::test
