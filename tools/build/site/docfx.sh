#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docfx.sh OUT DOTNET A_PACKAGE ASSEMBLY DOCUMENTATION: the archive OUT with the reference of the
# assembly. A_PACKAGE is docfx's package where NuGet has put it. What it warns of is an error; the
# compiler refuses names without comments.
set -euo pipefail
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_HOME

out=$PWD/$1 dotnet=$2 package=$(dirname "$(readlink -f "$3")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DOTNET_CLI_HOME=$work
cp -L "$4" "$5" "$work"
cd "$work"

cat >docfx.json <<END
{
  "metadata": [{"src": [{"files": ["Interprocess.dll"]}], "output": "api"}],
  "build": {
    "content": [{"files": ["api/*.yml", "index.md", "toc.yml"]}],
    "output": "out",
    "template": ["statictoc"],
    "globalMetadata": {"_appTitle": "Interprocess for C#", "_disableContribution": true}
  }
}
END
echo '- name: Interprocess
  href: api/' >toc.yml
echo '# Interprocess for C#

Begin with [IPublisher](xref:Interprocess.IPublisher), [ISubscriber](xref:Interprocess.ISubscriber) and
[QueueOptions](xref:Interprocess.QueueOptions).' >index.md
"$dotnet" exec "$package/tools/net10.0/any/docfx.dll" docfx.json --warningsAsErrors >log 2>&1 ||
  { cat log && exit 1; }
[[ -f out/api/Interprocess.IPublisher.html ]] || { cat log && exit 1; }
find out -name '*.map' -delete
rm -f out/manifest.json out/xrefmap.yml
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C out -cf "$out" .
