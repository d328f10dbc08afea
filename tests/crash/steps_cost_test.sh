#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# steps_cost_test.sh AS_IS TAKEN_OUT: the protocol's machine code is the same whether its sources name
# the steps, compiled for use, or do not: two archives, disassembled and compared.
set -euo pipefail

# The instructions of an archive's members and what they refer to, but for the names of files, and
# for what stands near an address that is not filled in yet.
code() {
  objdump -dr --no-show-raw-insn "$1" |
    sed -e '/file format/d' -e '/^In archive/d' -e 's/ <[^>]*>$//'
}

code "$1" >"$TEST_TMPDIR/as_is"
code "$2" >"$TEST_TMPDIR/taken_out"
lines=$(wc -l <"$TEST_TMPDIR/as_is")
((lines > 1000)) || { echo "only $lines lines of code"; exit 1; }
diff "$TEST_TMPDIR/as_is" "$TEST_TMPDIR/taken_out"
echo "$lines lines of machine code, the same"
