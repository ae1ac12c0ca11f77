#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The measured figures of the main job. In: examples/main_job/*/mote.toml and their data sets (MOTE_DATA, or the cache of
# `mote data get`). Builds each with firmware in build/figures, every fold on the emulated core. Out: a table "asked /
# measured", also as bench/RESULTS.md. A set that is not on this machine is said to be missing; status 1 then.
set -eu
cd "$(dirname "$0")/.."
mote=build/mote
work=build/figures
table=$work/RESULTS.md
missing=0
mkdir -p "$work"

# figure FOLDER KEY: a number of the report.
figure() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/$1/build/report.json" "$2"; }

# decisions FOLDER: how many were scored; a whole recording counts once, however many windows it has.
decisions() {
  python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["scores_int8"]["count"])' "$work/$1/build/report.json"
}

# row FOLDER DATA PROTOCOL KEY BASELINE ASKED
row() {
  mkdir -p "$work/$1"
  cp "examples/main_job/$1/mote.toml" "$work/$1/mote.toml"
  if ! "$mote" build --quiet "$work/$1" > "$work/$1/build.txt" 2>&1; then
    cat "$work/$1/build.txt" >&2
    echo "| $2 | $3 | $5 | $6 | not measured | | | |" >> "$table"
    missing=1
    return
  fi
  measured=$(figure "$1" "$4")
  verdict=$(python3 -c 'import sys; print("yes" if float(sys.argv[1]) >= float(sys.argv[2]) else "**no**")' "$measured" "$6")
  printf '| %s | %s | %s | %s | %.4f | %s | %s of %s | %s / %s | %.0f |\n' "$2" "$3" "$5" "$6" "$measured" "$verdict" \
    "$(figure "$1" decisions_changed_by_int8)" "$(decisions "$1")" "$(figure "$1" windows_verified)" \
    "$(figure "$1" windows_differing)" "$(figure "$1" seconds)" >> "$table"
}

cat > "$table" <<'HEAD'
# Measured figures of the main job

`make bench` writes this page. int8, decided by the firmware on an emulated core; each configuration is
`examples/main_job/*/mote.toml`. Trained weights change a little with the type of CPU.

| data | protocol | baseline | asked | measured | reached | changed by int8 | verified / differing | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
HEAD
row basic_motions basic-motions "published test split, accuracy" accuracy_firmware 1.00 1.00
row cow cow-imu "leave one cow out, macro-F1 pooled over cows" macro_f1_firmware 0.948 0.955
row digits fsdd "leave one speaker out, mean accuracy over speakers" accuracy_int8_mean_over_groups 0.85 0.92
row bearing cwru-bearing "leave one fault size out, mean macro-F1 over sizes" macro_f1_int8_mean_over_groups 0.48 0.75
cat bench/how_chosen.md >> "$table"
cp "$table" bench/RESULTS.md
cat "$table"
exit $missing
