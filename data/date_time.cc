// SPDX-License-Identifier: Apache-2.0
// See date_time.h.
#include "data/date_time.h"

#include <chrono>

#include "data/readers/delimited.h"

namespace mote {
namespace {

constexpr int64_t kSecond_ns = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `n` digits, moved past; nothing when they are not digits.
std::optional<int> take_digits(std::string_view& text, size_t n) {
  if (text.size() < n) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(n);
  return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> take_days(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_char(text, "-/")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take_char(text, "-/")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(unsigned(*month)),
                                         std::chrono::day(unsigned(*day))};
  // 1678..2261: what 64 bits of nanoseconds hold.
  if (!date.ok() || *year < 1700 || *year > 2200) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<int64_t> take_fraction_ns(std::string_view& text) {
  if (!take_char(text, ".,")) return 0;
  int64_t value = 0, unit = kSecond_ns / 10;
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), unit /= 10) {
    value += (text[0] - '0') * unit;
  }
  return value;
}

// A second 60 is the leap second: the first of the next minute.
std::optional<int64_t> take_clock_ns(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take_char(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute) return std::nullopt;
  std::optional<int> second = 0;
  if (take_char(text, ":")) second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto fraction = take_fraction_ns(text);
  if (!fraction) return std::nullopt;
  return (int64_t(*hour * 60 + *minute) * 60 + *second) * kSecond_ns + *fraction;
}

// "Z", "+01:00", "+0100", "+01": the minutes by which the clock is ahead of UTC.
std::optional<int> take_zone_min(std::string_view& text) {
  if (take_char(text, "Zz")) return 0;
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take_char(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  std::optional<int> minutes = 0;
  if (take_char(text, ":") || !text.empty()) minutes = take_digits(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
  text = trim(text);
  const auto days = take_days(text);
  if (!days) return std::nullopt;
  DateTime result{*days * 86'400 * kSecond_ns, false};
  if (text.empty()) return result;
  if (!take_char(text, " Tt")) return std::nullopt;
  const auto clock_ns = take_clock_ns(text);
  if (!clock_ns) return std::nullopt;
  result.ns += *clock_ns;
  if (text.empty()) return result;
  const auto zone_min = take_zone_min(text);
  if (!zone_min || !text.empty()) return std::nullopt;
  return DateTime{result.ns - *zone_min * 60 * kSecond_ns, true};
}

}  // namespace mote
