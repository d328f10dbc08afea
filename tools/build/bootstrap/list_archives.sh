#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# list_archives.sh [FILE]: prints "name sha256 url version" for each archive pinned in archives.bzl.
set -euo pipefail

exec awk -F'"' '
  /^    "[^"]*": struct\(/ { name = $2 }
  $1 ~ /^ *version = $/ { version = $2 }
  $1 ~ /^ *sha256 = $/ { sha256 = $2 }
  $1 ~ /^ *url = $/ { url = $2 }
  /^    \),/ { gsub(/[{]version[}]/, version, url); print name, sha256, url, version }
' "${1:-$(dirname "${BASH_SOURCE[0]}")/../../../third_party/archives.bzl}"
