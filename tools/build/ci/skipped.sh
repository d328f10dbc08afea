#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# skipped.sh < LOG: for each test that the output of `bazel test` reports as skipped, says what the
# machine lacks (see tools/build/bootstrap/optional.txt).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cd "$root"

skipped=$(awk '$2 == "SKIPPED" { print $1 }' | sort -u)
[[ -n $skipped ]] || exit 0

needs=$(sed -e '/^#/d' -e '/^$/d' tools/build/bootstrap/optional.txt | while IFS= read -r line; do
  label=${line%%: *}
  ./bazelw query --keep_going --noshow_progress --ui_event_filters=-error,-warning,-info \
    "tests(rdeps(//..., $label))" 2>/dev/null </dev/null | sed "s#\$# ${line#*: }#" || true
done)

while read -r test; do
  reasons=$(awk -v t="$test" '$1 == t { sub(/^[^ ]* /, ""); printf "%s%s", sep, $0; sep = ", " }' <<<"$needs")
  echo "skipped: $test (${reasons:+needs }${reasons:-not for this platform or configuration})"
done <<<"$skipped"
