// SPDX-License-Identifier: Apache-2.0
// See image_pool.h.
#include "compiler/import/image_pool.h"

#include <algorithm>
#include <limits>

#include "ops/registry.h"

namespace mote {
namespace {

// Whether our layers over two dimensions compute it.
bool is_plain(const ImageWindow& w) { return w.rank() <= 2 && !w.dilated(); }

double lowest(ElementType type) {
  return with_element_type(
      type, [](auto element) { return double(std::numeric_limits<decltype(element)>::lowest()); });
}

// How many numbers of window `o` count along dimension d.
int64_t counted(const PlacedWindow& w, size_t d, int64_t o, bool with_border) {
  const int64_t end = w.before[d] + w.image[d];
  const auto taps_before = [&](int64_t limit) {
    const int64_t room = std::max<int64_t>(0, limit - o * w.stride[d]);
    return std::min(w.kernel[d], (room + w.dilation[d] - 1) / w.dilation[d]);
  };
  const int64_t count =
      with_border ? taps_before(end + w.named[d]) : taps_before(end) - taps_before(w.before[d]);
  return std::max<int64_t>(1, count);
}

}  // namespace

ValueId ImagePool::layer(ValueId x, const PlacedWindow& window, const OpDef& op, bool same,
                         double border) {
  const PlacedWindow w = with_row(window);
  Attributes attributes = strides(w, same);
  attributes["filter_h"] = w.kernel[0];
  attributes["filter_w"] = w.kernel[1];
  x = channels_last(x);
  return add(op, {same ? x : padded(x, w, border, 1)}, attributes);
}

// Tap k of every window along spatial dimension d.
ValueId ImagePool::tap(ValueId x, const PlacedWindow& w, size_t d, int64_t k) {
  List begin(w.rank() + 2, 0), size = dims(x), step(w.rank() + 2, 1);
  begin[d + 2] = k * w.dilation[d];
  size[d + 2] = w.out[d];
  step[d + 2] = w.out[d] == 1 ? 1 : w.stride[d];
  return move().slice(x, begin, size, step);
}

ValueId ImagePool::by_slices(ValueId x, const PlacedWindow& w, const OpDef& combine) {
  for (size_t d = w.rank(); d-- > 0;) {
    ValueId y = tap(x, w, d, 0);
    for (int64_t k = 1; k < w.kernel[d]; ++k) y = add(combine, {y, tap(x, w, d, k)}, {}, "pooled");
    x = y;
  }
  return x;
}

// ---- maxima ------------------------------------------------------------------------------------

ValueId ImagePool::max(ValueId x, const ImageWindow& window) {
  const PlacedWindow w = place(window, image_of(x));
  const ElementType type = assembly().graph().value(x).type;
  if (is_plain(w) && (type == ElementType::f32 || type == ElementType::s8))
    return channels_first(layer(x, w, max_pool_2d_op, w.same, lowest(type)), w.rank());
  return by_slices(padded(x, w, lowest(type), 2), w, maximum_op);
}

// A later number has to be greater.
std::pair<ValueId, ValueId> ImagePool::max_with_places(ValueId x, ValueId places,
                                                       const ImageWindow& window) {
  const PlacedWindow w = place(window, image_of(x));
  x = padded(x, w, lowest(assembly().graph().value(x).type), 2);
  places = padded(places, w, 0, 2);
  for (size_t d = w.rank(); d-- > 0;) {
    ValueId best = tap(x, w, d, 0), where = tap(places, w, d, 0);
    for (int64_t k = 1; k < w.kernel[d]; ++k) {
      const ValueId next = tap(x, w, d, k);
      const ValueId more = add(greater_op, {next, best}, {}, "greater");
      where = add(where_op, {more, tap(places, w, d, k), where}, {}, "place");
      best = add(maximum_op, {next, best}, {}, "pooled");
    }
    x = best;
    places = where;
  }
  return {x, places};
}

// ---- means -------------------------------------------------------------------------------------

// For each window `whole` over the count of its numbers: [1, 1, spatial...].
ValueId ImagePool::shares(const PlacedWindow& w, bool with_border, double whole) {
  std::vector<double> all{whole};
  Shape each{1, 1};
  for (size_t d = 0; d < w.rank(); ++d) {
    std::vector<double> next;
    for (double share : all)
      for (int64_t o = 0; o < w.out[d]; ++o)
        next.push_back(share / double(counted(w, d, o, with_border)));
    all = std::move(next);
    each.push_back(int32_t(w.out[d]));
  }
  return assembly().add_constant(name() + "/counts", ElementType::f32, each,
                                 std::vector<float>(all.begin(), all.end()));
}

// Our padding "same" leaves the border out of the mean. Else the padded mean, or sum, is made one
// of the numbers that count.
ValueId ImagePool::average(ValueId x, const ImageWindow& window, bool with_border,
                           int64_t divisor) {
  const PlacedWindow w = place(window, image_of(x));
  const bool plain = is_plain(w), borders = w.borders();
  if (plain && divisor == 0 && w.same && !(with_border && borders))
    return channels_first(layer(x, w, average_pool_2d_op, true, 0), w.rank());
  int64_t whole = 1;
  for (int64_t k : w.kernel) whole *= plain ? k : 1;
  ValueId y =
      plain ? layer(x, w, average_pool_2d_op, false, 0) : by_slices(padded(x, w, 0, 2), w, add_op);
  if (divisor == 0 ? !plain || borders : divisor != whole) {
    ValueId factor =
        divisor == 0 ? shares(w, with_border, double(whole))
                     : assembly().add_constant(name() + "/divisor", ElementType::f32, Shape{1},
                                               std::vector{float(double(whole) / double(divisor))});
    if (plain && divisor == 0) factor = channels_last(factor);
    y = add(mul_op, {y, factor}, {}, "counted");
  }
  return plain ? channels_first(y, w.rank()) : y;
}

}  // namespace mote
