// SPDX-License-Identifier: Apache-2.0
// How faults are collected, worded and thrown.
#include "graph/diagnostics.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Diagnostics, SayWhereWhatAndWhatToDo) {
  EXPECT_EQ(
      to_string({"unknown-key", "mote.toml:12", "'bord' is unknown", "did you mean 'board'?"}),
      "mote.toml:12: 'bord' is unknown; did you mean 'board'? [unknown-key]");
  EXPECT_EQ(to_string({"no-data", "", "there is nothing", ""}), "there is nothing [no-data]");
}

TEST(Diagnostics, StopWithEveryError) {
  Diagnostics diagnostics;
  diagnostics.warn("odd", "a", "looks odd");
  EXPECT_NO_THROW(diagnostics.stop_if_any());
  diagnostics.error("one", "a", "first");
  diagnostics.error("two", "b", "second");
  try {
    diagnostics.stop_if_any();
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "a: first [one]\nb: second [two]");
    EXPECT_EQ(error.diagnostics().size(), 2u);
  }
  EXPECT_EQ(diagnostics.warnings().size(), 1u);
}

TEST(Diagnostics, ProposeTheNearestWordOnlyIfItIsNear) {
  const std::vector<std::string> known = {"framer", "fully_connected", "conv_2d"};
  EXPECT_EQ(nearest("framr", known), "framer");
  EXPECT_EQ(nearest("conv2d", known), "conv_2d");
  EXPECT_EQ(nearest("xyzzyxyzzy", known), "");
  EXPECT_EQ(nearest("framer", {}), "");
}

TEST(Diagnostics, OurOwnBugIsNoUserError) {
  EXPECT_THROW(MOTE_ASSERT(1 == 2), InternalError);
  EXPECT_NO_THROW(MOTE_ASSERT(1 == 1));
}

}  // namespace
}  // namespace mote
