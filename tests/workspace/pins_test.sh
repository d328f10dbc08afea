#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# MODULE.bazel and archives.bzl name the same outside sources in the same versions.
set -euo pipefail

pins=third_party/archives.bzl
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

list() { tools/build/bootstrap/list_archives.sh "$pins"; }

modules=$(sed -n 's/^bazel_dep(name = "\([^"]*\)", version = "\([^"]*\)".*/\1 \2/p' MODULE.bazel)
others=$(sed -n 's/^use_repo(dev, \(.*\))$/\1/p' MODULE.bazel | tr -d '",')

[[ $(list | wc -l) == $(grep -c 'struct($' "$pins") ]] ||
  fail "archives.bzl is not in the form that list_archives.sh reads"

while read -r name sha256 url version; do
  [[ $sha256 =~ ^[0-9a-f]{64}$ ]] || fail "$name: no sha256"
  [[ $url == https://*"$version"* ]] || fail "$name: $url does not name version $version"
  pinned=$(awk -v name="$name" '$1 == name { print $2 }' <<<"$modules")
  if [[ -z $pinned ]]; then
    [[ " $others " == *" $name "* ]] || fail "$name: in archives.bzl, not in MODULE.bazel"
  elif [[ $pinned != "$version" ]]; then
    fail "$name: $version in archives.bzl, $pinned in MODULE.bazel"
  fi
done < <(list)

archives=$(list)
while read -r name _; do
  grep -q "^$name " <<<"$archives" || fail "$name: in MODULE.bazel, not in archives.bzl"
done <<<"$modules"

if ((failures)); then
  exit 1
fi
