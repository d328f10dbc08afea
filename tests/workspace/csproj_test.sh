#!/usr/bin/env bash
# csproj_test.sh PROJECT SOURCE...: the sources that Bazel compiles are those that the project names,
# whose patterns are taken as the shell's, and its packages have the versions of the lock file.
set -euo pipefail

project=$1
shift
folder=$(dirname "$project")
mapfile -t patterns < <(sed -n 's/.*<Compile Include="\([^"$]*\)".*/\1/p' "$project")
((${#patterns[@]})) || { echo "$project compiles nothing"; exit 1; }
for pattern in "${patterns[@]}"; do
  # shellcheck disable=SC2086 # a pattern
  ls $folder/$pattern
done | sort >"$TEST_TMPDIR/project"
printf '%s\n' "$@" | grep '\.cs$' | grep -v '^bindings/swig/' | sort >"$TEST_TMPDIR/bazel"
diff -u "$TEST_TMPDIR/bazel" "$TEST_TMPDIR/project"

# Of one framework: others may have it through another package, at its version.
sed -n 's/.*<PackageReference Include="\([^"]*\)" Version="\([^"]*\)".*/\1 \2/p' "$project" |
  while read -r name version; do
    resolved=$(grep -A3 "^      \"$name\": {" third_party/nuget/packages.lock.json |
      sed -n 's/.*"resolved": "\(.*\)".*/\1/p' || true)
    [[ -z $resolved ]] || grep -qx "$version" <<<"$resolved" ||
      { echo "$project has $name $version, the lock file" $resolved; exit 1; }
  done
