#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on real recordings: brings BasicMotions (wrist sensor, four activities) unless it is here, then builds,
# runs and verifies its firmware in build/demo. `make demo` calls it.
set -eu
cd "$(dirname "$0")/.."
mote=build/mote
"$mote" data get basic-motions
mkdir -p build/demo
cp examples/main_job/basic_motions/mote.toml build/demo/mote.toml
"$mote" build build/demo
echo "The same for your own recordings: build/mote new NAME --data FOLDER"
