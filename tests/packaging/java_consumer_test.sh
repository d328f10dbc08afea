#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# java_consumer_test.sh JAVA_HOME README HELLO RELEASED...: a stranger's program with only
# the jar on its class path, compiled and run by JDKs alone: the build's, and those of the machine
# that can run it (17 or later). What is published beside the jar is whole, and README's Java is the
# program.
set -euo pipefail

java_home=$1 readme=$2 hello=$3
shift 3
version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' version.bzl)
# Under the names, and in the folder, that README says.
for file in "$@"; do
  case $file in
    bindings/java/interprocess-"$version".jar) jar=$file ;;
    bindings/java/interprocess-"$version"-javadoc.jar) javadoc=$file ;;
    bindings/java/interprocess-"$version"-sources.jar) sources=$file ;;
    bindings/java/interprocess-"$version".pom) pom=$file ;;
    *) echo "FAILED: $file is released" && exit 1 ;;
  esac
done
: "${jar:?is not released}" "${javadoc:?is not released}" "${sources:?is not released}" "${pom:?is not released}"

fail() {
  echo "FAILED: $*"
  exit 1
}

diff <(awk '/^```java$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$readme" |
  sed '/^try (Reservation/,$d' | sed '$ { /^$/d }') <(sed '/SPDX/,/^$/d' "$hello") || fail "README's program is not $hello"

cp "$jar" "$TEST_TMPDIR/interprocess.jar"
cp "$hello" "$TEST_TMPDIR/Hello.java"
cd "$TEST_TMPDIR"
mkdir -p temp home
"$OLDPWD/$java_home/bin/javac" --release 17 -Xlint:all -Werror -cp interprocess.jar -d . Hello.java

run() { # JAVA FLAG...: in a home of its own, so that other queues of this name do not matter
  local java=$1 output
  shift
  output=$("$java" -Djava.io.tmpdir="$PWD/temp" -Duser.home="$PWD/home" "$@" 2>&1) ||
    fail "$java: $output"
  [[ $output == hello ]] || fail "$java said: $output"
  [[ -z $(find temp -name 'interprocess*') ]] || fail "$java left something in the temp folder"
  echo "ran on $("$java" -version 2>&1 | head -n 1)"
}

for java in "$OLDPWD/$java_home/bin/java" $(type -P java || true) /usr/lib/jvm/*/bin/java; do
  [[ -x $java ]] || continue
  release=$("$java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
  ((release >= 17)) || continue
  # From 24 on, the JVM warns of native code that was not allowed by name.
  allow=()
  allow_module=()
  if ((release >= 24)); then
    allow=(--enable-native-access=ALL-UNNAMED)
    allow_module=(--enable-native-access=io.interprocess)
  fi
  run "$java" "${allow[@]}" -cp interprocess.jar:. Hello
  run "$java" "${allow_module[@]}" -p interprocess.jar --add-modules io.interprocess -cp . Hello
done
cd "$OLDPWD"

# Captured first: a grep that leaves at the first match would end the lister by SIGPIPE.
entries=$(unzip -Z1 "$jar")
for entry in META-INF/LICENSE META-INF/THIRD_PARTY_NOTICES module-info.class META-INF/maven/io.interprocess/interprocess/pom.xml \
  io/interprocess/native/linux-x86_64/libinterprocess_java.so io/interprocess/Publisher.class; do
  grep -qxF "$entry" <<<"$entries" || fail "the jar has no $entry"
done
description=$("$java_home/bin/java" -p "$jar" --describe-module io.interprocess)
grep -qF "io.interprocess@$version" <<<"$description" || fail "the module is $description"
grep -qxF "exports io.interprocess" <<<"$description" || fail "the module exports $description"
entries=$(unzip -Z1 "$javadoc")
grep -qxF io/interprocess/Publisher.html <<<"$entries" || fail "no Javadoc of Publisher"
grep -qE '/(Native[A-Za-z]*|Endpoint|OptionValues)\.html$' <<<"$entries" && fail "Javadoc of private classes"
page=$(unzip -p "$javadoc" io/interprocess/Publisher.html)
grep -qF 'id="close()"' <<<"$page" || fail "Javadoc of Publisher lacks what it inherits"
entries=$(unzip -Z1 "$sources")
grep -qxF io/interprocess/Publisher.java <<<"$entries" || fail "no source of Publisher"
grep -q "<version>$version</version>" "$pom" || fail "the POM has another version than $version"
# What public repositories ask for.
for element in name description url licenses developers scm connection; do
  grep -q "<$element>" "$pom" || fail "the POM has no $element"
done
! grep -q '@[A-Z]*@' "$pom" || fail "the POM has places that were not filled: $(grep '@[A-Z]*@' "$pom")"
