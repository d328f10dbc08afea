#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# build.sh MANIFEST VERSION OUT: the site in OUT/VERSION, with OUT/index.html that leads there. The
# manifest's lines api/NAME name archives: the reference that goes into api/NAME.
set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 SOURCE_DATE_EPOCH=0

manifest=$1 version=$2 out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# file PATH: where the manifest says that it is.
file() { awk -F'\t' -v path="$1" '$1 == path { print $2 }' "$manifest"; }

mkdir "$work/theme" "$work/pages"
cp "$(file tools/build/site/theme/main.html)" "$work/theme"
python3 "$(file tools/build/site/stage.py)" "$manifest" "$version" "$work"
mkdir -p "$work/pages/assets"
cp "$(file tools/build/site/site.css)" "$(file tools/build/site/icon.svg)" "$work/pages/assets"
cp "$(file iframe_worker.js)" "$work/pages/assets/iframe_worker.js"

while IFS=$'\t' read -r path archive; do
  [[ $path == api/* ]] || continue
  mkdir -p "$work/pages/$path"
  if [[ $archive == *.jar ]]; then
    python3 -m zipfile -e "$archive" "$work/pages/$path"
  else
    tar -C "$work/pages/$path" -xf "$archive"
  fi
done <"$manifest"
python3 "$(file tools/build/site/back_links.py)" "$work/pages"
# The licences of Javadoc's scripts are no pages.
find "$work/pages/api" -name '*.md' -exec sh -c 'mv "$1" "${1%.md}.txt"' sh {} \;

site=$out/$version
python3 -m mkdocs build --strict -f "$work/mkdocs.yml" -d "$PWD/$site" >"$work/log" 2>&1 ||
  { cat "$work/log" && exit 1; }
rm "$site"/{404.html,sitemap.xml,sitemap.xml.gz}
find "$site" -name '*.map' -delete
{
  printf 'var __search = {index: Promise.resolve('
  cat "$site/search/search_index.json"
  printf ')}\n'
} >"$site/search/search_index.js"

cat >"$out/index.html" <<END
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=$version/index.html">
<title>Interprocess</title>
<a href="$version/index.html">Interprocess $version</a>
</html>
END
