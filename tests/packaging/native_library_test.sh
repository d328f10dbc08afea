#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# native_library_test.sh PREFIX LIBRARY: a native library of the bindings exports only names that match
# PREFIX at their beginning, needs only the C library, and of glibc nothing newer than 2.30 (on x86-64).
set -euo pipefail

prefix=$1 library=$2

fail() {
  echo "FAILED: $*"
  exit 1
}

# A small letter is a local symbol's: a thread's variable has one for its relocation.
exported=$(nm -D --defined-only "$library" | awk '$(NF - 1) !~ /[a-z]/ { print $NF }')
[[ -n $exported ]] || fail "$library exports nothing"
others=$(grep -v "^$prefix" <<<"$exported" || true)
[[ -z $others ]] || fail "$library exports $others"

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
[[ -n $needed ]] || fail "$library needs nothing: is it one?"
others=$(grep -vE '^(ld-linux-.*|libc|libm|libpthread)\.so\.[0-9]+$' <<<"$needed" || true)
[[ -z $others ]] || fail "$library needs $others"

versions=$(nm -D --undefined-only "$library" | sed -n 's/.*@GLIBC_\([0-9.]*\)$/\1/p' | sort -uV)
newest=$(tail -n 1 <<<"$versions")
echo "$library: $(wc -l <<<"$exported") functions; needs" $needed "and glibc $newest"
[[ -n $newest ]] || fail "no version of glibc"
if [[ $(uname -m) == x86_64 && $(printf '2.30\n%s\n' "$newest" | sort -V | tail -n 1) != 2.30 ]]; then
  fail "$library needs glibc $newest: $(nm -D --undefined-only "$library" | grep "@GLIBC_$newest")"
fi
