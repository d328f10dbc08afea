#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# bazel.sh DEST SYSTEM_ROOT: puts a private Bazel and the JDK it runs on together from the packages
# of a newer Debian suite, below DEST. Needs no root and changes nothing outside the cache folder.
# SYSTEM_ROOT has patchelf. DEST appears by a rename at the end: it is whole, or not there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=tools/build/bootstrap/common.sh
. "$root/tools/build/bootstrap/common.sh"

dest=$1 system_root=$2
java_version=21
suites=${INTERPROCESS_BAZEL_SUITES:-forky sid}
patchelf=$system_root/usr/bin/patchelf

# Bazel's JVM side, the libraries the executables load, the rule sets that Bazel expects to find,
# and nothing of what the packages' wider dependencies (Maven and such) would bring.
wanted='^bazel-|-java$|^velocity$|^openjdk-'$java_version'|^zlib1g$|^lib(absl|grpc|protobuf|c6$|gcc-s1|stdc\+\+6|cares|re2|ssl3|systemd0|cap2|zstd1|zstd-jni1|jpeg62|lcms2|nss3|nspr|pcsclite1|harfbuzz0b|fontconfig1|freetype6)'
unwanted='^ca-cert|maven|jetty|mongodb|wagon|jgit|lightcouch|log4j|jsch|eclipse-jdt'

find_suite() {
  local suite version
  for suite in $suites; do
    suite_apt "$suite" deb || {
      say "suite $suite cannot be read"
      continue
    }
    version=$(apt-cache -c "$suite_apt_dir/apt.conf" show --no-all-versions bazel-bootstrap 2>/dev/null |
      awk '$1 == "Version:" { print $2; exit }')
    [[ $version == "$bazel_version"[-+~]* ]] && return
    say "suite $suite has ${version:-no Bazel}, not $bazel_version"
  done
  die "no suite tried ($suites) has Bazel $bazel_version: name others with INTERPROCESS_BAZEL_SUITES, or $own_bazel."
}

# Executables get the unpacked loader and libraries, so that an older system's do not matter.
# Written for DEST although the files are elsewhere still.
relocate() {
  local file
  while read -r file; do
    [[ $(head -c4 "$file" | tr -d '\0') == $'\x7fELF' ]] || continue
    if "$patchelf" --print-interpreter "$file" >/dev/null 2>&1; then
      "$patchelf" --set-interpreter "$dest/root/usr/lib64/ld-linux-x86-64.so.2" "$file"
    fi
    "$patchelf" --force-rpath --set-rpath \
      "$dest/root/$lib:\$ORIGIN:\$ORIGIN/../lib:\$ORIGIN/..:\$ORIGIN/server" "$file"
  done < <(find "$tree/$jdk/bin" "$tree/$jdk/lib" "$tree/usr/bin/bazel" \
    "$tree/usr/libexec/x86_64-linux-gnu/bazel" "$tree/$lib/bazel" -type f)
}

# The JDK as the repository that Bazel would otherwise download.
make_jdk_repository() {
  local link target
  while read -r link; do
    target=$(readlink "$link")
    [[ $target != /etc/* ]] || ln -sfn "$dest/root$target" "$link"
  done < <(find "$tree/$jdk" -type l)
  touch "$tree/$jdk/WORKSPACE"
  cat >"$tree/$jdk/BUILD.bazel" <<BUILD
load("@rules_java//java:defs.bzl", "java_runtime")

package(default_visibility = ["//visibility:public"])

filegroup(
    name = "jre",
    srcs = glob(
        [
            "bin/**",
            "conf/**",
            "include/**",
            "lib/**",
        ],
        allow_empty = True,
    ),
)

filegroup(
    name = "jdk-bin",
    srcs = glob(["bin/**"]),
)

java_runtime(
    name = "jdk",
    srcs = [":jre"],
    java = "bin/java",
    version = $java_version,
)

cc_library(
    name = "jni",
    hdrs = glob(["include/**"]),
    includes = [
        "include",
        "include/linux",
    ],
)
BUILD
}

# What Debian's packaging leaves out or places elsewhere.
mend_packaging() {
  local classpath=$tree/usr/share/bazel/bazel_classpath_debian_depends.txt
  sed -i "s#^/usr/share#$dest/root/usr/share#" "$classpath"
  echo "$dest/root/usr/share/java/perfmark-api.jar" >>"$classpath"
  cat >>"$tree/usr/share/bazel/rules/cc/cc/compiler/BUILD" <<'BUILD'

config_setting(
    name = "emscripten",
    flag_values = {"@bazel_tools//tools/cpp:compiler": "emscripten"},
)
BUILD
}

# Java's header compiler is missing from Debian's package, hence --nojava_header_compilation.
write_bazelrc() {
  local share=$dest/root/usr/share/bazel tools=$dest/root/$lib/bazel/java_tools
  cat >"$partial/bazelrc" <<RC
common --noenable_bzlmod
common --override_repository=bazel_features=$share/tools/features
common --override_repository=bazel_skylib=$share/tools/skylib
common --override_repository=platforms=$share/tools/platforms
common --override_repository=rules_cc=$share/rules/cc
common --override_repository=rules_java=$share/rules/java
common --override_repository=rules_java_builtin=$share/rules/java
common --override_repository=rules_license=$share/rules/license
common --override_repository=rules_pkg=$share/rules/pkg
common --override_repository=rules_proto=$share/rules/proto
common --override_repository=rules_python=$share/rules/python
common --override_repository=remote_java_tools=$tools
common --override_repository=remote_java_tools_linux=$tools
common --override_repository=remotejdk${java_version}_linux=$dest/root/$jdk
build --nojava_header_compilation
build --java_runtime_version=remotejdk_$java_version
build --tool_java_runtime_version=remotejdk_$java_version
RC
}

write_launcher() {
  mkdir -p "$partial/bin"
  cat >"$partial/bin/bazel" <<SH
#!/bin/sh
exec '$dest/root/usr/bin/bazel' --nosystem_rc --install_base='$dest/root/usr/share/bazel' \\
  --trust_install_base --server_javabase='$dest/root/$jdk' "\$@"
SH
  chmod +x "$partial/bin/bazel"
}

jdk=usr/lib/jvm/java-$java_version-openjdk-amd64
lib=usr/lib/x86_64-linux-gnu
say "putting Bazel $bazel_version together in $dest (once)"
find_suite
mapfile -t packages < <(apt-get -c "$suite_apt_dir/apt.conf" install --simulate -qq \
  bazel-bootstrap bazel-java-tools bazel-rules-pkg \
  "openjdk-$java_version-jdk-headless" "openjdk-$java_version-jre-headless" |
  awk '/^Inst/ { print $2 }' | grep -E "$wanted" | grep -vE "$unwanted")
((${#packages[@]} > 20)) || die "the suite's Bazel cannot be resolved: $own_bazel."

partial=$cache/work/bazel tree=$cache/work/bazel/root
rm -rf "$partial"
apt_unpack "$suite_apt_dir" "$tree" "${packages[@]}"
make_jdk_repository
relocate
mend_packaging
write_bazelrc
write_launcher
mkdir -p "$(dirname "$dest")"
mv -T "$partial" "$dest"
[[ $("$dest/bin/bazel" --version) == "bazel $bazel_version"* ]] || {
  rm -rf "$dest"
  die "the Bazel put together does not run on this machine: $own_bazel."
}
