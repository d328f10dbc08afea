#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# release.sh FOLDER VERSION CHANGELOG FILE...: copies the files to FOLDER, with their checksums, the
# newest part of the changelog as notes, and what Maven publishes as a repository of its own.
set -euo pipefail

folder=$1 version=$2 changelog=$3
shift 3
fail() {
  echo "release.sh: $*" >&2
  exit 1
}

mkdir -p "$folder"
for file; do
  [[ $file != */CHANGELOG.md && $file != CHANGELOG.md ]] || continue
  [[ ! -e $folder/${file##*/} ]] || fail "two files are called ${file##*/}"
  install -m 644 "$file" "$folder/${file##*/}"
done
awk '/^## / && seen++ { exit } seen' "$changelog" >"$folder/RELEASE_NOTES.md"
[[ -s $folder/RELEASE_NOTES.md ]] || fail "$changelog has no part"

# The layout of Maven's repositories; a folder of it is one.
maven=$folder/maven/io/interprocess/interprocess/$version
mkdir -p "$maven"
for file in "$folder"/interprocess-"$version"{,-sources,-javadoc}.jar "$folder/interprocess-$version.pom"; do
  mv "$file" "$maven/"
  for sum in md5 sha1 sha256 sha512; do
    "${sum}sum" <"$maven/${file##*/}" | cut -d' ' -f1 | tr -d '\n' >"$maven/${file##*/}.$sum"
  done
done

(cd "$folder" && find . -type f ! -name '*.md5' ! -name '*.sha*' ! -name SHA256SUMS | sed 's#^[.]/##' |
  LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
