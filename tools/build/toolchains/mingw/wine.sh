#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# wine.sh PROGRAM.exe ARGUMENT...: runs a Windows program (--run_under of --config=cross-windows).
# All runs of a user share one Wine prefix, made by the first: making it takes seconds and 700 MB.
set -euo pipefail

for wine in /usr/lib/wine/wine64 /usr/bin/wine64; do
  [[ -x $wine ]] && break
done

cache=${INTERPROCESS_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/interprocess}
export WINEPREFIX=${WINEPREFIX:-$cache/wine}
export WINEDEBUG=${WINEDEBUG:--all}
# Neither .NET nor HTML: no window asks for them when the prefix is made.
export WINEDLLOVERRIDES="mscoree=;mshtml="

if [[ ! -e $WINEPREFIX/ready ]]; then
  mkdir -p "$WINEPREFIX"
  (
    flock 9
    if [[ ! -e $WINEPREFIX/ready ]]; then
      "$wine" wineboot --init >"$WINEPREFIX/wineboot.log" 2>&1 9>&-
      touch "$WINEPREFIX/ready"
    fi
  ) 9>"$WINEPREFIX/lock"
fi

# One at a time: the prefix has one server, Bazel ends it with the test that started it, and another
# test that used it by then would wait for it for ever. The program and the server keep the lock open.
exec 8>"$WINEPREFIX/running"
flock 8

# Names of files are UTF-8 on this side.
export LC_ALL=C.UTF-8

# Tests of many rounds have fewer.
export INTERPROCESS_EMULATOR=$wine

# Where GoogleTest writes its results: a path from the root is a relative one without a drive.
if [[ -n ${XML_OUTPUT_FILE:-} ]]; then
  export XML_OUTPUT_FILE=Z:$XML_OUTPUT_FILE
fi

exec "$wine" "$@"
