#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# lint.sh [FILE...]: clang-tidy with .clang-tidy's checks over the C++ files named, or over those of
# core, bindings/face and tools. It fails on any finding. Needs clang-tidy 14.
set -euo pipefail

# `bazel run` says where the checkout is.
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "${BASH_SOURCE[0]}")/../../..}"
tidy=$(type -P clang-tidy-14) || {
  echo "lint: no clang-tidy-14 on the PATH: apt-get install clang-tidy-14"
  exit 1
}
tools/build/ide/compile_commands.py //core/... //bindings/face/... //tools/ipq/...

files=("$@")
# Those that this machine's build compiles, which are in a compile command. The one file in C stands
# in for the C library, with its names.
((${#files[@]})) || mapfile -t files < <(
  sed -n 's#^ *"file": "'"$PWD"'/\(.*\.cc\)",\{0,1\}$#\1#p' compile_commands.json | sort -u
)
((${#files[@]})) || {
  echo "lint: compile_commands.json names no file"
  exit 1
}
printf '%s\0' "${files[@]}" |
  xargs -0 -P "$(nproc)" -n 4 "$tidy" -p . --quiet --warnings-as-errors='*' 2>/dev/null
echo "lint: ${#files[@]} files, no finding"
