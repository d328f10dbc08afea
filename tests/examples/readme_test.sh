#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every line of README's C++ stands in readme_test.cc, which is compiled and run.
set -euo pipefail

readme=$1
compiled=$2
lines=0
while IFS= read -r line; do
  lines=$((lines + 1))
  if ! grep -qxF -- "$line" "$compiled"; then
    echo "README.md has a line that $compiled has not: $line"
    exit 1
  fi
done < <(awk '/^```cpp$/ { inside = 1; next } /^```$/ { inside = 0 } inside && NF' "$readme")
if ((lines < 20)); then
  echo "only $lines lines of C++ were found in README.md"
  exit 1
fi
