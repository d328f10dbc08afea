#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# nuget_consumer_test.sh CONSUMER README CONSUMERS THEIRS PROJECT_README SUITE MAIN PACKAGE...: a
# program that knows the NuGet packages only, restored from a folder. THEIRS is a file in the folder of
# the packages that ours depend on; SUITE, with the files that begin with its name and MAIN, is a
# program of tests for the original.
set -euo pipefail

consumer=$1 readme=$PWD/$2 consumers=$3 theirs=$4 project_readme=$PWD/$5 suite=$6 main=$7
compiler=$(readlink -f "${AOT_PACKAGE:-.}")
shift 7
work=$TEST_TMPDIR/work
mkdir -p "$work/ours" "$TEST_TMPDIR/temp"
cp -RL "$consumers/." "$work"
chmod -R u+w "$work"
cp -L "$@" "$work/ours"
cp -L "${suite%.cs}"*.cs "$main" "$work/suite"
# <packages>/<id>/<version>/<file>
ln -s "$(dirname "$(dirname "$(dirname "$(readlink -f "$theirs")")")")" "$work/theirs"

export HOME=$TEST_TMPDIR/home NUGET_PACKAGES=$TEST_TMPDIR/packages TMPDIR=$TEST_TMPDIR/temp
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
mkdir -p "$HOME"
cd "$work"

add_ours() {
  dotnet nuget add source "$work/ours" --name interprocess --configfile NuGet.config >"$TEST_TMPDIR/log"
}

build() {
  (cd "$work/$1" && dotnet build --configuration Release --output "$work/$1/out" \
    -p:UseSharedCompilation=false -nodeReuse:false -v quiet -nologo)
}

fail() {
  echo "$1"
  exit 1
}

has() { # TEXT WHAT
  grep -qF "$2" <<<"$1" || fail "no '$2' in: $1"
}

program_of() { # README
  sed -n '/^```csharp$/,/^```$/p' "$1" | sed '1d;/^```$/,$d'
}

