#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzzing program for MOTE_FUZZ_SECONDS (600) on its seeds. In: the build folder; MOTE_DATA for seeds.
# Out: a line a program; status 1 at a finding, which then lies in BUILD/found.
set -eu
build=$1
seconds=${MOTE_FUZZ_SECONDS:-600}
seeds=$build/seeds/tflite
mkdir -p "$seeds" "$build/found"
if [ -n "${MOTE_DATA:-}" ]; then
  find "$MOTE_DATA/models/tflite" "$MOTE_DATA/models/tflm_seanet_int16_kernels" -name '*.tflite' -size -64k \
    -exec cp -n {} "$seeds" \;
fi
export ASAN_OPTIONS=quarantine_size_mb=32
"$build/tests/fuzz/tflite_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
  -malloc_limit_mb=200 -max_len=65536 -artifact_prefix="$build/found/tflite_" -print_final_stats=1 \
  "$seeds" > "$build/found/tflite.log" 2>&1 || {
  tail -40 "$build/found/tflite.log"
  exit 1
}
echo "tflite_fuzz: $(grep -a 'stat::number_of_executed_units' "$build/found/tflite.log") in $seconds s, no finding"
