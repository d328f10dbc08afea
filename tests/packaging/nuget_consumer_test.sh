#!/usr/bin/env bash
# nuget_consumer_test.sh CONSUMER README CONSUMERS THEIRS PROJECT_README PACKAGE...: a program that knows the
# NuGet packages only, restored from a folder. THEIRS is a file in the folder of the packages that
# ours depend on.
set -euo pipefail

consumer=$1 readme=$2 consumers=$3 theirs=$4 project_readme=$5
shift 5
work=$TEST_TMPDIR/work
mkdir -p "$work/ours" "$TEST_TMPDIR/temp"
cp -RL "$consumers/." "$work"
cp -L "$@" "$work/ours"
# <packages>/<id>/<version>/<file>
ln -s "$(dirname "$(dirname "$(dirname "$(readlink -f "$theirs")")")")" "$work/theirs"

export HOME=$TEST_TMPDIR/home NUGET_PACKAGES=$TEST_TMPDIR/packages TMPDIR=$TEST_TMPDIR/temp
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
mkdir -p "$HOME"

build() {
  (cd "$work/$1" && dotnet build --configuration Release --output "$work/$1/out" \
    -p:UseSharedCompilation=false -nodeReuse:false -v quiet -nologo)
}

fail() {
  echo "$1"
  exit 1
}

plain() {
  # The program of both READMEs, as it stands there.
  program_of() { sed -n '/^```csharp$/,/^```$/p' "$1" | sed '1d;/^```$/,$d'; }
  program_of "$readme" >"$work/plain/Program.cs"
  program_of "$project_readme" | cmp - "$work/plain/Program.cs"
  build plain
  output=$(dotnet "$work/plain/out/plain.dll")
  [[ $output == hello ]] || fail "the README's program printed: $output"

  # The same program with the assembly for netstandard2.0, as older runtimes take it.
  package=$(ls -d "$NUGET_PACKAGES"/interprocess/*/)
  cp "$package/lib/netstandard2.0/Interprocess.dll" "$work/plain/out/Interprocess.dll"
  [[ -e $work/plain/out/runtimes/linux-x64/native/libinterprocess.so ]] ||
    fail "the build did not copy the native library"
  output=$(dotnet "$work/plain/out/plain.dll")
  [[ $output == hello ]] || fail "with netstandard2.0 it printed: $output"

  # Without the native library the error names each place.
  rm "$work/plain/out/runtimes/linux-x64/native/libinterprocess.so"
  cp "$package/lib/net10.0/Interprocess.dll" "$work/plain/out/Interprocess.dll"
  output=$(dotnet "$work/plain/out/plain.dll" 2>&1) && fail "it ran without a native library"
  for text in DllNotFoundException "$work/plain/out/libinterprocess.so" INTERPROCESS_NATIVE_LIBRARY; do
    grep -qF "$text" <<<"$output" || fail "no $text in: $output"
  done

  # Of another architecture.
  printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\267\0' >"$work/wrong.so"
  output=$(INTERPROCESS_NATIVE_LIBRARY=$work/wrong.so dotnet "$work/plain/out/plain.dll" 2>&1) &&
    fail "it ran with a wrong native library"
  grep -qF "$work/wrong.so" <<<"$output" || fail "no $work/wrong.so in: $output"
}

# A program for the original, unchanged.
cloudtoid() {
  build cloudtoid
  output=$(dotnet "$work/cloudtoid/out/cloudtoid.dll")
  echo "$output"
  for text in "without: 010203" "with: 010203" "protocol: CloudtoidV2, path: $TMPDIR"; do
    grep -qF "$text" <<<"$output" || fail "no '$text' in: $output"
  done
}

"$consumer"
