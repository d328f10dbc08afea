#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# java_runtime_test.sh JAVA_HOME JAR HELLO: README's program runs where there is nothing but the jar and
# a runtime with the one module that README names: no compiler, no environment.
set -euo pipefail

java_home=$PWD/$1 jar=$2 hello=$3

fail() {
  echo "FAILED: $*"
  exit 1
}

# The machine's, for those of other systems' packages may need a newer C library.
[[ $(jlink --version) =~ ^([0-9]+) ]] && ((BASH_REMATCH[1] >= 17)) || fail "jlink is older than 17"

cp "$jar" "$TEST_TMPDIR/interprocess.jar"
cp "$hello" "$TEST_TMPDIR/Hello.java"
cd "$TEST_TMPDIR"
mkdir temp home classes
"$java_home/bin/javac" --release 17 -cp interprocess.jar -d classes Hello.java
jlink --add-modules java.base --output runtime
modules=$(runtime/bin/java --list-modules)
[[ $modules == java.base@* && $(wc -l <<<"$modules") == 1 ]] || fail "the runtime has $modules"
[[ ! -e runtime/bin/javac ]] || fail "the runtime has a compiler"

# In a home of its own, so that other queues of this name do not matter.
output=$(env -i "$PWD/runtime/bin/java" -Djava.io.tmpdir="$PWD/temp" -Duser.home="$PWD/home" \
  -cp interprocess.jar:classes Hello 2>warnings) || fail "$output $(cat warnings)"
[[ $output == hello ]] || fail "it said: $output"
[[ -z $(find temp -name 'interprocess*') ]] || fail "it left something in the temp folder"

# The jar's module is one of the runtime: nothing is on the class path but the program.
jlink --module-path interprocess.jar --add-modules io.interprocess --output linked
output=$(env -i "$PWD/linked/bin/java" -Djava.io.tmpdir="$PWD/temp" -Duser.home="$PWD/home" \
  --add-modules io.interprocess -cp classes Hello 2>warnings) || fail "$output $(cat warnings)"
[[ $output == hello ]] || fail "linked, it said: $output"
echo "ran on $modules, $(du -sh runtime | cut -f1)"
