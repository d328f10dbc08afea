#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Pages show what stands in the tested sources, and no source has a part that no page shows.
set -euo pipefail

cd "$(dirname "$(readlink -f WORKSPACE)")"
mapfile -t pages < <(find docs -name '*.md')
python3 tools/build/site/snippets.py --check "${pages[@]}"

failures=0
for source in examples/recipes/*; do
  while read -r part; do
    grep -qxF -- "<!-- from $source $part -->" "${pages[@]}" ||
      { echo "FAILED: no page shows the part $part of $source" && failures=$((failures + 1)); }
  done < <(sed -n 's/^ *[#/]* \[\([a-z_]*\)\]$/\1/p' "$source" | grep -vx end)
done

# The texts that the page of symptoms lists are those that the library and ipq print.
texts=0
while IFS= read -r text; do
  texts=$((texts + 1))
  grep -rqF --include='*.cc' -- "$text" core bindings tools/ipq ||
    { echo "FAILED: nothing prints '$text' (docs/faq.md)" && failures=$((failures + 1)); }
done < <(sed -n '/^## Texts as printed/,/^## What happens/ s/^| `\([^`]*\)`.*/\1/p' docs/faq.md)
((texts > 10)) || { echo "FAILED: read $texts texts only" && exit 1; }
((failures == 0))
