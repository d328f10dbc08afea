#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# msvc_flags_test.sh MSVC_BAZELRC: every flag that the file gives Microsoft's compiler is one that
# clang in its place takes; and one that is none is told, so that the test can fail.
set -euo pipefail

mapfile -t flags < <(sed -n 's/^build:windows //p' "$1" | tr ' ' '\n' |
  sed -nE -e 's/^--(host_)?(cxxopt|copt)=//p' -e 's/^--(host_)?per_file_copt=[^@]*@//p' |
  tr ',' '\n' | sort -u)
((${#flags[@]} >= 10)) || { echo "FAILED: only ${#flags[@]} flags found in $1"; exit 1; }

source=$TEST_TMPDIR/empty.cc
echo "int main() {}" >"$source"

# takes FLAG...
takes() {
  local output
  output=$(clang-14 --driver-mode=cl --target=x86_64-pc-windows-msvc -Werror=unknown-argument \
    -fsyntax-only "$@" /c -- "$source" 2>&1) || { echo "$output"; return 1; }
}

for flag in "${flags[@]}"; do
  takes "$flag" || { echo "FAILED: $flag"; exit 1; }
done
takes "${flags[@]}" || { echo "FAILED: all at once"; exit 1; }
for flag in /no-such-flag -no-such-flag; do
  if takes "$flag" >/dev/null; then
    echo "FAILED: $flag was taken"
    exit 1
  fi
done
echo "${#flags[@]} flags: ${flags[*]}"
