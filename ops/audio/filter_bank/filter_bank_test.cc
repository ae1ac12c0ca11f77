// SPDX-License-Identifier: Apache-2.0
// filter_bank: a channel is the weighted sum of its segment and the unweighted one of the segment
// before; tables that leave the spectrum are refused.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

using Table = std::vector<int16_t>;

struct Bank {
  OneNode one = OneNode::make<uint32_t>({6});
  std::vector<ValueId> tables;

  Bank(const Table& bins, const Table& weights_at, const Table& widths) {
    for (const Table& table : {Table{1, 2, 3, 4}, Table{10, 20, 30, 40}, bins, weights_at, widths})
      tables.push_back(
          one.constant("t" + std::to_string(tables.size()), {int32_t(table.size())}, table));
  }
  void add() { one.add(filter_bank_op, {{"channels", int64_t(2)}}, tables); }
};

TEST(FilterBank, SumsWhatTwoSegmentsGiveAChannel) {
  Bank bank({0, 2, 5}, {0, 1, 3}, {2, 2, 1});
  bank.add();
  const std::vector<uint32_t> x{1, 10, 100, 1000, 10000, 4294967295u};
  // Segment 0: weights 1, 2 on x[0..1] are dropped, unweights 10, 20 go to channel 0.
  const uint64_t first = 10 * 1 + 20 * 10 + 2 * 100 + 3 * 1000;
  const uint64_t second = 20 * 100 + 30 * 1000 + 4 * uint64_t(4294967295u);
  EXPECT_EQ(outputs_of<uint64_t>(bank.one, x), (std::vector<uint64_t>{first, second}));
}

TEST(FilterBank, RefusesSegmentsBeyondTheSpectrumOrTheWeights) {
  for (const auto& [bins, at] :
       {std::pair{Table{0, 2, 6}, Table{0, 1, 3}}, std::pair{Table{0, -1, 5}, Table{0, 1, 3}},
        std::pair{Table{0, 2, 5}, Table{0, 3, 3}}}) {
    Bank bank(bins, at, {2, 2, 1});
    EXPECT_EQ(code_of_failure([&] { bank.add(); }), "wrong-table");
  }
}

}  // namespace
}  // namespace mote
