#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# all_platforms_test.sh ZIPPER JAR NUPKG...: what is published carries a library for each platform: of
# the right kind, for the right processor, without its symbols, and as the jar's checksum says.
set -euo pipefail

zipper=$PWD/$1
shift

fail() {
  echo "FAILED: $*"
  exit 1
}

# kind FILE: the platform that the library is for.
kind() {
  local start machine
  start=$(od -An -tx1 -N4 "$1" | tr -d ' \n')
  case $start in
    7f454c46)
      machine=$(od -An -tx1 -j18 -N2 "$1" | tr -d ' \n')
      case $machine in
        3e00) echo linux-x86_64 ;;
        b700) echo linux-aarch64 ;;
        *) echo "ELF $machine" ;;
      esac
      ;;
    4d5a*)
      local header
      header=$(od -An -tu4 -j60 -N4 "$1" | tr -d ' \n')
      machine=$(od -An -tx1 -j$((header + 4)) -N2 "$1" | tr -d ' \n')
      if [[ $machine == 6486 ]]; then echo windows-x86_64; else echo "PE $machine"; fi
      ;;
    *) echo "unknown: $start" ;;
  esac
}

# expect PLATFORM FILE
expect() {
  [[ -e $2 ]] || fail "there is no $2"
  local found
  found=$(kind "$2")
  [[ $found == "$1" ]] || fail "$2 is for $found"
  # The sections of symbols that are not needed to load it.
  ! grep -aq -e '\.symtab' -e '\.debug_info' "$2" || fail "$2 has its symbols still"
  echo "$2: $found, $(stat -c %s "$2") bytes"
}

jars=0
packages=0
for file in "$@"; do
  [[ $file == *.jar || $file == *.nupkg ]] || continue
  folder=$TEST_TMPDIR/$(basename "$file")
  mkdir "$folder"
  archive=$PWD/$file
  (cd "$folder" && "$zipper" x "$archive")
  if [[ $file == *.jar ]]; then
    jars=$((jars + 1))
    native=$folder/io/interprocess/native
    expect linux-x86_64 "$native/linux-x86_64/libinterprocess_java.so"
    expect linux-aarch64 "$native/linux-aarch64/libinterprocess_java.so"
    expect windows-x86_64 "$native/windows-x86_64/interprocess_java.dll"
    for library in "$native"/*/*interprocess_java.{so,dll}; do
      [[ -e $library ]] || continue
      sum=$(sha256sum <"$library" | cut -d' ' -f1)
      [[ $sum == "$(<"$library.sha256")" ]] || fail "$library: another checksum"
    done
  else
    packages=$((packages + 1))
    native=$folder/runtimes
    expect linux-x86_64 "$native/linux-x64/native/libinterprocess_csharp.so"
    expect linux-aarch64 "$native/linux-arm64/native/libinterprocess_csharp.so"
    expect windows-x86_64 "$native/win-x64/native/interprocess_csharp.dll"
  fi
done
((jars == 1 && packages == 1)) || fail "$jars jars and $packages packages"
