#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# python_recipes_test.sh PROGRAM WHEEL: runs Python's recipes with what pip would install.
set -euo pipefail

python3 -m zipfile -e "$2" "$TEST_TMPDIR/packages"
output=$(PYTHONPATH=$TEST_TMPDIR/packages PYTHONDONTWRITEBYTECODE=1 python3 -X dev -W error \
  "$1" "$TEST_TMPDIR/queues")
[[ $output == "all recipes work" ]] || { echo "FAILED: it printed: $output" && exit 1; }
