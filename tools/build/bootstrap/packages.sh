#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# packages.sh DEST: unpacks the packages named in debian_packages.txt below DEST, from the machine's
# own suite. DEST appears by a rename at the end.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=tools/build/bootstrap/common.sh
. "$root/tools/build/bootstrap/common.sh"

dest=$1
mapfile -t packages < <(read_list "$root/tools/build/bootstrap/debian_packages.txt")
partial=$cache/work/system
rm -rf "$partial"
system_apt
apt_unpack "$system_apt_dir" "$partial" "${packages[@]}" ||
  die "this machine's suite lacks a package of tools/build/bootstrap/debian_packages.txt: $own_bazel."
mkdir -p "$(dirname "$dest")"
mv -T "$partial" "$dest"
