#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The words that docs/glossary.md retires are gone.
set -euo pipefail
cd "$(dirname "$(readlink -f MODULE.bazel)")"

failures=0
words=0
while read -r word; do
  words=$((words + 1))
  if found=$(grep -rnwF --include='*' -e "$word" core bindings tools docs | grep -v '^docs/glossary\.md:'); then
    echo "FAILED: '$word' is retired (docs/glossary.md):"
    echo "$found"
    failures=$((failures + 1))
  fi
done < <(sed -n '/^## Retired words/,$ s/^| `\([^`]*\)`.*/\1/p' docs/glossary.md)

((words > 5)) || { echo "FAILED: read $words retired words only" && exit 1; }
((failures == 0))
