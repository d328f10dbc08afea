#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# doxygen.sh OUT TITLE HIDDEN DOXYFILE STYLE FILTER HEADER...: the archive OUT with the reference of the
# headers, without the symbols HIDDEN. A name without a comment is an error.
set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1

out=$1 title=$2 hidden=$3 doxyfile=$4 style=$5 filter=$6
shift 6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$(dirname "$1")

{
  cat "$doxyfile"
  echo "PROJECT_NAME = \"$title\""
  echo "EXCLUDE_SYMBOLS = $hidden"
  echo "INPUT = $*"
  echo "INPUT_FILTER = \"python3 $filter\""
  echo "STRIP_FROM_PATH = $root"
  echo "STRIP_FROM_INC_PATH = ${root%/interprocess}"
  echo "HTML_EXTRA_STYLESHEET = $style"
  echo "OUTPUT_DIRECTORY = $work"
  echo "WARN_LOGFILE = $work/warnings"
} | doxygen - >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }

if grep 'warning: ' "$work/warnings"; then
  echo "FAILED: Doxygen warns of the headers of $root"
  exit 1
fi

tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work/html" -cf "$out" .
