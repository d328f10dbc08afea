#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# CMakeLists.txt compiles the sources that Bazel compiles the library from, on this system.
set -euo pipefail

sed -n '/^set(INTERPROCESS_SOURCES$/,/^)$/p' CMakeLists.txt | sed '1d;$d;s/^ *//' |
  diff tools/build/dist/sources.txt - || { echo "FAILED: '<' is Bazel's list, '>' that of CMakeLists.txt" && exit 1; }
