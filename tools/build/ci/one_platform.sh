#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Fails unless a build for Windows contains Windows' files and none of POSIX, and one for this system
# the other way round: of what //core and the tool are built from, as the build's own choices say.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

# sources FLAG...: the source files of ours that such a build compiles.
sources() {
  ./bazelw cquery "$@" --noshow_progress --ui_event_filters=-info,-warning \
    'filter("^//(core|tools)[/:]", kind("source file", deps(//core:interprocess + //tools/ipq)))' |
    sed 's/ (.*//' | sort -u
}

# check BUILD WANTED UNWANTED: the files in $found.
check() {
  local name=$1 wanted=$2 unwanted=$3 count
  count=$(grep -cE "$wanted" <<<"$found" || true)
  if ((count < 5)); then
    echo "$name: only $count files named like $wanted"
    return 1
  fi
  if grep -E "$unwanted" <<<"$found"; then
    echo "$name: must not contain the files above"
    return 1
  fi
  echo "$name: $count files named like $wanted, none like $unwanted"
}

windows='(_windows|/windows_calls|:windows_calls)\.(cc|h)$'
posix='(_(posix|linux|macos|freebsd|futex|flock|os_sync|poll|by_writing|none)|(process|reserve)_portable|:(posix_calls|nameless_file|reserve|semaphore_calls))\.(cc|h)$'

found=$(sources --config=cross-windows)
check "build for Windows" "$windows" "$posix"
found=$(sources)
check "build for this system" "$posix" "$windows"
