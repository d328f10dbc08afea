#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_jar.sh ZIPPER JAR CLASSES MODULE GROUP VERSION LICENSE NOTICES POM MODULE_INFO
# [PLATFORM LIBRARY]...: see native_jar in native_jar.bzl.
set -euo pipefail

zipper=$PWD/$1 jar=$PWD/$2 classes=$PWD/$3 module=$4 group=$5 version=$6 license=$7 notices=$8
pom=$9 module_info=${10}
shift 10
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && "$zipper" x "$classes")
meta=$folder/META-INF native=$folder/${module//./\/}/native
artifact=$(basename "$jar" .jar)
mkdir -p "$meta/maven/$group/$artifact"
cat >"$meta/MANIFEST.MF" <<MANIFEST
Manifest-Version: 1.0
Implementation-Title: $artifact
Implementation-Version: $version
MANIFEST
cp "$license" "$meta/LICENSE"
cp "$notices" "$meta/THIRD_PARTY_NOTICES"
cp "$module_info" "$folder/module-info.class"
cp "$pom" "$meta/maven/$group/$artifact/pom.xml"
while (($#)); do
  mkdir -p "$native/$1"
  cp "$2" "$native/$1/"
  sha256sum <"$2" | cut -d' ' -f1 >"$native/$1/$(basename "$2").sha256"
  shift 2
done

cd "$folder"
{
  echo META-INF/MANIFEST.MF # first, by convention
  find . -type f ! -path ./META-INF/MANIFEST.MF | sed 's#^[.]/##' | LC_ALL=C sort
} >"$folder.files"
"$zipper" cC "$jar" "@$folder.files"
rm "$folder.files"
