#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# install_release.sh RELEASE [BASE]: installs each part of a release, the folder that //:release makes, in an
# empty Debian made for it, which has neither Bazel nor this checkout, and runs its hello world there: C
# with gcc and pkg-config, C++ with CMake, the tarball beside the Debian packages, Maven and NuGet from a folder,
# pip from a file, the command line. Then it builds a workspace and a module that take the release's
# sources from RELEASE, with the Bazel of those sources. For example, after
# ./bazelw build --config=release //:release:
#   sudo tests/packaging/install_release.sh bazel-bin/tools/build/dist/release
#
# Needs root, debootstrap and a Debian mirror (MIRROR); takes ten minutes, so no test of //... does it. BASE, a
# folder, keeps the empty Debian for the next run. The .NET SDK is the machine's; NUGET, a folder of packages,
# has those that ours depend on, else they come from nuget.org. ONLY=root or ONLY=bazel does one half.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
release=$(cd "$1" && pwd -P) base=${2:-}
work=$(mktemp -d)
root=$work/root
# Nothing stays mounted in the machine's own view.
if [[ -z ${INSTALL_RELEASE_UNSHARED:-} ]]; then
  rm -rf "$work"
  INSTALL_RELEASE_UNSHARED=1 exec unshare --mount-proc --pid --fork --propagation private "$0" "$@"
fi
trap 'umount -R "$root/usr/share/dotnet" "$root/dev/shm" "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"' EXIT

(cd "$release" && sha256sum --check --quiet SHA256SUMS)
version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$here/../../version.bzl")
readme=$here/../../README.md
# block LANGUAGE FILE: the first block of code of that language.
block() { awk -v start="\`\`\`$1" '/^```$/ { if (inside) exit } inside; $0 == start { inside = 1 }' "$2"; }

# What is installed in the empty Debian beside the release.
packages=(ca-certificates cmake default-jdk-headless g++ junit5 libicu72 libmaven-compiler-plugin-java
  libmaven-resources-plugin-java make maven pkg-config python3 python3-venv)

# Makes the folder an empty Debian with those packages. By apt, for debootstrap orders what it includes wrongly.
make_debian() {
  debootstrap --variant=minbase bookworm "$1" ${MIRROR:+"$MIRROR"}
  cp /etc/resolv.conf "$1/etc/resolv.conf"
  mount -t proc proc "$1/proc" # for Java
  chroot "$1" /usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    "${packages[@]}" && touch "$1/installed"
  umount "$1/proc"
  [[ -e $1/installed ]]
}

make_root() {
  local debian=${base:-$root}
  [[ -e $debian/installed ]] || make_debian "$debian" >"$work/log" 2>&1 || { tail "$work/log" && exit 1; }
  [[ $debian == "$root" ]] || cp -a "$debian" "$root"
  mkdir -p "$root/dev/shm" "$root/proc" "$root/work/cpp" "$root/work/java/src/main/java" "$root/work/csharp"
  mount -t tmpfs tmpfs "$root/dev/shm"
  mount -t proc proc "$root/proc"
  cp -R "$release" "$root/work/release"
}

