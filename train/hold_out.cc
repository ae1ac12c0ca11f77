// SPDX-License-Identifier: Apache-2.0
// Holding out by group. See hold_out.h.
#include "train/hold_out.h"

#include <algorithm>
#include <map>
#include <set>

#include "train/random.h"

namespace mote {
namespace {

constexpr int kDraws = 64;

template <class T>
void shuffle(std::vector<T>& values, Random& random) {
  for (size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[size_t(random.below(int64_t(i)))]);
}

std::vector<int64_t> rows_where(const std::vector<uint8_t>& held, uint8_t value) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < held.size(); ++i)
    if (held[i] == value) rows.push_back(int64_t(i));
  return rows;
}

// Groups in random order until the share is reached; never all of them.
std::vector<uint8_t> draw_groups(const TrainingSet& set, double share, Random& random) {
  std::map<int32_t, int64_t> sizes;
  for (int32_t group : set.groups) ++sizes[group];
  std::vector<int32_t> order;
  for (const auto& [group, size] : sizes) order.push_back(group);
  shuffle(order, random);
  const double wanted = share * double(set.size());
  std::set<int32_t> chosen;
  double taken = 0;
  for (size_t i = 0;
       i + 1 < order.size() && (chosen.empty() || taken + double(sizes[order[i]]) / 2 <= wanted);
       ++i) {
    chosen.insert(order[i]);
    taken += double(sizes[order[i]]);
  }
  std::vector<uint8_t> held;
  for (int32_t group : set.groups) held.push_back(chosen.count(group) != 0);
  return held;
}

// How good a division is: classes on both sides first, then closeness to the share. Lower is
// better.
double division_cost(const TrainingSet& set, const std::vector<uint8_t>& held, double share) {
  std::set<int32_t> classes, training, validation;
  double count = 0;
  for (size_t i = 0; i < held.size(); ++i) {
    classes.insert(set.labels[i]);
    (held[i] ? validation : training).insert(set.labels[i]);
    count += held[i];
  }
  const auto lost_training = double(classes.size() - training.size());
  const auto lost_validation = double(classes.size() - validation.size());
  return 100 * lost_training + 10 * lost_validation + std::abs(count / double(set.size()) - share);
}

std::vector<uint8_t> divide_by_group(const TrainingSet& set, double share, Random& random) {
  std::vector<uint8_t> best;
  double best_cost = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<uint8_t> held = draw_groups(set, share, random);
    const double cost = division_cost(set, held, share);
    if (best.empty() || cost < best_cost) best = std::move(held), best_cost = cost;
  }
  return best;
}

// The same share of each class; at least one sample of a class stays in training.
std::vector<uint8_t> divide_by_class(const TrainingSet& set, double share, Random& random) {
  std::map<int32_t, std::vector<size_t>> rows;
  for (size_t i = 0; i < set.labels.size(); ++i) rows[set.labels[i]].push_back(i);
  std::vector<uint8_t> held(set.labels.size());
  for (auto& [label, members] : rows) {
    shuffle(members, random);
    const auto count = std::min(size_t(share * double(members.size()) + 0.5), members.size() - 1);
    for (size_t i = 0; i < count; ++i) held[members[i]] = 1;
  }
  return held;
}

}  // namespace

HeldOut hold_out(const TrainingSet& set, double share, uint64_t seed) {
  MOTE_ASSERT(share > 0 && share < 1);
  MOTE_ASSERT(set.groups.empty() || set.groups.size() == set.labels.size());
  if (set.size() == 0) return {set, set};
  Random random(seed);
  const std::set<int32_t> groups(set.groups.begin(), set.groups.end());
  const std::vector<uint8_t> held =
      groups.size() > 1 ? divide_by_group(set, share, random) : divide_by_class(set, share, random);
  return {select(set, rows_where(held, 0)), select(set, rows_where(held, 1))};
}

TrainingSet select(const TrainingSet& set, const std::vector<int64_t>& rows) {
  TrainingSet out;
  out.feature_shape = set.feature_shape;
  const int64_t elements = element_count(set.feature_shape);
  for (int64_t row : rows) {
    const auto begin = set.features.begin() + row * elements;
    out.features.insert(out.features.end(), begin, begin + elements);
    out.labels.push_back(set.labels.at(size_t(row)));
    if (!set.groups.empty()) out.groups.push_back(set.groups.at(size_t(row)));
  }
  return out;
}

}  // namespace mote
