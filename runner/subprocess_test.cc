// SPDX-License-Identifier: Apache-2.0
// Child programs: how they end, what they say, where they run, and that a slow one is stopped.
#include "runner/subprocess.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "runner/cross_test.h"
#include "runner/line.h"

namespace mote {
namespace {

Invocation shell(const std::string& script) {
  Invocation invocation;
  invocation.args = {"sh", "-c", script};
  return invocation;
}

TEST(Subprocess, EndingsAreToldApart) {
  EXPECT_TRUE(run_program(shell("exit 0")).good());
  const Ending three = run_program(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(to_string(three), "exited with status 3");
  EXPECT_EQ(three.text, "out\nerr\n");
  const Ending killed = run_program(shell("kill -SEGV $$"));
  EXPECT_EQ(killed.how, Ended::killed_by_signal);
  EXPECT_EQ(killed.status, SIGSEGV);
  Invocation missing;
  missing.args = {"no-such-program-of-mote"};
  EXPECT_EQ(run_program(missing).how, Ended::not_found);
}

TEST(Subprocess, SlowProgramIsStopped) {
  for (const char* script : {"exec sleep 60", "exec sleep 60 >/dev/null 2>&1"}) {
    Invocation slow = shell(script);
    slow.timeout_s = 0.2;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run_program(slow).how, Ended::timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  }
}

TEST(Subprocess, FolderAndFiles) {
  ScratchFolder folder;
  folder.write("in", "abc");
  Invocation invocation = shell("cat; pwd >&2");
  invocation.folder = folder.path("");
  invocation.input = folder.path("in");
  invocation.output = folder.path("out");
  const Ending ending = run_program(invocation);
  EXPECT_EQ(test::read_text(folder.path("out")), "abc");
  EXPECT_EQ(ending.text, std::filesystem::canonical(folder.path("")).string() + "\n");
}

TEST(Subprocess, ManyAtOnceKeepTheirOrder) {
  std::vector<Invocation> invocations;
  for (int i = 0; i < 12; ++i)
    invocations.push_back(
        shell("sleep 0.0" + std::to_string(9 - i % 9) + "; echo " + std::to_string(i)));
  const auto endings = run_programs(invocations, 4);
  ASSERT_EQ(endings.size(), 12u);
  for (size_t i = 0; i < endings.size(); ++i) EXPECT_EQ(endings[i].text, std::to_string(i) + "\n");
  EXPECT_TRUE(run_programs({}, 4).empty());
}

TEST(Subprocess, OutputLargerThanAPipeIsKeptWhole) {
  const Ending ending = run_program(shell("head -c 1000000 /dev/zero; head -c 5 /dev/zero >&2"));
  EXPECT_EQ(ending.text.size(), 1000005u);
}

TEST(Conversant, TalksAndIsEnded) {
  Conversant cat(shell("echo ready >&2; exec cat"));
  ASSERT_TRUE(cat.started());
  ASSERT_EQ(write(cat.write_fd(), "hello", 5), 5);
  char text[8] = {};
  ASSERT_EQ(read(cat.read_fd(), text, 5), 5);
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(cat.error_text(), "ready\n");
  cat.end();
}

// A write to a pipe without a reader would raise SIGPIPE and end this program.
TEST(Conversant, ProgramThatIsGoneClosesTheTalk) {
  Conversant gone(shell("exit 0"));
  char byte;
  EXPECT_EQ(read(gone.read_fd(), &byte, 1), 0);
  const std::vector<Playback> none;
  const std::vector<CommandFrame> commands = conversation(none, false, 1);
  TraceReader reader(commands, none);
  EXPECT_EQ(talk({gone.read_fd(), gone.write_fd()}, commands, 5, reader), Talk::closed);
}

}  // namespace
}  // namespace mote
