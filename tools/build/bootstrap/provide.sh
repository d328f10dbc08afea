#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# provide.sh DEST: makes the folder DEST with `bazel`, ready for this checkout: a private Bazel, the
# packages and the source archives it needs. bazelw runs it once per state of the pins.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=tools/build/bootstrap/common.sh
. "$root/tools/build/bootstrap/common.sh"

dest=$1
check_machine
mkdir -p "$cache/work" || die "cannot write to $cache: name another folder with INTERPROCESS_CACHE."
exec 9>"$cache/lock"
if ! flock --nonblock 9; then
  say "waiting for another bazelw to finish"
  flock 9
fi
[[ ! -x $dest/bazel ]] || exit 0

# Package lists age; what an interrupted run has downloaded by them is kept.
rm -rf "$cache"/work/apt-*

deps=$root/tools/build/bootstrap
system_root=$cache/system/$(hash_of "$deps/debian_packages.txt")
prefix=$cache/bazel/$bazel_version-$(hash_of "$deps/bazel.sh")
archives=$cache/archives

[[ -d $system_root ]] || "$deps/packages.sh" "$system_root"
[[ -x $prefix/bin/bazel ]] || "$deps/bazel.sh" "$prefix" "$system_root"
mapfile -t overridden < <(sed -n 's/^common --override_repository=\([^=]*\)=.*/\1/p' "$prefix/bazelrc")
"$deps/archives.sh" "$archives" "${overridden[@]}"

partial=$cache/work/ready
rm -rf "$partial"
mkdir -p "$partial" "$(dirname "$dest")"
{
  echo "import $prefix/bazelrc"
  echo "common --repo_env=INTERPROCESS_SYSTEM_ROOT=$system_root"
  while read -r _ sha256 _; do
    [[ ! -d $archives/$sha256 ]] || echo "common --distdir=$archives/$sha256"
  done < <("$deps/list_archives.sh")
  # Fresh checkouts and other output bases start from what was built before.
  echo "build --disk_cache=$cache/disk --experimental_disk_cache_gc_max_size=8G"
  # Bazel's sandbox hides the temporary folder: it may not when the tools themselves are there.
  [[ $cache/ != /tmp/* ]] || echo "build --noincompatible_sandbox_hermetic_tmp"
} >"$partial/bazelrc"
cat >"$partial/bazel" <<SH
#!/bin/sh
exec '$prefix/bin/bazel' --bazelrc='$dest/bazelrc' "\$@"
SH
chmod +x "$partial/bazel"
rm -rf "$dest"
mv -T "$partial" "$dest"
rm -rf "$cache/work"
say "ready; all of it is in $cache"
