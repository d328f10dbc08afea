#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# format.sh BUILDIFIER JAVA_FORMAT JAVA [--check] [FILE...]: formats the tracked files of the checkout
# (or those named), or with --check only names those that a formatter would change, and fails. A
# formatter that the machine lacks is named, and its files are left as they are.
set -euo pipefail

buildifier=$(readlink -f "$1") java_format=$(readlink -f "$2") java=$(readlink -f "$3")
# `bazel run` says where the checkout is; a test finds it behind the links of its runfiles.
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "$(readlink -f WORKSPACE)")}"
shift 3
check=
clang_flags=(-i) buildifier_flags=() java_flags=(--replace) dotnet_flags=()
if [[ ${1:-} == --check ]]; then
  check=1
  clang_flags=(--dry-run -Werror) buildifier_flags=(-mode=check) java_flags=(--dry-run)
  dotnet_flags=(--verify-no-changes)
  shift
fi
files=("$@")
((${#files[@]})) || mapfile -t files < <(git ls-files --cached --others --exclude-standard)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

# matching PATTERN: those of the files whose path matches, that exist, and that are ours to format.
matching() {
  local file
  for file in "${files[@]}"; do
    if [[ $file =~ $1 && -f $file && $file != tests/interop/images/* ]]; then
      echo "$file"
    fi
  done
}

# with NAME PATTERN COMMAND...: the command over the files that match. It prints what it would change.
with() {
  local name=$1 list
  mapfile -t list < <(matching "$2")
  shift 2
  ((${#list[@]})) || return 0
  if ! "$@" "${list[@]}" >"$log" 2>&1 || { [[ $check ]] && [[ -s $log ]]; }; then
    echo "$name, ${#list[@]} files:"
    grep -E 'error: code should be|reformat|^[^ ]+\.java$' "$log" | sed 's/:[0-9].*//' | sort -u | head -50 ||
      head -20 "$log"
    failed=1
  fi
}

if clang=$(type -P clang-format-14); then
  with clang-format '\.(cc|h|c)$' "$clang" --style=file "${clang_flags[@]}"
else
  echo "no clang-format-14 on the PATH: C++ is left as it is"
fi
with buildifier '(^|/)(BUILD|WORKSPACE|MODULE\.bazel|[^/]*\.(bzl|BUILD))$' \
  "$buildifier" -lint=off "${buildifier_flags[@]}"
with google-java-format '\.java$' \
  "$java" -jar "$java_format" "${java_flags[@]}"
if dotnet=$(type -P dotnet); then
  for folder in bindings/csharp examples/csharp tests/csharp benchmarks/csharp tests/interop/csharp; do
    DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 "$dotnet" format whitespace "$folder" --folder \
      "${dotnet_flags[@]}" >"$log" 2>&1 || {
      sed 's/^/dotnet format: /' "$log" | head -20
      failed=1
    }
  done
else
  echo "no dotnet on the PATH: C# is left as it is"
fi
if ((failed)); then
  echo "run: ./bazelw run //:format"
  exit 1
fi
