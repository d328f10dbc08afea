#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# nupkg_again_test.sh PACK ZIPPER PACKAGE...: each package, made again from its parts, is the same byte
# for byte. Beside each lies a list of the parts; of assemblies it names what was compiled again.
set -euo pipefail

pack=$PWD/$1 zipper=$PWD/$2
shift 2
mkdir "$TEST_TMPDIR/parts"

for package; do
  entries=()
  while IFS= read -r line; do
    part=$TEST_TMPDIR/parts/${#entries[@]}
    cp -L "${line#*=}" "$part"
    # Nothing of this may get in: modes, times, the order.
    chmod $((${#entries[@]} % 2 ? 600 : 755)) "$part"
    touch -d "20$((10 + ${#entries[@]}))-02-03 04:05:06" "$part"
    entries=("${line%%=*}=$part" "${entries[@]}")
  done <"$package.parts"
  ((${#entries[@]} > 5)) || { echo "$package.parts lists no parts"; exit 1; }
  (cd "$TEST_TMPDIR" && umask 077 && TZ=UTC-12 "$pack" "$zipper" again.zip "${entries[@]}")
  if ! cmp "$TEST_TMPDIR/again.zip" "$package"; then
    echo "FAILED: $package is not the same when it is made again. It has, and has again:"
    unzip -Zv "$package" >"$TEST_TMPDIR/first"
    unzip -Zv "$TEST_TMPDIR/again.zip" | diff "$TEST_TMPDIR/first" - | head -n 40 || true
    exit 1
  fi
  rm -f "$TEST_TMPDIR"/parts/* "$TEST_TMPDIR/again.zip"
  echo "$package: the same again, of ${#entries[@]} parts"
done
