#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The models and core/native name the same steps: STEP(name) here, INTERPROCESS_STEP("name") there. Those that the models
# leave out stand in steps_left_out.txt.
set -eu
code=$(mktemp) model=$(mktemp) left_out=$(mktemp)
trap 'rm -f "$code" "$model" "$left_out"' EXIT
find core/native/ -name '*.cc' -o -name '*.h' | xargs sed -n 's/^ *INTERPROCESS_STEP("\([^"]*\)");.*/\1/p' | sort -u >"$code"
cat tests/model/*.pml | grep -o 'STEP([a-z_]*\.[a-z_]*)' | sed 's/STEP(\(.*\))/\1/' | sort -u >"$model"
sed -e '/^#/d' -e 's/:.*//' tests/model/steps_left_out.txt | sort -u >"$left_out"
failed=0
report() {
  while read -r step; do
    echo "FAILED: $step: $1"
    failed=1
  done
}
[ -s "$code" ] || { echo "FAILED: no steps in core/native"; exit 1; }
sort -u "$model" "$left_out" | comm -23 "$code" - >"$code.missing"
report "in core/native, in no model" <"$code.missing"
comm -13 "$code" "$model" >"$code.missing"
report "in a model, not in core/native" <"$code.missing"
comm -12 "$model" "$left_out" >"$code.missing"
report "in a model, and in steps_left_out.txt" <"$code.missing"
comm -13 "$code" "$left_out" >"$code.missing"
report "in steps_left_out.txt, not in core/native" <"$code.missing"
rm -f "$code.missing"
exit $failed
