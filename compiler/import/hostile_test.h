// SPDX-License-Identifier: Apache-2.0
// For tests: what a file of a megabyte that was made to be expensive may cost. The import runs in a
// process of its own, whose time and memory the system counts.
#pragma once
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "compiler/import/damage_test.h"

namespace mote::test {

constexpr size_t kHostileBytes = 1 << 20;
constexpr double kMostSeconds = 1;
constexpr int64_t kMostMegabytes = 200;

// The sanitizers' own memory and time are no measure.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMeasured = false;
#else
constexpr bool kMeasured = true;
#endif

// The code of the first refusal, or "taken".
inline std::string code_of_answer(Importer importer, const Bytes& bytes) {
  Diagnostics diagnostics;
  try {
    importer({bytes, "model", "x"}, {}, diagnostics);
    return "taken";
  } catch (const UserError& refusal) {
    return refusal.diagnostics().at(0).code;
  }
}

struct Cost {
  std::string answer;
  double seconds = 0;
  int64_t megabytes = 0;
};

// The answer of a process that imports `bytes`, "" where it ended otherwise, and what it took.
inline Cost cost_of(Importer importer, const Bytes& bytes) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const std::string answer = code_of_answer(importer, bytes);
    _exit(write(ends[1], answer.data(), answer.size()) == ssize_t(answer.size()) ? 0 : 1);
  }
  close(ends[1]);
  Cost cost;
  char text[100];
  for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;) cost.answer.append(text, size_t(n));
  close(ends[0]);
  int status = 0;
  rusage usage = {};
  wait4(child, &status, 0, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  cost.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  cost.megabytes = usage.ru_maxrss >> 10;
  return cost;
}

// The import answers `expected` within the limits.
inline void expect_cheap(Importer importer, const Bytes& bytes, const std::string& expected) {
  EXPECT_LE(bytes.size(), kHostileBytes);
  const Cost cost = cost_of(importer, bytes);
  EXPECT_EQ(cost.answer, expected);
  if (!kMeasured) return;
  EXPECT_LT(cost.seconds, kMostSeconds);
  EXPECT_LT(cost.megabytes, kMostMegabytes);
  testing::Test::RecordProperty("seconds", std::to_string(cost.seconds));
  if (std::getenv("MOTE_PRINT_COST"))
    printf("%zu bytes: %s, %.3f s, %d MB\n", bytes.size(), cost.answer.c_str(), cost.seconds,
           int(cost.megabytes));
}

}  // namespace mote::test
