// SPDX-License-Identifier: Apache-2.0
// Foreign reductions, positions of extremes and running sums. See foreign.h.
#include <algorithm>

#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;
using Op = format::BuiltinOperator;
using Type = ElementType;

bool is_scaled(Type type) { return type == Type::s8 || type == Type::s16; }

// Axes in any order, negative, now and then one twice. At most four: TFLM keeps no more.
std::vector<int32_t> random_axes(Random& random, int32_t rank) {
  std::vector<int32_t> axes;
  for (int32_t d = 0; d < rank; ++d)
    if (random.one_in(2)) axes.push_back(random.one_in(3) ? d - rank : d);
  if (axes.empty()) axes.push_back(random.integer(-rank, rank - 1));
  if (random.one_in(3)) std::reverse(axes.begin(), axes.end());
  if (axes.size() < 3 && random.one_in(6)) axes.push_back(axes[0]);
  return axes;
}

Shape reduced(const Shape& shape, const std::vector<int32_t>& axes, bool keep_dims) {
  const auto rank = int32_t(shape.size());
  Shape out;
  for (int32_t d = 0; d < rank; ++d) {
    const bool gone = std::find(axes.begin(), axes.end(), d) != axes.end() ||
                      std::find(axes.begin(), axes.end(), d - rank) != axes.end();
    if (!gone) out.push_back(shape[size_t(d)]);
    if (gone && keep_dims) out.push_back(1);
  }
  return out;
}

struct Reduction {
  Op op;
  Type type;
  Against against;
  bool same_scale;      // what comes out has the input's scale
  NumberRange range{};  // of the input
};

Quantization output_of(Random& random, const Reduction& r, const Quantization& from,
                       int64_t together) {
  if (!is_scaled(r.type) || r.same_scale) return from;
  const float widened = r.op == Op::SUM ? from.scale() * float(together) : from.scale();
  return per_tensor(random.scale(0.1f, 2.0f) * widened,
                    r.type == Type::s16 ? 0 : random_zero_point(random));
}

ForeignCase make_reduction(Random& random, const Reduction& r) {
  SingleOperator one;
  const int32_t largest = r.type == Type::boolean ? 3 : 6;  // many booleans are never all true
  Shape shape{random.integer(1, 3), random.integer(1, largest), random.integer(1, largest),
              random.integer(1, largest)};
  shape.erase(shape.begin(), shape.begin() + random.integer(0, 2));
  const std::vector<int32_t> axes = random_axes(random, int32_t(shape.size()));
  const bool keep_dims = random.one_in(2);
  const Shape out = reduced(shape, axes, keep_dims);
  const Quantization from =
      is_scaled(r.type) ? random_quantization(random, r.type) : Quantization{};
  one.input(r.type, shape, from);
  one.constant(Type::s32, {int32_t(axes.size())}, axes);
  one.output(r.type, out, output_of(random, r, from, element_count(shape) / element_count(out)));
  const auto options = format::CreateReducerOptions(one.flat(), keep_dims);
  std::string text = format::EnumNameBuiltinOperator(r.op);
  for (int32_t d : shape) text += " " + std::to_string(d);
  text += keep_dims ? " keep, over" : " over";
  for (int32_t a : axes) text += " " + std::to_string(a);
  std::vector<NumberRange> ranges;
  if (r.range.low < r.range.high) ranges = {r.range};
  return {one.finish(r.op, r.type == Type::boolean ? 1 : 2,
                     {format::BuiltinOptions::ReducerOptions, options.Union()}),
          text, ranges, r.against};
}

template <Op op, Type type>
ForeignCase micro(Random& random) {
  const bool compares = op == Op::REDUCE_MAX || op == Op::REDUCE_MIN;
  const Against against = type == Type::f32 ? Against::micro_tolerance : Against::micro;
  return make_reduction(random, {op, type, against, compares});
}
template <Op op, Type type>
ForeignCase litert(Random& random) {
  const bool compares = op == Op::REDUCE_MAX || op == Op::REDUCE_MIN;
  NumberRange range{};
  if (op == Op::REDUCE_PROD && type == Type::f32) range = {-2, 2};
  return make_reduction(random, {op, type, Against::litert_tolerance, compares, range});
}

// ---- positions ---------------------------------------------------------------------------------

