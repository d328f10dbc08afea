#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# python_test.sh WHEEL: runs the tests of this folder with what pip would install, by each CPython of 3.9
# and later that there is: the stable ABI is one for all of them.
set -euo pipefail

tests=(tests.python.conformance_messages tests.python.conformance_queues tests.python.python_test)
python3 -m zipfile -e "$1" "$TEST_TMPDIR/packages"
ran=0
for python in /usr/bin/python3 /usr/bin/python3.[0-9]* /usr/local/bin/python3.[0-9]* ${PYTHONS:-}; do
  [[ -x $python && $python != *-config ]] || continue
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || continue
  version=$("$python" -c 'import sys; print(sys.version)')
  grep -qxF "$version" "$TEST_TMPDIR/versions" 2>/dev/null && continue
  echo "$version" >>"$TEST_TMPDIR/versions"
  PYTHONPATH=$TEST_TMPDIR/packages:$PWD PYTHONDONTWRITEBYTECODE=1 "$python" -X dev -W error -m unittest "${tests[@]}"
  ran=$((ran + 1))
done
((ran > 0)) || { echo "FAILED: no python3 of 3.9 or later" && exit 1; }
