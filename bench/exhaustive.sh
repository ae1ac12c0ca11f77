#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The long form of promise 1: 100,000 random windows a graph on the emulated Cortex-M4F and M55,
# every layer, decision and state compared with the host's evaluation. In: the build folder, by
# default build; MOTE_SEED. Out: one line a graph and core with what was compared; status 1 at a
# difference. Takes one to two hours.
set -eu
build=${1:-build}
here=$(cd "$(dirname "$0")/.." && pwd)
program=$build/tests/ports/mote_ports_test
[ -x "$program" ] || {
  echo "exhaustive: $program is not built; run: make bench-exhaustive" >&2
  exit 1
}
export MOTE_EXHAUSTIVE=1 MOTE_SOURCE_DIR="$here"
"$program" --gtest_filter='Ports/PortsEquality.*' --gtest_brief=1
