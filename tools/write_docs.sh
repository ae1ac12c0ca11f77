#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages that are made from registries. In: the program docs_tables, the source tree, and `--check` or nothing.
# Out: operators.md, signal_blocks.md, import.md, boards.md in docs/ written, or with --check status 1 if one is stale.
set -eu
tables=$1
root=$2
mode=${3:-}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$tables" operators > "$made/operators.md"
"$tables" blocks > "$made/signal_blocks.md"
"$tables" import > "$made/import.md"
"$tables" boards "$root" > "$made/boards.md"
stale=0
for page in operators signal_blocks import boards; do
  cmp -s "$made/$page.md" "$root/docs/$page.md" && continue
  if [ "$mode" = "--check" ]; then
    diff -u "$root/docs/$page.md" "$made/$page.md" | head -40 || true
    echo "docs/$page.md is stale: run make docs"
    stale=1
  else
    cp "$made/$page.md" "$root/docs/$page.md"
    echo "docs/$page.md written"
  fi
done
exit $stale
