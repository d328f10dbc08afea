#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# package_windows.sh ZIPPER VERSION OUT TEMPLATES FILE...: makes the zip for 64-bit Windows: the DLL, what
# links it, headers, a file for CMake, ipq.exe and licences. The same files give the same bytes.
set -euo pipefail

zipper=$(realpath "$1") version=$2 out=$(realpath -m "$3") templates=$4
shift 4
name=interprocess-$version-windows-x86_64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name

for file; do
  case $file in
    *.dll) folder=bin ;;
    */ipq.exe) folder=bin ;;
    *.dll.a | *.lib | *.def) folder=lib ;;
    *.h | *.hpp) folder=include ;;
    *) folder=share/doc/interprocess ;;
  esac
  mkdir -p "$root/$folder"
  install -m 644 "$file" "$root/$folder/${file##*/}"
done
cmake=$root/lib/cmake/interprocess
mkdir -p "$cmake"
cp "$templates/interprocessConfig.windows.cmake.in" "$cmake/interprocessConfig.cmake"
sed "s#@VERSION@#$version#g" "$templates/interprocessConfigVersion.cmake.in" >"$cmake/interprocessConfigVersion.cmake"
chmod -R u=rwX,go=rX "$work"

cd "$work"
find "$name" -type f | LC_ALL=C sort >files
"$zipper" cC "$out" @files # with one date for all
