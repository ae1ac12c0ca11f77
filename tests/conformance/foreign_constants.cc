// SPDX-License-Identifier: Apache-2.0
// Foreign operators whose answer follows from shapes and constants: beside an input in a
// concatenation, because mote's outputs depend on its inputs. See foreign.h.
#include <algorithm>

#include "tests/conformance/foreign_parts.h"

namespace mote::conformance {
namespace {

using Type = ElementType;

// CONCATENATION(x, op(...)), x [n] and the operator's answer [count] of one type.
class BesideInput {
 public:
  explicit BesideInput(Type type) : type_(tflite::tensor_type(type)) {}

  tflite::ModelBuilder& builder() { return builder_; }
  int32_t input(Type type, const Shape& shape) {
    inputs_.push_back(builder_.add_tensor(
        {"input" + std::to_string(inputs_.size()), tflite::tensor_type(type), shape, {}}));
    return inputs_.back();
  }
  template <class T>
  int32_t constant(Type type, const Shape& shape, const std::vector<T>& data) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    const Bytes copy(bytes, bytes + data.size() * sizeof(T));
    const std::string name = "constant" + std::to_string(++constants_);
    return builder_.add_tensor({name, tflite::tensor_type(type), shape, {}, &copy});
  }

  ForeignCase finish(Op code, const std::vector<int32_t>& of, int32_t count,
                     tflite::OptionsTable options = {}) {
    const int32_t answer = builder_.add_tensor({"answer", type_, {count}, {}});
    tflite::OperatorSpec op;
    op.code = code;
    op.inputs = of;
    op.outputs = {answer};
    op.options = options;
    builder_.add_operator(op);
    inputs_.push_back(builder_.add_tensor({"x", type_, {3}, {}}));
    const int32_t output = builder_.add_tensor({"output", type_, {3 + count}, {}});
    tflite::OperatorSpec join;
    join.code = Op::CONCATENATION;
    join.inputs = {inputs_.back(), answer};
    join.outputs = {output};
    join.options = {format::BuiltinOptions::ConcatenationOptions,
                    format::CreateConcatenationOptions(builder_.flat(), 0).Union()};
    builder_.add_operator(join);
    builder_.end_subgraph("main", inputs_, {output});
    return {builder_.finish(), format::EnumNameBuiltinOperator(code), {}};
  }

 private:
  format::TensorType type_;
  tflite::ModelBuilder builder_;
  std::vector<int32_t> inputs_;
  int32_t constants_ = 0;
};

ForeignCase make_shape(Random& random) {
  BesideInput one(Type::s32);
  const Shape shape = dims_of_rank(random, random.integer(1, 5));
  const int32_t x = one.input(Type::s8, shape);
  const auto options = format::CreateShapeOptions(one.builder().flat(), format::TensorType::INT32);
  return one.finish(Op::SHAPE, {x}, int32_t(shape.size()),
                    {format::BuiltinOptions::ShapeOptions, options.Union()});
}

template <Type T>
ForeignCase make_zeros_like(Random& random) {
  BesideInput one(T);
  const int32_t count = random.integer(1, 9);
  ForeignCase made = one.finish(Op::ZEROS_LIKE, {one.input(T, {count})}, count);
  if (T == Type::s8) made.against = Against::micro_alone;
  return made;
}

ForeignCase make_broadcast_args(Random& random) {
  BesideInput one(Type::s32);
  const Shape shape = dims_of_rank(random, random.integer(1, 5), 9);
  const auto part = [&](int32_t rank) {
    std::vector<int32_t> list(shape.end() - rank, shape.end());
    for (int32_t& d : list)
      if (random.one_in(3)) d = 1;
    return list;
  };
  const auto rank = int32_t(shape.size());
  const std::vector<int32_t> a = part(rank), b = part(random.integer(1, rank));
  int32_t first = one.constant(Type::s32, {int32_t(a.size())}, a);
  int32_t second = one.constant(Type::s32, {int32_t(b.size())}, b);
  if (random.one_in(2)) std::swap(first, second);
  return one.finish(Op::BROADCAST_ARGS, {first, second}, rank);
}

ForeignCase make_range_s32(Random& random) {
  BesideInput one(Type::s32);
  const int32_t start = random.integer(-20, 20), count = random.integer(1, 12);
  const int32_t step = random.integer(1, 5) * (random.one_in(2) ? 1 : -1);
  const int32_t short_of = random.integer(0, std::abs(step) - 1) * (step > 0 ? 1 : -1);
  const auto number = [&](int32_t n) {
    return one.constant(Type::s32, {}, std::vector<int32_t>{n});
  };
  ForeignCase made = one.finish(
      Op::RANGE, {number(start), number(start + count * step - short_of), number(step)}, count);
  made.against = Against::litert_tolerance;
  return made;
}

ForeignCase make_range_f32(Random& random) {
  BesideInput one(Type::f32);
  const float start = random.scale(0.1f, 9), step = random.scale(0.1f, 3);
  const int32_t count = random.integer(1, 12);
  const auto number = [&](float n) { return one.constant(Type::f32, {}, std::vector<float>{n}); };
  const float limit = start + (float(count) - 0.5f) * step;
  ForeignCase made = one.finish(Op::RANGE, {number(start), number(limit), number(step)}, count);
  made.against = Against::litert_tolerance;
  return made;
}

constexpr ForeignFamily kFamilies[] = {
    {"shape", make_shape},
    {"zeros_like_s8", make_zeros_like<Type::s8>},
    {"zeros_like_s32", make_zeros_like<Type::s32>},
    {"zeros_like_s64", make_zeros_like<Type::s64>},
    {"zeros_like_f32", make_zeros_like<Type::f32>},
    {"broadcast_args", make_broadcast_args},
    {"range_s32", make_range_s32},
    {"range_f32", make_range_f32},
};

}  // namespace

std::span<const ForeignFamily> foreign_constants() { return kFamilies; }

}  // namespace mote::conformance
