#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the fuzzing programs (or those named) for MOTE_FUZZ_SECONDS (600) each on their seeds. In: the build folder,
# names of readers.txt; MOTE_DATA for seeds. Out: a line a program; status 1 after a finding, which then lies in
# BUILD/found. What a run learned stays in BUILD/corpus for the next.
set -eu
build=$1
shift
here=$(dirname "$0")
seconds=${MOTE_FUZZ_SECONDS:-600}
hang=${MOTE_FUZZ_HANG_SECONDS:-10}
mkdir -p "$build/found"
python3 "$here/seeds.py" "$build/seeds"
"$build/tests/fuzz/own_seeds" "$build/seeds"
TMPDIR=$(mktemp -d "${TMPDIR:-/dev/shm}/mote_fuzz_XXXXXX")
export TMPDIR ASAN_OPTIONS=quarantine_size_mb=32
trap 'rm -rf "$TMPDIR"' EXIT
status=0
for reader in ${*:-$(sed -n 's/^\([a-z][a-z_0-9]*\) .*/\1/p' "$here/readers.txt")}; do
  log=$build/found/$reader.log
  mkdir -p "$build/corpus/$reader"
  if "$build/tests/fuzz/${reader}_fuzz" -max_total_time="$seconds" -timeout="$hang" -rss_limit_mb=2048 \
      -malloc_limit_mb=200 -max_len=65536 -artifact_prefix="$build/found/${reader}_" -print_final_stats=1 \
      "$build/corpus/$reader" "$build/seeds/$reader" > "$log" 2>&1; then
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$reader: $executions executions in $seconds s, no finding"
  else
    tail -40 "$log"
    echo "$reader: a finding, see $log"
    status=1
  fi
done
exit $status
