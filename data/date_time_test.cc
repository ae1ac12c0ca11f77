// SPDX-License-Identifier: Apache-2.0
// Dates and times: known instants, what no calendar has, and every day of six centuries and random
// instants against the C library's calendar.
#include "data/date_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace mote {
namespace {

int64_t ns(std::string_view text, bool has_zone = false) {
  const auto value = parse_date_time(text);
  EXPECT_TRUE(value) << text;
  EXPECT_EQ(value && value->has_zone, has_zone) << text;
  return value ? value->ns : -1;
}

TEST(DateTime, AgreesWithKnownInstants) {
  EXPECT_EQ(ns("1970-01-01"), 0);
  EXPECT_EQ(ns("2024-05-15 13:33:17.1"), 1715779997'100000000);
  EXPECT_EQ(ns("2024/05/15 13:33:17,1"), 1715779997'100000000);
  EXPECT_EQ(ns(" 2000-02-29T12:00 "), 951825600'000000000);
  EXPECT_EQ(ns("1969-12-31T23:59:59.999999999"), -1);
  EXPECT_EQ(ns("2016-12-31T23:59:60Z", true), ns("2017-01-01T00:00:00Z", true));
}

TEST(DateTime, ZonesMoveTheInstant) {
  const int64_t utc = ns("2024-05-15T13:33:17.123456789Z", true);
  EXPECT_EQ(utc, 1715779997'123456789);
  for (const char* same :
       {"2024-05-15 15:33:17.123456789+02:00", "2024-05-15 15:33:17.123456789+0200",
        "2024-05-15T15:33:17.123456789+02", "2024-05-15t04:03:17.123456789-09:30",
        "2024-05-16T03:33:17.123456789+14:00", "2024-05-15T13:33:17.123456789-00:00"})
    EXPECT_EQ(ns(same, true), utc) << same;
}

TEST(DateTime, LeapDaysAreThoseOfTheCalendar) {
  for (const char* good : {"2024-02-29", "2000-02-29", "1704-02-29", "2196-02-29T10:00:00.5Z"})
    EXPECT_TRUE(parse_date_time(good)) << good;
  for (const char* bad : {"2023-02-29", "2023-02-30", "1900-02-29", "2100-02-29", "2024-02-30"})
    EXPECT_FALSE(parse_date_time(bad)) << bad;
}

TEST(DateTime, OtherTextIsNone) {
  for (const char* bad : {"2024-13-01",
                          "2024-00-01",
                          "2024-04-31",
                          "2024-05-00",
                          "2024-05-15 25:00",
                          "2024-05-15 10:60",
                          "2024-05-15 10:00:61",
                          "2024-05-15 13:33:17.",
                          "2024-05-15x",
                          "24-05-15",
                          "",
                          "2024-05-15 13:33:17.1 foo",
                          "2024-05-15 13:",
                          "2024-05-15T10:00+15:00",
                          "2024-05-15T10:00+01:60",
                          "2024-05-15T10:00+",
                          "2024-05-15T10:00+1",
                          "2024-05-15T10:00Zx",
                          "2024-05-15T10:00+01:",
                          "1699-12-31",
                          "2201-01-01",
                          "1.5",
                          "20240515"})
    EXPECT_FALSE(parse_date_time(bad)) << bad;
}

TEST(DateTime, EveryDayAndRandomTimesAgreeWithTheCLibrary) {
  const unsigned seed = 20240515;
  std::mt19937 random(seed);
  for (int64_t day = -98615; day <= 84370; ++day) {  // 1700-01-01 to 2200-12-31
    const int64_t second = int64_t(random() % 86400), fraction_ns = int64_t(random() % 1000000000);
    const int offset_min = int(random() % 1681) - 840;
    const time_t shown = day * 86400 + second;
    tm calendar = {};
    gmtime_r(&shown, &calendar);
    char text[64], zone[64];
    strftime(text, sizeof text, random() % 2 ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S",
             &calendar);
    std::snprintf(zone, sizeof zone, ".%09lld%c%02d:%02d", static_cast<long long>(fraction_ns),
                  offset_min < 0 ? '-' : '+', std::abs(offset_min) / 60, std::abs(offset_min) % 60);
    const int64_t local_ns = int64_t(shown) * 1000000000 + fraction_ns;
    const std::string whole = std::string(text) + zone;
    ASSERT_EQ(ns(whole, true), local_ns - offset_min * int64_t{60000000000})
        << whole << " seed " << seed;
  }
}

}  // namespace
}  // namespace mote
