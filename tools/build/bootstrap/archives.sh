#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# archives.sh DEST SKIP...: brings the archives pinned in archives.bzl, but those named SKIP, to
# DEST/<sha256>/<file name>, from Debian's source packages. Many of these hold upstream's own
# archive; which do is decided by the pinned sha256 alone.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=tools/build/bootstrap/common.sh
. "$root/tools/build/bootstrap/common.sh"

dest=$1
shift
skip=" $* "
suites=${INTERPROCESS_SOURCE_SUITES:-bookworm trixie forky sid}
apt_helper=/usr/lib/apt/apt-helper

# The source packages' files of all suites, as "sha256 size path".
index() {
  local suite
  for suite in $suites; do
    suite_apt "$suite" deb-src || continue
    # shellcheck disable=SC2016
    apt-get -c "$suite_apt_dir/apt.conf" indextargets --format '$(FILENAME)' 'Created-By: Sources' |
      xargs "$apt_helper" cat-file |
      awk '
        /^[^ ]/ { in_sums = $1 == "Checksums-Sha256:" }
        $1 == "Directory:" { folder = $2 }
        in_sums && NF == 3 { sums[n++] = $1 " " $2; names[n] = $3 }
        /^$/ { flush_entry() }
        END { flush_entry() }
        function flush_entry(i) {
          for (i = 0; i < n; i++) print sums[i], folder "/" names[i + 1]
          n = 0
        }'
  done
}

missing=()
while read -r name sha256 url _; do
  [[ $skip == *" $name "* || -e $dest/$sha256/${url##*/} ]] || missing+=("$name $sha256 $url")
done < <("$root/tools/build/bootstrap/list_archives.sh")
((${#missing[@]})) || exit 0

mkdir -p "$cache/work" "$dest"
say "looking for ${#missing[@]} source archives"
debian_uri
index >"$cache/work/sources"
lost=()
for entry in "${missing[@]}"; do
  read -r name sha256 url <<<"$entry"
  read -r _ size path < <(grep -m1 "^$sha256 " "$cache/work/sources") || {
    lost+=("$name ($url)")
    continue
  }
  say "downloading $name, $(megabytes "$size")"
  mkdir -p "$cache/work/archive"
  if quietly "$apt_helper" -c "$suite_apt_dir/apt.conf" download-file \
    "$debian_uri/$path" "$cache/work/archive/${url##*/}" "SHA256:$sha256" &&
    sha256sum --check --status <<<"$sha256  $cache/work/archive/${url##*/}"; then
    rm -rf "${dest:?}/$sha256"
    mv -T "$cache/work/archive" "$dest/$sha256"
  else
    die "the download stopped: run this again, what came is kept."
  fi
done
rm -f "$cache/work/sources"

if ((${#lost[@]})); then
  say "not found in Debian's suites ($suites) with the pinned sha256, so Bazel will try the network:"
  for entry in "${lost[@]}"; do say "  $entry"; done
fi
