#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# interface_list_test.sh LIBRARY LAYOUT LIST: the library exports the functions of LIST, each under
# its symbol version, and nothing else; LAYOUT prints the structs as LIST has them. LIST may only
# grow: what changes or goes needs another number of the shared library.
set -euo pipefail

library=$1 layout=$2 list=$3

# A small letter is a local symbol's: a thread's variable has one for its relocation.
exported() { nm -D --defined-only "$@" "$library" | awk '$2 ~ /[B-Z]/ { print $NF }' | LC_ALL=C sort; }

now() {
  exported --with-symbol-versions
  readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/soname \1/p'
  "$layout"
}

if ! now | diff "$list" -; then
  echo "FAILED: the interface is not that of $list"
  exit 1
fi
others=$(exported | grep -v '^ipq_' || true)
[[ -z $others ]] || { echo "FAILED: $library exports $others" && exit 1; }
