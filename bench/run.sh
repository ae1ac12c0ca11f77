#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make bench`: every measurement of the README, one after the other.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/figures.sh"
