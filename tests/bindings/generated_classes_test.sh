#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# generated_classes_test.sh LANGUAGE EXPECTED SOURCES: SWIG makes the expected classes and no other.
# The class that holds the native functions is FaceCallsJNI in Java, FaceCallsPINVOKE in C#.
set -euo pipefail

language=$1 expected=$2 sources=$3
case $language in
  java)
    unzip -Z1 "$sources" | sed -n 's#^io/interprocess/\(.*\)\.java$#\1#p'
    ;;
  csharp)
    sed -n 's/FaceCallsPINVOKE {/FaceCallsJNI {/; s/^internal \(static \)\?class \([A-Za-z]*\).*/\2/p' \
      "$sources"
    ;;
esac | sort >"$TEST_TMPDIR/classes"
diff -u "$expected" "$TEST_TMPDIR/classes"
