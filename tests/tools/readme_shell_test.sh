#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# README's shell block, typed line by line in its order: each line succeeds, and prints what the
# README says. Ctrl-C is typed where it waits.
set -euo pipefail
set -m # a job of its own for each line that waits: one in the background would ignore Ctrl-C

readme=$1
PATH=$(dirname "$(realpath "$2")"):$PATH
export IPQ_DIR=$TEST_TMPDIR/queues
mkdir "$IPQ_DIR"
out=$TEST_TMPDIR/out
lines=0

fail() {
  echo "README.md: $line: $1; it printed:"
  cat "$out"
  exit 1
}

# prints WANTED: all that the line printed, its lines joined by spaces.
prints() {
  [[ $(paste -sd' ' "$out") == "$1" ]] || fail "not '$1'"
}

# waits_after LAST: runs the line until it has printed the line LAST, and types Ctrl-C.
waits_after() {
  local job
  bash -c "exec $line" >"$out" 2>&1 &
  job=$!
  until grep -qx "$1" "$out"; do
    kill -0 "$job" 2>/dev/null || fail "ended"
    sleep 0.01
  done
  kill -INT -- "-$job"
  wait "$job" || fail "code $? after Ctrl-C"
}

while IFS= read -r line; do
  lines=$((lines + 1))
  : >"$out"
  case $line in
    ./bazelw*)
      [[ $line == *" //tools/ipq "* ]] || fail "does not build this program"
      continue
      ;;
    *--follow*) waits_after eleven ;;
    *) bash -c "$line" >"$out" 2>&1 </dev/null || fail "code $?" ;;
  esac
  case $line in
    *send* | *create* | *rm*) prints "" ;;
    *stat*) grep -q 'messages .*11 ready' "$out" || fail "no 11 messages" ;;
    *list*) grep -q '^numbers ' "$out" || fail "no numbers" ;;
    *doctor*) grep -qx sound "$out" || fail "not sound" ;;
    *"--count 3"*) prints "1 2 3" ;;
    *--follow*) prints "4 5 6 7 8 9 10 eleven" ;;
    *) fail "this test does not know what it prints" ;;
  esac
done < <(awk '/^## From the shell$/ { here = 1 } here && /^```sh$/ { inside = 1; next }
              inside && /^```$/ { exit } inside && NF' "$readme")
((lines >= 10)) || fail "only $lines lines were found"
line="ipq list, at the end"
ipq list >"$out"
prints ""