plain() {
  # The commands of the README, then the program of both READMEs, as it stands there.
  dotnet new console -o plain --no-update-check >"$TEST_TMPDIR/log" || fail "$(cat "$TEST_TMPDIR/log")"
  mkdir -p bazel-bin/bindings
  ln -s "$work/ours" bazel-bin/bindings/csharp
  config_of() { sed -n '/^cat >nuget.config <<END$/,/^END$/p' "$1"; }
  (cd plain && OLDPWD=$work && eval "$(config_of "$project_readme")")
  (cd plain && dotnet add package Interprocess) >"$TEST_TMPDIR/log" || fail "$(cat "$TEST_TMPDIR/log")"
  program_of "$readme" >plain/Program.cs
  program_of "$project_readme" | cmp - plain/Program.cs
  build plain
  output=$(dotnet "$work/plain/out/plain.dll")
  [[ $output == hello ]] || fail "the README's program printed: $output"

  # The same program with the assembly for netstandard2.0, as older runtimes take it.
  package=$(ls -d "$NUGET_PACKAGES"/interprocess/*/)
  cp "$package/lib/netstandard2.0/Interprocess.dll" "$work/plain/out/Interprocess.dll"
  [[ -e $work/plain/out/runtimes/linux-x64/native/libinterprocess_csharp.so ]] ||
    fail "the build did not copy the native library"
  output=$(dotnet "$work/plain/out/plain.dll")
  [[ $output == hello ]] || fail "with netstandard2.0 it printed: $output"

  # Without the native library the error names each place, and why it was none.
  cp "$package/lib/net10.0/Interprocess.dll" "$work/plain/out/Interprocess.dll"
  native=$work/plain/out/runtimes/linux-x64/native/libinterprocess_csharp.so
  mv "$native" "$work/libinterprocess_csharp.so"
  fails "without a native library" "$work/plain/out/libinterprocess_csharp.so: no such file" "$native: no such file" \
    "not in the places where .NET looks" INTERPROCESS_NATIVE_LIBRARY

  # One for another processor, in the package's place and in the one that the variable names.
  wrong=$work/wrong.so
  printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\267\0' >"$wrong"
  cp "$wrong" "$native"
  fails "with one for another processor" "$work/plain/out/libinterprocess_csharp.so: no such file" "$native: "
  export INTERPROCESS_NATIVE_LIBRARY=$wrong
  fails "with a chosen one for another processor" "$wrong: "
  INTERPROCESS_NATIVE_LIBRARY=$work/missing.so
  fails "with a chosen one that is missing" "$work/missing.so: no such file"
  INTERPROCESS_NATIVE_LIBRARY=$(ldd "$(type -P bash)" | awk '/libc[.]so/ { print $3 }')
  fails "with the C library" "$INTERPROCESS_NATIVE_LIBRARY: not the library of this package"
  INTERPROCESS_NATIVE_LIBRARY=$work/libinterprocess_csharp.so
  output=$(dotnet "$work/plain/out/plain.dll")
  [[ $output == hello ]] || fail "with a chosen library it printed: $output"
}

fails() { # WHEN TEXT...: the program ends with an error that has each text
  local when=$1 text
  output=$(dotnet "$work/plain/out/plain.dll" 2>&1) && fail "it ran $when"
  shift
  for text in DllNotFoundException "$@"; do
    has "$output" "$text"
  done
}

# Programs for the original, unchanged: what its documentation shows, and a suite of tests.
cloudtoid() {
  add_ours
  build cloudtoid
  output=$(dotnet "$work/cloudtoid/out/cloudtoid.dll")
  echo "$output"
  for text in "without: 010203" "with: 010203" "protocol: CloudtoidV2, path: $TMPDIR"; do
    has "$output" "$text"
  done

  build suite
  output=$(dotnet "$work/suite/out/suite.dll" -nologo -nocolor) || fail "$output"
  echo "$output"
  grep -qE 'Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0' <<<"$output" || fail "not all passed"
}

# In a program that knows nothing of the packages: a plugin, and a task of MSBuild.
plugin() {
  add_ours
  build plugin
  build host
  local library=runtimes/linux-x64/native/libinterprocess_csharp.so
  [[ -e plugin/out/$library ]] || fail "the plugin has no $library"
  talk_everywhere "as it is built"
  mv "plugin/out/$library" plugin/out/
  talk_everywhere "with the library beside it"
  mv plugin/out/libinterprocess_csharp.so .
  output=$(talk LoadFrom 2>&1) && fail "it ran without the library"
  for place in plugin/out/libinterprocess_csharp.so "plugin/out/$library" host/out/libinterprocess_csharp.so \
    "host/out/$library"; do
    has "$output" "$work/$place: no such file"
  done
}

talk() { # HOW
  dotnet host/out/host.dll "$1" "$work/plugin/out/plugin.dll" "$TEST_TMPDIR/temp"
}

talk_everywhere() { # WHEN
  local how
  for how in LoadFrom context collectible-context default-context; do
    output=$(talk "$how" 2>&1) || fail "$1, $how: $output"
    [[ $output == hello ]] || fail "$1, $how: $output"
  done
  output=$(dotnet msbuild task/task.proj -nologo -nodeReuse:false -p:Plugin="$work/plugin/out/plugin.dll" \
    -p:Directory="$TEST_TMPDIR/temp") || fail "$1, a task: $output"
  has "$output" "The task says hello."
}

# Compiled ahead of time, without a warning.
aot() {
  add_ours
  ln -s "$(dirname "$(dirname "$(dirname "$compiler")")")" "$work/compiler"
  dotnet nuget add source "$work/compiler" --name compiler --configfile NuGet.config >"$TEST_TMPDIR/log"
  dotnet publish aot --output "$work/aot/out" -nodeReuse:false -v quiet -nologo
  [[ ! -e $work/aot/out/aot.dll ]] || fail "it is not compiled ahead of time"
  output=$("$work/aot/out/aot" "$TEST_TMPDIR/temp")
  [[ $output == $'1\n2\n3\n4\nHealthy' ]] || fail "it printed: $output"

  # In a single file, with the library beside it or inside.
  dotnet new console -o single --no-update-check >"$TEST_TMPDIR/log" || fail "$(cat "$TEST_TMPDIR/log")"
  (cd single && dotnet add package Interprocess) >"$TEST_TMPDIR/log" || fail "$(cat "$TEST_TMPDIR/log")"
  program_of "$readme" >single/Program.cs
  for inside in false true; do
    dotnet publish single --output "$work/single/$inside" --runtime linux-x64 --no-self-contained \
      -p:PublishSingleFile=true -p:DisableTransitiveFrameworkReferenceDownloads=true \
      -p:IncludeNativeLibrariesForSelfExtract=$inside -nodeReuse:false -v quiet -nologo
    [[ ! -e single/$inside/Interprocess.dll ]] || fail "it is no single file"
    output=$(DOTNET_ROOT=$(dirname "$(readlink -f "$(type -P dotnet)")") "$work/single/$inside/single")
    [[ $output == hello ]] || fail "the single file (library inside: $inside) printed: $output"
  done
}

"$consumer"
