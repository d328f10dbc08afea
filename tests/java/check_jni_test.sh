#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check_jni_test.sh TEST: runs a Java test under -Xcheck:jni, which must have nothing to say.
set -euo pipefail

output=$("$1" --jvm_flag=-Xcheck:jni \
  $(printf -- '--select-class=io.interprocess.conformance.%sTest ' Exchange InPlace Life Waiting) \
  --disable-banner --disable-ansi-colors --details=summary 2>&1) || {
  echo "$output"
  exit 1
}
echo "$output"
if grep -E 'WARNING|FATAL' <<<"$output"; then
  exit 1
fi
grep -qE '^\[ *[1-9][0-9]* tests successful' <<<"$output"
