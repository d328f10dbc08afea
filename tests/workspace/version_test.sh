#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What cannot load version.bzl names the same version: MODULE.bazel, the module that depends on it, and
# each file name and dependency in README.md and docs/install.md.
set -euo pipefail

version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' version.bzl)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { echo "FAILED: version.bzl says '$version'" && exit 1; }

failures=0
# same FILE REGEX: whatever \1 is in FILE is the version, and it is there.
same() {
  local found
  found=$(sed -n "s/$2/\1/p" "$1" | sort -u)
  if [[ $found != "$version" ]]; then
    echo "FAILED: version.bzl says $version, $1: $found"
    failures=1
  fi
}
same MODULE.bazel '^ *version = "\([^"]*\)",$'
same tests/packaging/consumer/MODULE.bazel '.*"interprocess", version = "\([^"]*\)".*'
same docs/install.md '.*[-_]\([0-9]\+\.[0-9]\+\.[0-9]\+\)[-_].*'
same README.md '.*interprocess[-:]\([0-9][0-9.]*[0-9]\).*'

exit "$failures"
