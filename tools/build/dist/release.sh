#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# release.sh FOLDER CHANGELOG FILE...: writes the checksums of the files, and what the changelog says of
# its newest part, to FOLDER.
set -euo pipefail

folder=$1 changelog=$2
shift 2
for file in "$@"; do
  printf '%s  %s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" "${file##*/}"
done | LC_ALL=C sort -k2 >"$folder/SHA256SUMS"
awk '/^## / && seen++ { exit } seen' "$changelog" >"$folder/RELEASE_NOTES.md"
[[ -s $folder/RELEASE_NOTES.md ]] || { echo "release.sh: $changelog has no part" >&2 && exit 1; }
