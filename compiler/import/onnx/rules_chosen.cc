// SPDX-License-Identifier: Apache-2.0
// Operators whose result's size depends on numbers: of constants alone, computed here. See rules.h.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

ValueId integers(OperatorView& op, const Shape& shape, const List& list) {
  return op.constant(ElementType::s64, shape, list);
}

// The indices of what is not 0, a row a dimension.
void import_non_zero(OperatorView& op) {
  const Value x = op.value(op.constant_input(0));
  std::vector<List> found(std::max<size_t>(1, x.shape.size()));
  for (int64_t i = 0; i < x.elements(); ++i) {
    const bool there =
        with_element_type(x.type, [&](auto element) { return x.as<decltype(element)>()[i] != 0; });
    if (!there) continue;
    int64_t rest = i;
    for (size_t d = x.shape.size(); d-- > 0; rest /= x.shape[d])
      found[d].push_back(rest % x.shape[d]);
    if (x.shape.empty()) found[0].push_back(0);
  }
  List all;
  for (const List& row : found) all.insert(all.end(), row.begin(), row.end());
  op.set(integers(op, {int32_t(found.size()), int32_t(found[0].size())}, all));
}

// ---- unique ------------------------------------------------------------------------------------

// Slices of a constant along an axis as rows of numbers that compare.
struct Rows {
  std::vector<std::vector<double>> rows;
  bool exact = true;  // a double holds them
};

Rows rows_of(OperatorView& op, ValueId x) {
  const Value value = op.value(x);
  const auto count = size_t(value.shape[0]);
  Rows r{std::vector<std::vector<double>>(count), true};
  const auto width = size_t(value.elements()) / count;
  with_element_type(value.type, [&](auto element) {
    const auto* data = value.as<decltype(element)>();
    for (size_t i = 0; i < count * width; ++i) {
      r.rows[i / width].push_back(double(data[i]));
      r.exact = r.exact && std::fabs(double(data[i])) <= 9007199254740992.0;
    }
  });
  return r;
}

// Sorted, or in the order in which they first come.
void import_unique(OperatorView& op) {
  Movement move = op.move();
  ValueId x = op.constant_input(0);
  const size_t rank = op.shape(x).size();
  const bool flat = !op.has("axis"), sorted = op.integer("sorted", 1) != 0;
  const size_t axis = flat ? 0 : op.dimension(op.integer("axis"), rank);
  List perm(flat ? 1 : rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[0], perm[axis]);
  x = flat ? move.reshape(x, {op.value(x).elements()}) : move.transpose(x, perm);
  const Rows r = rows_of(op, x);
  if (!r.exact) op.refuse("wrong-input", "it holds numbers beyond 2^53");
  std::vector<size_t> order(r.rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return r.rows[a] < r.rows[b]; });
  List first, count, group(r.rows.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || r.rows[order[i]] != r.rows[order[i - 1]]) {
      first.push_back(int64_t(order[i]));
      count.push_back(0);
    }
    ++count.back();
    group[order[i]] = int64_t(first.size()) - 1;
  }
  List place(first.size());
  std::iota(place.begin(), place.end(), 0);
  if (!sorted)
    std::sort(place.begin(), place.end(),
              [&](int64_t a, int64_t b) { return first[size_t(a)] < first[size_t(b)]; });
  List inverse(place.size()), firsts, counts, groups;
  std::vector<int32_t> chosen;
  for (size_t i = 0; i < place.size(); ++i) {
    inverse[size_t(place[i])] = int64_t(i);
    firsts.push_back(first[size_t(place[i])]);
    counts.push_back(count[size_t(place[i])]);
    chosen.push_back(int32_t(firsts.back()));
  }
  for (int64_t g : group) groups.push_back(inverse[size_t(g)]);
  const auto n = int32_t(place.size());
  const ValueId list = op.constant(ElementType::s32, Shape{n}, chosen);
  const ValueId y = op.add(gather_op, {x, list}, {{"axis", int64_t(0)}});
  op.set(0, flat ? y : move.transpose(y, perm));
  if (op.has_output(1)) op.set(1, integers(op, {n}, firsts));
  if (op.has_output(2)) op.set(2, integers(op, {int32_t(groups.size())}, groups));
  if (op.has_output(3)) op.set(3, integers(op, {n}, counts));
}

