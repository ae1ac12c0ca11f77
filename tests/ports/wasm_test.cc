// SPDX-License-Identifier: Apache-2.0
// Promise 1 under WebAssembly: each graph of graphs.h as the module of `mote deploy --as wasm`,
// every decision and the states after them equal to the host's evaluation, and the self test of
// every layer.
#include "project/wasm_test_bench.h"
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

constexpr int32_t kWindows = 60;  // besides the worst cases

class PortsWasm : public ::testing::TestWithParam<std::string> {};

TEST_P(PortsWasm, GivesTheHostsBytes) {
  MOTE_NEEDS_WASM();
  const test::WasmBench bench(graph_named(GetParam()));
  EXPECT_EQ(bench.difference(recordings(1, kWindows)), "");
}

INSTANTIATE_TEST_SUITE_P(Ports, PortsWasm, ::testing::ValuesIn(graph_names()),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace mote::ports
