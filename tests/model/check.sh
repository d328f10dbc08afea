#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh NAME MODEL (safety|cycles) DEFINES...: checks one configuration, and prints one line. For example
#   check.sh try queue safety -DNP=2 -DNS=1 -DMAXF=1 -DCRASH
# safety: all assertions; cycles: a search for any cycle of the state graph, of which there is none where every run comes
# to rest. Works in $MODEL_WORK/NAME, which keeps pan, its output and a trail if there is an error (spin -t -p).
# MODEL_MEMORY: megabytes it may use, MODEL_SECONDS: how long it may take. MODEL_BITSTATE: where not all states fit into
# memory, two to the power of so many bits that note them (34: 2 GiB); then some states are taken for others and not
# looked at, the fewer the larger the hash factor that is printed.
set -eu
name=$1 model=$2 kind=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
work=${MODEL_WORK:-${TMPDIR:-/tmp}/interprocess_model}/$name
mkdir -p "$work"
cp "$here/$model.pml" "$work/"
cd "$work"
rm -f ./*.trail
spin "$@" -a "$model.pml" >spin.out 2>&1 || { echo "$name: errors: ?; $(head -3 spin.out)"; exit 0; }
case $kind in
  cycles) flag=-DNP options=-l ;;
  *) flag=-DSAFETY options= ;;
esac
if [ -n "${MODEL_BITSTATE:-}" ]; then
  store=-DBITSTATE options="$options -w$MODEL_BITSTATE"
else
  store=-DCOLLAPSE
fi
"${CC:-gcc}" "${MODEL_OPTIMIZE:--O2}" -w $flag -DNOREDUCE $store -DVECTORSZ=512 "-DMEMLIM=${MODEL_MEMORY:-1500}" -o pan pan.c
timeout "${MODEL_SECONDS:-600}" ./pan -m1000000 -E $options >pan.out 2>&1 || echo "(ended with $?)" >>pan.out
awk -v name="$name" '
  /errors:/ { errors = $NF }
  /states, stored/ { states = $1 }
  /elapsed time/ { seconds = $4 }
  /total actual memory/ { megabytes = $1 }
  /hash factor/ { factor = $3 }
  /not completed|\(ended with|max search depth too small/ { incomplete = 1 }
  /assertion violated|non-progress cycle \(/ && !why { why = $0; sub(/^pan: ?[0-9]*: */, "", why) }
  END {
    printf "%s: errors: %s; %.0f states, %.1f s, %.0f MB%s%s%s\n", name, errors == "" ? "?" : errors, states, seconds, megabytes,
      factor ? "; BITSTATE, hash factor " factor : "",
      incomplete && errors + 0 == 0 ? "; NOT COMPLETED" : "", why ? "; " why : ""
  }' pan.out
