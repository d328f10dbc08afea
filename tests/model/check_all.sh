#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_all.sh (runs|mutations) [quick|full|long|NAME]: checks what runs.txt or mutations.txt lists: no run may find an
# error, every mutation must. `full` includes the quick ones. MODEL_MEMORY and MODEL_SECONDS as in check.sh.
set -eu
here=tests/model # from where Bazel runs it
[ -f "$here/check.sh" ] || here=$(cd "$(dirname "$0")" && pwd)
list=${1:-runs} which=${2:-full}
export MODEL_WORK="${TEST_TMPDIR:-${TMPDIR:-/tmp}}/interprocess_model"
[ "$which" != quick ] || export MODEL_OPTIMIZE=-O0
results=$(mktemp)
trap 'rm -f "$results"' EXIT
grep -v '^#' "$here/$list.txt" | while IFS='|' read -r name model kind set defines _; do
  # Trimmed, and split into words.
  # shellcheck disable=SC2086
  set -- $name $model $kind $set
  case $which:$4 in
    full:quick | "$4:$4" | "$1:$4") ;;
    *) continue ;;
  esac
  if [ "$list" = mutations ]; then defines="-D$1 $defines"; fi
  # shellcheck disable=SC2086
  "$here/check.sh" "$1" "$2" "$3" $defines
done | tee "$results"
if [ "$list" = mutations ]; then wanted=': errors: 1;'; else wanted=': errors: 0;'; fi
count=$(wc -l <"$results")
bad=$(grep -v "$wanted" "$results" || true)$(grep 'NOT COMPLETED' "$results" || true)
if [ "$count" = 0 ] || [ -n "$bad" ]; then
  echo "FAILED: of $count: ${bad:-nothing to check}"
  exit 1
fi
echo "passed: $count"
