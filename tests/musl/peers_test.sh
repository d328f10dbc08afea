#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# peers_test.sh GLIBC_PEER MUSL_PEER: processes of two C libraries share queues: messages both ways
# at one time, and what one held when it was killed goes to the other, marked.
set -euo pipefail

glibc=$1 musl=$2
count=${3:-200000}
directory=$(mktemp -d /dev/shm/interprocess-musl-XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$directory"' EXIT

finish() {
  local job
  for job in "$@"; do wait "$job"; done
}

# Both queues in use by both libraries at the same time.
"$musl" take "$directory" to_musl "$count" & jobs_of=($!)
"$glibc" take "$directory" to_glibc "$count" & jobs_of+=($!)
"$glibc" send "$directory" to_musl "$count" & jobs_of+=($!)
"$musl" send "$directory" to_glibc "$count" & jobs_of+=($!)
finish "${jobs_of[@]}"
echo "$count messages each way"

# hand_on HOLDER HEIR: the heir, asleep in the same queue or not, gets what the killed holder had.
hand_on() {
  local holder=$1 heir=$2 queue=$3 held
  "$heir" send "$directory" "$queue" 8
  exec {held}< <(exec "$holder" hold "$directory" "$queue" 8)
  local pid=$!
  read -r -u "$held"
  [[ $REPLY == held ]]
  kill -9 "$pid"
  "$heir" take_redelivered "$directory" "$queue" 8
  exec {held}<&-
}
hand_on "$musl" "$glibc" from_musl
hand_on "$glibc" "$musl" from_glibc
echo "what the killed held was delivered again, both ways"

left=$(ls "$directory")
[[ -z $left ]] || { echo "left: $left"; exit 1; }
