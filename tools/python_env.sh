#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the Python environment with the oracles of tools/oracles.txt, once. In: the folder to make it in (default
# build/oracles). Out: DIR/bin/python; nothing is done where the environment was already made from the same list.
# Exit status 77 ("skipped" for ctest) where it cannot be made: no python3, no network.
set -u
tools=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$tools/../build/oracles}
list=$tools/oracles.txt
if cmp -s "$list" "$dir/made_from.txt"; then
  exit 0
fi
# The list is copied last: an environment without it is one that was interrupted.
rm -rf "$dir"
if python3 -m venv "$dir" && "$dir/bin/python" -m pip install --quiet --requirement "$list" &&
  cp "$list" "$dir/made_from.txt"; then
  exit 0
fi
rm -rf "$dir"
echo "python_env: the oracles could not be installed (python3 with venv, and a package index, are needed)" >&2
exit 77