write_programs() {
  local dotnet maven
  cp "$here/hello.c" "$root/work"
  cp "$here/hello.cc" "$root/work/cpp"
  cat >"$root/work/cpp/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(hello LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(interprocess 0.1 REQUIRED)
add_executable(hello hello.cc)
target_link_libraries(hello interprocess::interprocess)
END
  sed -n '/^## Python$/,/^## Bazel$/p' "$here/../../docs/install.md" | block sh - >"$root/work/pip.sh"
  cp "$here/Hello.java" "$root/work/java/src/main/java"
  maven=$(cd "$root/usr/share/maven-repo/org/apache/maven/plugins/maven-compiler-plugin" && echo 3.*.* | tr ' ' '\n' |
    sort -V | tail -n 1)
  cat >"$root/work/java/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hello</groupId>
  <artifactId>hello</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <repositories>
    <repository>
      <id>release</id>
      <url>file:///work/release/maven</url>
      <releases><checksumPolicy>fail</checksumPolicy></releases>
    </repository>
  </repositories>
  <dependencies>
    <dependency>
      <groupId>io.interprocess</groupId>
      <artifactId>interprocess</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>$maven</version>
      </plugin>
    </plugins>
  </build>
</project>
END
  # Maven's own plugins are Debian's.
  cat >"$root/work/java/settings.xml" <<'END'
<settings>
  <mirrors>
    <mirror><id>debian</id><mirrorOf>central</mirrorOf><url>file:///usr/share/maven-repo</url></mirror>
  </mirrors>
</settings>
END
  if dotnet=$(type -P dotnet); then
    dotnet=$(dirname "$(readlink -f "$dotnet")")
    mkdir -p "$root/usr/share/dotnet" "$root/work/nuget"
    mount --bind -o ro "$dotnet" "$root/usr/share/dotnet"
    [[ -z ${NUGET:-} ]] || cp -RL "$NUGET/." "$root/work/nuget"
    block csharp "$readme" >"$root/work/csharp/Program.cs"
    cat >"$root/work/csharp/nuget.config" <<END
<configuration>
  <packageSources>
    ${NUGET:+<clear />}
    <add key="interprocess" value="/work/release" />
    <add key="theirs" value="/work/nuget" />
  </packageSources>
</configuration>
END
  else
    echo "NOT TRIED: the NuGet packages, for there is no .NET SDK"
  fi
}