template <bool largest, Type type, Type output>
ForeignCase arg_extreme(Random& random) {
  SingleOperator one;
  const Shape shape = [&] {
    Shape all = random_shape(random);
    if (all.size() < 2) all.insert(all.begin(), random.integer(2, 9));
    return all;
  }();
  const auto rank = int32_t(shape.size());
  const int32_t axis = random.integer(-rank, rank - 1);
  const Quantization q = type == Type::s8 ? random_quantization(random, type) : Quantization{};
  one.input(type, shape, q);
  one.constant(Type::s32, {1}, std::vector<int32_t>{axis});
  one.output(output, reduced(shape, {axis}, false));
  const auto type_word = tflite::tensor_type(output);
  tflite::OptionsTable options{format::BuiltinOptions::ArgMaxOptions,
                               format::CreateArgMaxOptions(one.flat(), type_word).Union()};
  if (!largest)
    options = {format::BuiltinOptions::ArgMinOptions,
               format::CreateArgMinOptions(one.flat(), type_word).Union()};
  // Few numbers, so that many are equal.
  std::vector<NumberRange> ranges;
  if (type == Type::s8 && random.one_in(2)) ranges = {{-2, 2}};
  const Against against = output == Type::s64 ? Against::litert_tolerance : Against::micro;
  return {one.finish(largest ? Op::ARG_MAX : Op::ARG_MIN, 2, options),
          "arg extreme of " + std::to_string(rank) + " dimensions along " + std::to_string(axis),
          ranges, against};
}

// ---- running sums ------------------------------------------------------------------------------

template <Type type>
ForeignCase cumsum(Random& random) {
  SingleOperator one;
  const Shape shape = random_shape(random);
  const auto rank = int32_t(shape.size());
  const int32_t axis = random.integer(-rank, rank - 1);
  const Quantization from = type == Type::s8 ? random_quantization(random, type) : Quantization{};
  Quantization to;
  if (type == Type::s8)
    to = per_tensor(from.scale() * random.scale(0.5f, 8.0f), random_zero_point(random));
  one.input(type, shape, from);
  one.constant(Type::s32, {1}, std::vector<int32_t>{axis});
  one.output(type, shape, to);
  const auto options = format::CreateCumsumOptions(one.flat(), random.one_in(2), random.one_in(2));
  const Against against = type == Type::f32  ? Against::micro_tolerance
                          : type == Type::s8 ? Against::micro_alone
                                             : Against::litert_tolerance;
  return {one.finish(Op::CUMSUM, 1, {format::BuiltinOptions::CumsumOptions, options.Union()}),
          "cumsum of " + std::to_string(rank) + " dimensions along " + std::to_string(axis),
          {},
          against};
}

constexpr ForeignFamily kFamilies[] = {
    {"arg_max_f32", arg_extreme<true, Type::f32, Type::s32>},
    {"arg_max_s64", arg_extreme<true, Type::s8, Type::s64>},
    {"arg_max_s8", arg_extreme<true, Type::s8, Type::s32>},
    {"arg_min_f32", arg_extreme<false, Type::f32, Type::s32>},
    {"arg_min_s64", arg_extreme<false, Type::f32, Type::s64>},
    {"arg_min_s8", arg_extreme<false, Type::s8, Type::s32>},
    {"cumsum_f32", cumsum<Type::f32>},
    {"cumsum_s32", cumsum<Type::s32>},
    {"cumsum_s64", cumsum<Type::s64>},
    {"cumsum_s8", cumsum<Type::s8>},
    {"mean_f32", micro<Op::MEAN, Type::f32>},
    {"mean_s16", micro<Op::MEAN, Type::s16>},
    {"mean_s8", micro<Op::MEAN, Type::s8>},
    {"reduce_all", micro<Op::REDUCE_ALL, Type::boolean>},
    {"reduce_any", litert<Op::REDUCE_ANY, Type::boolean>},
    {"reduce_max_f32", micro<Op::REDUCE_MAX, Type::f32>},
    {"reduce_max_s16", litert<Op::REDUCE_MAX, Type::s16>},
    {"reduce_max_s32", litert<Op::REDUCE_MAX, Type::s32>},
    {"reduce_max_s64", litert<Op::REDUCE_MAX, Type::s64>},
    {"reduce_max_s8", micro<Op::REDUCE_MAX, Type::s8>},
    {"reduce_min_f32", micro<Op::REDUCE_MIN, Type::f32>},
    {"reduce_min_s16", litert<Op::REDUCE_MIN, Type::s16>},
    {"reduce_min_s32", litert<Op::REDUCE_MIN, Type::s32>},
    {"reduce_min_s64", litert<Op::REDUCE_MIN, Type::s64>},
    {"reduce_min_s8", micro<Op::REDUCE_MIN, Type::s8>},
    {"reduce_prod_f32", litert<Op::REDUCE_PROD, Type::f32>},
    {"reduce_prod_s32", litert<Op::REDUCE_PROD, Type::s32>},
    {"reduce_prod_s64", litert<Op::REDUCE_PROD, Type::s64>},
    {"reduce_sum_f32", micro<Op::SUM, Type::f32>},
    {"reduce_sum_s16", micro<Op::SUM, Type::s16>},
    {"reduce_sum_s32", litert<Op::SUM, Type::s32>},
    {"reduce_sum_s64", litert<Op::SUM, Type::s64>},
    {"reduce_sum_s8", micro<Op::SUM, Type::s8>},
};

}  // namespace

std::span<const ForeignFamily> foreign_reductions() { return kFamilies; }

}  // namespace mote::conformance
