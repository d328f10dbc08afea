#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# lines_test.sh IPQ LINES: a text goes from C++ to C#, from C# to C++ and from C# to C#, a
# message for each line, and arrives as it was.
set -euo pipefail

ipq=$1 lines=$2
text=$TEST_TMPDIR/text
mkdir "$TEST_TMPDIR/queues"

# The system's list of packages, if it has one, and what any system has: lines of every length.
{
  cat /var/lib/dpkg/status 2>/dev/null || true
  printf '%s\n' "" "a line" "" "$(printf 'x%.0s' {1..5000})" $'caf\xc3\xa9 \xff\xfe'
  seq 1 20000
} >"$text"
count=$(wc -l <"$text")

send() { # LANGUAGE QUEUE
  case $1 in
    cpp) "$ipq" send "$2" --dir="$TEST_TMPDIR/queues" <"$text" ;;
    csharp) "$lines" publish "$TEST_TMPDIR/queues" "$2" <"$text" ;;
  esac
}
receive() { # LANGUAGE QUEUE
  case $1 in
    cpp) "$ipq" recv "$2" --dir="$TEST_TMPDIR/queues" --follow --count="$count" ;;
    csharp) "$lines" subscribe "$TEST_TMPDIR/queues" "$2" "$count" ;;
  esac
}

for from in cpp csharp; do
  for to in cpp csharp; do
    [[ $from$to != cppcpp ]] || continue
    receive "$to" "$from-$to" >"$TEST_TMPDIR/received" &
    receiver=$!
    send "$from" "$from-$to"
    wait "$receiver"
    cmp "$text" "$TEST_TMPDIR/received"
    echo "$from to $to: $count messages, $(stat -c %s "$text") bytes"
  done
done
