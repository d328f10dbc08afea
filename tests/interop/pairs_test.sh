#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# pairs_test.sh [--with=NAME] COUNT PROTOCOL,... NAME=COMMAND...: each peer publishes COUNT messages to
# each, in two processes, in each protocol; with --with only the pairs in which NAME takes part. Their
# command line is that of reference/peer.py. The subscribers check every byte.
set -euo pipefail

with=
if [[ $1 == --with=* ]]; then
  with=${1#--with=}
  shift
fi
count=$1 capacity=65536
# The formats' semaphores have the queue's name, whatever the directory. $$ would not do: in a
# sandbox other processes have the same.
name=pairs-$(od -An -N8 -tx8 /dev/urandom | tr -d " ")
IFS=, read -ra protocols <<<"$2"
shift 2

peer() { # PEER ROLE PROTOCOL DIRECTORY
  local command
  read -ra command <<<"${1#*=}"
  exec "${command[@]}" "$2" "$3" "$4" "$name" "$capacity" "$count"
}

run_pair() { # FROM TO PROTOCOL
  local from=$1 to=$2 protocol=$3 what="${1%%=*} to ${2%%=*}, $3" start=$SECONDS
  local directory=$TEST_TMPDIR/queues
  rm -rf "$directory" "$TEST_TMPDIR/go_on"
  mkdir "$directory"
  mkfifo "$TEST_TMPDIR/go_on"
  exec 3<>"$TEST_TMPDIR/go_on"
  (peer "$to" subscribe "$protocol" "$directory") >"$TEST_TMPDIR/to" 2>&1 3>&- &
  local subscriber=$!
  (peer "$from" publish "$protocol" "$directory") >"$TEST_TMPDIR/from" 2>&1 <&3 3>&- &
  local publisher=$! ended status=0
  # The publisher ends when it is told to, so the first to end is the subscriber, or failed.
  wait -n -p ended "$subscriber" "$publisher" || status=$?
  if ((status == 0 && ended == subscriber)); then
    echo >&3
    wait "$publisher" || status=$?
  else
    kill "$subscriber" "$publisher" 2>/dev/null || true
    status=1
  fi
  exec 3>&-
  rm -f "/dev/shm/sem.ct.ip.$name" # the fork's, which no other program removes
  if ((status != 0)) || [[ $(tail -n 1 "$TEST_TMPDIR/to") != done ]] ||
    [[ $(tail -n 1 "$TEST_TMPDIR/from") != done ]]; then
    echo "FAILED: $what"
    tail -n 20 "$TEST_TMPDIR/from" "$TEST_TMPDIR/to"
    exit 1
  fi
  if [[ $protocol == native && -n $(find "$directory" -name '*.ipq') ]]; then
    echo "FAILED: $what: the queue was left"
    exit 1
  fi
  echo "$what: $count messages in $((SECONDS - start)) s"
}

pairs=0
for protocol in "${protocols[@]}"; do
  for from in "$@"; do
    for to in "$@"; do
      if [[ -z $with || ${from%%=*} == "$with" || ${to%%=*} == "$with" ]]; then
        run_pair "$from" "$to" "$protocol"
        pairs=$((pairs + 1))
      fi
    done
  done
done
((pairs > 0))
