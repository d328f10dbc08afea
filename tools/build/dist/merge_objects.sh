#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# merge_objects.sh LD OBJCOPY NM AR EXPORTS OUT ARGUMENT...: links what ARGUMENT names, relocatably, into one
# object whose only global symbols match EXPORTS, and makes the archive OUT of it. Groups of equal code
# become plain sections: a program that has such a group of its own would drop this one's.
set -euo pipefail

ld=$1 objcopy=$2 nm=$3 ar=$4 exports=$5 out=$6
shift 6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$ld" -r --force-group-allocation -o "$work/interprocess.o" "$@"
# What is one in a whole process stays global unless it is weak.
"$nm" "$work/interprocess.o" | awk '$2 == "u" { print $3 }' >"$work/unique"
"$objcopy" --weaken-symbols="$work/unique" "$work/interprocess.o"
"$objcopy" --wildcard --keep-global-symbol="$exports" --strip-unneeded "$work/interprocess.o"
"$ar" rcsD "$out" "$work/interprocess.o"
