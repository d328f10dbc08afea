#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# recipes_test.sh PROGRAM: runs the recipes of one language with queues of their own.
set -euo pipefail

mkdir "$TEST_TMPDIR/queues"
output=$("$1" "$TEST_TMPDIR/queues")
[[ $output == "all recipes work" ]] || { echo "FAILED: it printed: $output" && exit 1; }
