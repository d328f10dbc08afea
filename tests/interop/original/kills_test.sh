#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kills_test.sh NAME,... NAME=COMMAND...: the peers named first are killed as publishers and as subscribers of
# version 3 in the middle of their work, and others go on: the original, and C++ where the original is
# killed. These check what they receive. Only what the format loses may be missing: what the killed
# one had in hand, and what lies behind that.
set -euo pipefail

capacity=65536
# As in pairs_test.sh: other processes have this process id too.
name=kills-$(od -An -N8 -tx8 /dev/urandom | tr -d " ")
work=$TEST_TMPDIR
declare -A commands
IFS=, read -ra victims <<<"$1"
shift
for peer in "$@"; do commands[${peer%%=*}]=${peer#*=}; done

start() { # LOG NAME COMMAND COUNT: a process of that peer, as `process`
  local command
  read -ra command <<<"${commands[$2]}"
  : >"$1"
  (exec "${command[@]}" "$3" cloudtoid3 "$work/queues" "$name" "$capacity" "$4") \
    >"$1" 2>&1 <"$work/go_on" 3>&- &
  process=$!
  processes+=("$process")
}
fail() {
  echo "FAILED: $what: $*"
  tail -n 20 "$work"/*.log
  exit 1
}
# await LOG LINE PROCESS...: until the log has the line; none of the processes may end before.
await() {
  local log=$1 line=$2 process
  shift 2
  until grep -qx "$line" "$log"; do
    for process in "$@"; do
      kill -0 "$process" 2>/dev/null || grep -qx "$line" "$log" || fail "ended before \"$line\""
    done
    sleep 0.01
  done
}
kill_now() { # PROCESS
  kill -KILL "$1"
  wait "$1" 2>/dev/null || true
}
new_queue() {
  what=$1
  processes=()
  exec 3>&-
  rm -rf "$work/queues" "$work"/*.log "$work/go_on"
  mkdir "$work/queues"
  mkfifo "$work/go_on"
  exec 3<>"$work/go_on"
}
# finish SUBSCRIBER PUBLISHER
finish() {
  await "$work/survivor.log" done "$1" "$2"
  echo >&3
  wait "$1" || fail "the subscriber failed"
  wait "$2" || fail "the publisher failed"
}
end_all() { kill -KILL "${processes[@]}" 2>/dev/null || true; }
processes=()
trap end_all EXIT

# Publishers die one after the other, the last one does not.
kill_publishers() { # VICTIM SURVIVOR
  local survivor
  new_queue "publishers of $1 killed beside a subscriber of $2"
  start "$work/survivor.log" "$2" follow 100000
  survivor=$process
  await "$work/survivor.log" attached "$survivor"
  for messages in 1 64 1024 4096; do
    start "$work/victim.log" "$1" publish 90000
    await "$work/survivor.log" "at $messages" "$survivor" "$process"
    kill_now "$process"
  done
  start "$work/victim.log" "$1" publish 100000
  finish "$survivor" "$process"
  echo "$what: sound"
}

# A subscriber dies, and another goes on with what is left. Fails if it took all before it was killed.
kill_subscriber() { # VICTIM SURVIVOR MESSAGES
  local publisher
  new_queue "a subscriber of $1 killed after $3 messages, before one of $2"
  start "$work/publisher.log" original publish 100000
  publisher=$process
  await "$work/publisher.log" attached "$publisher"
  start "$work/victim.log" "$1" subscribe 100000
  await "$work/publisher.log" "at $3" "$publisher" "$process"
  kill_now "$process"
  if grep -qx done "$work/victim.log"; then
    kill_now "$publisher"
    return 1
  fi
  start "$work/survivor.log" "$2" follow 100000
  finish "$process" "$publisher"
  echo "$what: sound"
}

for victim in "${victims[@]}"; do
  survivor=original
  [[ $victim != original ]] || survivor=cpp
  kill_publishers "$victim" "$survivor"
  for messages in 512 2048 8192; do
    until kill_subscriber "$victim" "$survivor" "$messages"; do :; done
  done
done
