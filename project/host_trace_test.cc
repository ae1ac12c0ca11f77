// SPDX-License-Identifier: Apache-2.0
// What the host's trace of a recording tells apart.
#include "project/host_trace.h"

#include <gtest/gtest.h>

#include "ops/registry.h"

namespace mote {
namespace {

// A saved state ends in its own CRC-32; a CRC-32 that goes on over both ends the same for every
// state.
TEST(HostTrace, StateCrcDependsOnTheState) {
  Graph graph;
  graph.name = "window";
  const ValueId x = graph.add_stream("x", {{"a", "g", 1}}, 100, MissingPolicy::drop);
  graph.outputs = {
      graph.add_node(framer_op, "window", {x}, {{"length", int64_t{2}}, {"stride", int64_t{2}}})};
  const auto played = [](int16_t value) {
    Feed feed;
    feed.values = {value, value};
    return Playback{"one", {feed}, true};
  };
  const Trace trace = host_trace(graph, {played(1), played(1), played(2)});
  ASSERT_EQ(trace.recordings[0].decisions.size(), 1u);
  EXPECT_EQ(trace.recordings[0].state_crc, trace.recordings[1].state_crc);
  EXPECT_NE(trace.recordings[0].state_crc, trace.recordings[2].state_crc);
}

}  // namespace
}  // namespace mote
