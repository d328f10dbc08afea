#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# python_test.sh TEST WHEEL: runs TEST with what pip would install, by each CPython of 3.9 and later that
# there is: the stable ABI is one for all of them.
set -euo pipefail

tests=$PWD/$1
python3 -m zipfile -e "$2" "$TEST_TMPDIR/packages"
ran=0
for python in /usr/bin/python3 /usr/bin/python3.[0-9]* /usr/local/bin/python3.[0-9]* ${PYTHONS:-}; do
  [[ -x $python && $python != *-config ]] || continue
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || continue
  version=$("$python" -c 'import sys; print(sys.version)')
  grep -qxF "$version" "$TEST_TMPDIR/versions" 2>/dev/null && continue
  echo "$version" >>"$TEST_TMPDIR/versions"
  PYTHONPATH=$TEST_TMPDIR/packages PYTHONDONTWRITEBYTECODE=1 "$python" -X dev -W error "$tests"
  ran=$((ran + 1))
done
((ran > 0)) || { echo "FAILED: no python3 of 3.9 or later" && exit 1; }
