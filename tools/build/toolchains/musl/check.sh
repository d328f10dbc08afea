#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh [WORK]: builds the library for musl from the sources that Bazel builds it from, and has
# processes of both C libraries share queues. Slow, and it fetches a source package: see
# toolchain.sh. WORK (default ~/.cache/interprocess/musl) keeps compiler and objects.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../../../.."
work=$(realpath -m "${1:-${INTERPROCESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/interprocess}/musl}")
mkdir -p "$work/objects"
tools/build/toolchains/musl/toolchain.sh "$work/toolchain"

target=//tests/musl:peer
./bazelw build --noshow_progress "$target"
base=$(./bazelw info output_base 2>/dev/null)
./bazelw cquery --noshow_progress --notool_deps --output=label "kind('source file', deps($target))" \
  2>/dev/null | sed -E 's/ \(.*//' | grep -E '\.cc$' | sort -u >"$work/sources"
flags=(-std=c++17 -O1 -w -I. -Icore/include "-I$base/external/abseil-cpp")

# compile WORK BASE LABEL FLAG...: its object. Outside sources do not change: once is enough.
compile() {
  local work=$1 base=$2 label=$3 file object
  shift 3
  file=${label#//}
  [[ $label != @* ]] || file=$base/external/$(sed -E 's#^@+([^/]*)//#\1/#' <<<"$label")
  file=${file/://}
  object=$work/objects/$(tr -c 'A-Za-z0-9\n' _ <<<"$label").o
  [[ $label == @* && -e $object ]] || "$work/toolchain/c++" "$@" -o "$object" -c "$file"
}
export -f compile
xargs -P "$(nproc)" -I{} bash -c 'compile "$@"' _ "$work" "$base" {} "${flags[@]}" <"$work/sources"
"$work/toolchain/ld" "$work/peer" $(tr -c 'A-Za-z0-9\n' _ <"$work/sources" |
  sed "s#.*#$work/objects/&.o#")
tests/musl/peers_test.sh bazel-bin/tests/musl/peer "$work/peer"
