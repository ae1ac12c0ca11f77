// SPDX-License-Identifier: Apache-2.0
// The serial line: a board behind a pseudo-terminal gives the trace of the host, damaged bytes or
// not.
#include "runner/line.h"

#include <gtest/gtest.h>

#include "runner/fake_board_test.h"
#include "runner/test_firmware.h"

namespace mote::test {
namespace {

TEST(Serial, BoardBehindALineGivesTheTraceOfTheHost) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  const Board board = board_named("nucleo-l4r5zi");
  Diagnostics diagnostics;
  const auto images =
      build_images(request_in(folder), board, {ImageKind::emulated_uart}, diagnostics);
  diagnostics.stop_if_any();
  // No damage; damage in the first report; damage in the middle, after which it is played again.
  for (const int64_t damaged_byte : {-1, 30, 2000}) {
    SCOPED_TRACE(damaged_byte);
    FakeBoard fake(images[0], board, damaged_byte);
    RunRequest run = run_in(folder, images[0]);
    run.timeout_s = 5;
    const auto trace = run_serial(run, fake.device(), diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    EXPECT_EQ(trace->port, "uart_cmsdk");
    // The same player serves the next session.
    if (damaged_byte < 0) {
      const auto again = run_serial(run, fake.device(), diagnostics);
      ASSERT_TRUE(again) << messages(diagnostics);
      EXPECT_EQ(difference(host, *again), "");
    }
  }
}

TEST(Serial, DeviceThatIsNotThereIsAUsersFault) {
  Diagnostics diagnostics;
  EXPECT_FALSE(run_serial(RunRequest{}, "/dev/no-such-line", diagnostics));
  ASSERT_EQ(diagnostics.errors().size(), 1u);
  EXPECT_EQ(diagnostics.errors()[0].code, "cannot-open");
}

}  // namespace
}  // namespace mote::test
