#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# pack.sh ZIPPER PACKAGE PATH=FILE...: a zip of the files at those paths. The same files give the same
# bytes, in whatever order they are named and whatever times and modes they have.
set -euo pipefail

zipper=$(realpath "$1") package=$(realpath "$2")
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for entry; do
  mkdir -p "$folder/$(dirname "${entry%%=*}")"
  install -m 644 "${entry#*=}" "$folder/${entry%%=*}"
done
cd "$folder"
find . -type f | sed 's#^[.]/##' | LC_ALL=C sort >"$folder.files"
"$zipper" cC "$package" "@$folder.files" # with one date for all
rm "$folder.files"
