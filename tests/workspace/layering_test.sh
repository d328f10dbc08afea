#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The folders of core include only what stands below them.
set -euo pipefail
cd "$(dirname "$(readlink -f MODULE.bazel)")"

# From each folder to the folders that it may include, besides itself. "data" and "api" are the
# public headers of data and of behaviour; "core" is what stands above the engines.
allowed='
data
base
platform   data
api        data
engine     data
native     engine data platform base
cloudtoid  engine data platform base
testing    data platform
core       api engine data platform base
'
data_headers=' access alarm bytes endpoint_counters message_view queue_options queue_report stop_token wait_options '
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# The folder of a file of core, or of what an #include names.
folder_of() {
  local name
  case $1 in
    core/testing/* | interprocess/testing/*) echo testing ;;
    core/include/interprocess/* | interprocess/*)
      name=${1##*/}
      [[ $data_headers == *" ${name%.h} "* ]] && echo data || echo api
      ;;
    core/*/*) cut -d/ -f2 <<<"$1" ;;
    *) echo core ;;
  esac
}

may_include() {
  local row
  [[ $1 == "$2" ]] && return
  row=$(awk -v from="$1" '$1 == from { print; exit }' <<<"$allowed")
  [[ -n $row && " ${row#"$1"} " == *" $2 "* ]]
}

files=0
arrows=0
while read -r file; do
  files=$((files + 1))
  from=$(folder_of "$file")
  while read -r included; do
    to=$(folder_of "$included")
    arrows=$((arrows + 1))
    # The table of formats alone knows the engines.
    if [[ $file == core/formats.cc && ($to == native || $to == cloudtoid) ]]; then continue; fi
    may_include "$from" "$to" || fail "$file ($from) includes $included ($to)"
  done < <(sed -nE 's/^#include "((core|interprocess)\/[^"]*)".*/\1/p' "$file")
done < <(find core -name '*.h' -o -name '*.cc')

# Above the engines no code asks which format it has before it.
while read -r line; do
  fail "$line: only the table of formats tells them apart"
done < <(grep -nE 'Protocol::k|native::|cloudtoid::' core/*.cc core/*.h | grep -v '^core/formats\.cc:' || true)

((files > 50 && arrows > 100)) || fail "looked at $files files and $arrows includes only"
((failures == 0))