run_in_root() {
  cat >"$root/work/run.sh" <<'END'
set -euo pipefail
cd /work
fail() { echo "FAILED: $*"; exit 1; }
says_hello() { # WHAT COMMAND...
  local what=$1 output
  shift
  output=$("$@") || fail "$what: $output"
  [[ $output == hello ]] || fail "$what said: $output"
  echo "hello from $what"
}
! type bazel bazelisk 2>/dev/null || fail "there is a Bazel"

tar -xzf release/interprocess-*-linux-x86_64.tar.gz
prefix=$(echo "$PWD"/interprocess-*-linux-x86_64)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
gcc hello.c $(pkg-config --cflags --libs interprocess) -o hello
says_hello "C, with the tarball" ./hello
cmake -S cpp -B of_tarball -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build of_tarball >/dev/null
says_hello "C++ by CMake, with the tarball" of_tarball/hello
unset PKG_CONFIG_PATH LD_LIBRARY_PATH

dpkg -i release/*_amd64.deb >/dev/null
gcc hello.c $(pkg-config --cflags --libs interprocess) -o hello
says_hello "C by pkg-config, with Debian's packages" ./hello
g++ -std=c++17 cpp/hello.cc $(pkg-config --cflags --libs interprocess) -o hello_cc
says_hello "C++ by pkg-config, with Debian's packages" ./hello_cc
cmake -S cpp -B of_debian >/dev/null
cmake --build of_debian >/dev/null
says_hello "C++ by CMake, with Debian's packages" of_debian/hello
others=$(nm -D --defined-only /usr/lib/x86_64-linux-gnu/libinterprocess.so.0 | awk '$2 ~ /[B-Z]/ { print $NF }' |
  grep -v '^ipq_' || true)
[[ -z $others ]] || fail "the shared library exports $others"

ipq send numbers --message hello
says_hello "ipq" ipq recv numbers
[[ -s /usr/share/man/man1/ipq.1.gz || ! -d /usr/share/man/man1 ]] || fail "there is no man page of ipq"

# As the page prints it.
export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1
(cd release && bash -euo pipefail ../pip.sh >../log 2>&1) || fail "pip: $(cat log)"
[[ $(tail -n 1 log) == "$VERSION" ]] || fail "the wheel's version is $(tail -n 1 log)"
says_hello "Python, with pip in a virtual environment" release/venv/bin/python -c '
import interprocess
with interprocess.Publisher("greetings") as publisher, interprocess.Subscriber("greetings") as subscriber:
    publisher.put(b"hello")
    print(subscriber.get().decode())'

cd java
mvn --quiet --batch-mode --settings settings.xml -Dmaven.repo.local=/work/maven-local compile >../log 2>&1 ||
  fail "mvn: $(cat ../log)"
says_hello "Java, with Maven" java -cp "target/classes:$(find /work/maven-local -name 'interprocess-*.jar')" Hello
cd ..

if [[ -d /usr/share/dotnet/sdk ]]; then
  export PATH=/usr/share/dotnet:$PATH HOME=/work/home DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
  export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 NUGET_PACKAGES=/work/nuget-packages
  mkdir -p "$HOME"
  cd csharp
  mv Program.cs nuget.config ..
  dotnet new console --name hello --output . --no-update-check --no-restore >/dev/null
  mv ../Program.cs ../nuget.config .
  dotnet add package Interprocess >../log 2>&1 || fail "dotnet add package: $(cat ../log)"
  dotnet build --configuration Release --output out -p:UseSharedCompilation=false -nodeReuse:false -v quiet -nologo
  says_hello "C#, with NuGet" dotnet out/hello.dll
fi
END
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 VERSION="$version" \
    bash /work/run.sh
}

# A workspace and a module, each beside nothing but the release. Its sources are asked for by the address that
# they will have, and --distdir has them.
run_bazel() {
  local archive=$release/interprocess-$version.tar.gz sources=$work/interprocess-$version sum home program
  tar -C "$work" -xzf "$archive"
  sum=$(sha256sum <"$archive" | cut -d' ' -f1)
  home=$(sed -n 's/^HOME = "\(.*\)"$/\1/p' "$sources/version.bzl")
  mkdir "$work/workspace" "$work/module" "$work/queues"
  cp "$sources"/tests/packaging/consumer/* "$work/workspace"
  cp "$sources"/tests/packaging/consumer/* "$work/module"
  rm "$work/workspace/MODULE.bazel"
  sed -i '/^local_path_override/,/^)/d' "$work/module/MODULE.bazel"
  cat >"$work/workspace/WORKSPACE" <<END
load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")

http_archive(
    name = "interprocess",
    sha256 = "$sum",
    strip_prefix = "interprocess-$version",
    url = "$home/releases/download/v$version/interprocess-$version.tar.gz",
)

load("@interprocess//third_party:repositories.bzl", "interprocess_deps")

interprocess_deps()
END
  touch "$work/module/WORKSPACE"
  "$sources/tools/build/bzlmod/registry.sh" "$work/registry" "$sources/MODULE.bazel" "$work/module/MODULE.bazel"
  tar -C "$work/registry" -xzf "$release/interprocess-$version-registry.tar.gz"
  local common=(--distdir="$release" --noshow_progress --cxxopt=-std=c++17 --host_cxxopt=-std=c++17)
  for program in workspace module; do
    local flags=(--noenable_bzlmod)
    if [[ $program == module ]]; then
      flags=(--enable_bzlmod --noenable_workspace --registry="file://$work/registry" --lockfile_mode=off)
    fi
    cd "$work/$program"
    "$sources/bazelw" --output_base="$work/output_base" build "${flags[@]}" "${common[@]}" //:hello
    [[ $(bazel-bin/hello "$work/queues") == "received: hello" ]]
    echo "hello from C++, built by Bazel as a $program"
    "$sources/bazelw" --output_base="$work/output_base" shutdown
  done
  chmod -R u+w "$work/output_base"
}

if [[ ${ONLY:-root} == root ]]; then
  make_root
  write_programs
  run_in_root
fi
if [[ ${ONLY:-bazel} == bazel ]]; then run_bazel; fi
echo "ok"
