#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# java_examples_test.sh PUBLISHER SUBSCRIBER CPP_PUBLISHER CPP_SUBSCRIBER: ten greetings from each
# publisher to each subscriber.
set -euo pipefail

publishers=("$1" "$3") subscribers=("$2" "$4")
mkdir "$TEST_TMPDIR/queues"
for publisher in "${publishers[@]}"; do
  interval=--interval=0
  [[ $publisher == *cpp* ]] && interval=--interval=0s
  for subscriber in "${subscribers[@]}"; do
    "$subscriber" --dir="$TEST_TMPDIR/queues" --count=10 >"$TEST_TMPDIR/received" &
    "$publisher" --dir="$TEST_TMPDIR/queues" --count=10 "$interval" >"$TEST_TMPDIR/sent"
    wait $!
    [[ $(wc -l <"$TEST_TMPDIR/sent") == 10 ]] &&
      diff <(sed 's/^sent: //' "$TEST_TMPDIR/sent") \
        <(sed 's/^received: //' "$TEST_TMPDIR/received") ||
      { echo "FAILED: $publisher to $subscriber" && exit 1; }
  done
done