// ---- boxes -------------------------------------------------------------------------------------

struct Box {
  double top, left, bottom, right;
  double area() const { return (bottom - top) * (right - left); }
};

Box box_of(const float* data, bool centred) {
  const double a = data[0], b = data[1], c = data[2], d = data[3];
  if (centred) return {b - d / 2, a - c / 2, b + d / 2, a + c / 2};
  return {std::min(a, c), std::min(b, d), std::max(a, c), std::max(b, d)};
}

double overlap(const Box& a, const Box& b) {
  const double high = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double wide = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (high <= 0 || wide <= 0) return 0;
  const double whole = a.area() + b.area() - high * wide;
  return whole > 0 ? high * wide / whole : 0;
}

// The best boxes by falling score, of equal ones the earlier; those that overlap a better one more
// than the threshold go.
List best_boxes(const std::vector<Box>& boxes, const float* scores, double least, double most) {
  std::vector<int64_t> order;
  for (size_t i = 0; i < boxes.size(); ++i)
    if (double(scores[i]) > least) order.push_back(int64_t(i));
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return scores[size_t(a)] > scores[size_t(b)]; });
  List kept;
  for (int64_t i : order) {
    const bool hidden = std::any_of(kept.begin(), kept.end(), [&](int64_t k) {
      return overlap(boxes[size_t(i)], boxes[size_t(k)]) > most;
    });
    if (!hidden) kept.push_back(i);
  }
  return kept;
}

double threshold(OperatorView& op, size_t i, double otherwise) {
  if (!op.has_input(i)) return otherwise;
  const std::vector<double> numbers = op.floats(i);
  if (numbers.size() != 1) op.refuse("wrong-shape", "a threshold must be one number");
  return numbers[0];
}

void import_non_max_suppression(OperatorView& op) {
  const Value boxes = op.value(op.constant_input(0)), scores = op.value(op.constant_input(1));
  if (boxes.type != ElementType::f32 || scores.type != ElementType::f32 ||
      boxes.shape.size() != 3 || scores.shape.size() != 3 || boxes.shape[2] != 4 ||
      boxes.shape[0] != scores.shape[0] || boxes.shape[1] != scores.shape[2])
    op.refuse("wrong-shape", "its boxes and scores do not fit");
  if (int64_t(boxes.shape[1]) * boxes.shape[1] * scores.shape[1] * scores.shape[0] > 1 << 26)
    op.refuse("too-large", "it compares too many boxes");
  const int64_t most = op.has_input(2) ? op.integer(2) : 0;
  const double overlap = threshold(op, 3, 0);
  const double least = threshold(op, 4, -std::numeric_limits<double>::infinity());
  const bool centred = op.integer("center_point_box", 0) != 0;
  List chosen;
  for (int32_t b = 0; b < boxes.shape[0]; ++b) {
    std::vector<Box> all;
    for (int32_t i = 0; i < boxes.shape[1]; ++i)
      all.push_back(box_of(boxes.as<float>() + (b * boxes.shape[1] + i) * 4, centred));
    for (int32_t c = 0; c < scores.shape[1]; ++c) {
      const float* of = scores.as<float>() + (b * scores.shape[1] + c) * scores.shape[2];
      const List kept = best_boxes(all, of, least, overlap);
      for (size_t i = 0; i < kept.size() && int64_t(i) < most; ++i)
        chosen.insert(chosen.end(), {b, c, kept[i]});
    }
  }
  op.set(integers(op, {int32_t(chosen.size() / 3), 3}, chosen));
}

constexpr ImportRule kRules[] = {
    {"NonMaxSuppression", import_non_max_suppression, "of constants"},
    {"NonZero", import_non_zero, "of constants"},
    {"Unique", import_unique, "of constants"},
};

}  // namespace

std::span<const ImportRule> chosen_rules() { return kRules; }

}  // namespace mote::onnx
