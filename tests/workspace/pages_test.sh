#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every relative link in the pages leads to a file, and to a heading where it names one; docs/README.md
# lists every page of docs; prose has at most 100 columns.
set -euo pipefail

cd "$(dirname "$(readlink -f WORKSPACE)")"
mapfile -t pages < <(git ls-files '*.md' | grep -v '^\.github/')
((${#pages[@]} > 10)) || { echo "FAILED: only ${#pages[@]} pages found" && exit 1; }
failures=0
links=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# anchors FILE: the fragments of its headings, as GitHub makes them.
anchors() {
  sed -n 's/^#\{1,6\} \(.*\)$/\1/p' "$1" | tr '[:upper:]' '[:lower:]' |
    sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g'
}

for page in "${pages[@]}"; do
  while IFS= read -r link; do
    [[ $link != *://* && $link != mailto:* ]] || continue
    links=$((links + 1))
    target=${link%%#*} fragment=
    [[ $link != *#* ]] || fragment=${link#*#}
    if [[ $target ]]; then target=$(dirname "$page")/$target; else target=$page; fi
    if [[ ! -e $target ]]; then
      fail "$page: no $target"
    elif [[ $fragment && -f $target ]] && ! anchors "$target" | grep -qxF -- "$fragment"; then
      fail "$page: $target has no heading for #$fragment"
    fi
  done < <(grep -oE '\]\([^) ]+\)' "$page" | sed -e 's/^](//' -e 's/)$//')
done
((links > 30)) || fail "only $links links found"

for page in docs/*.md docs/recipes/*.md; do
  [[ $page == docs/README.md ]] || grep -qF "](${page#docs/})" docs/README.md ||
    fail "docs/README.md does not list $page"
done

# Tables, code and lines with a link may be longer: they cannot be broken.
while IFS= read -r long; do
  fail "$long: more than 100 columns"
done < <(git ls-files '*.md' | LC_ALL=C xargs awk '
  FNR == 1 { code = 0 }
  /^ *```/ { code = !code }
  !code && length > 100 && !/^\|/ && !/\]\(|https?:/ { print FILENAME ":" FNR }')

((!failures))
