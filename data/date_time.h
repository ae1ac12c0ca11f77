// SPDX-License-Identifier: Apache-2.0
// Dates with times of day as they stand in data: ISO 8601 and its usual neighbours. In: text. Out:
// an instant. The one parser of times of day: time columns and label ranges use it.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace mote {

// Without a zone the clock is whichever the data was written by; two such instants can be compared
// only with each other.
struct DateTime {
  int64_t ns = 0;  // since 1970-01-01 00:00:00, of UTC where there is a zone
  bool has_zone = false;
};

// "2024-05-15 13:33:17.1", "2024-05-15T13:33:17Z", "2024/05/15 13:33+02:00", "2024-05-15"; years
// 1700 to 2200. Nothing for other text, and for days that no calendar has.
std::optional<DateTime> parse_date_time(std::string_view text);

}  // namespace mote
