#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# source.sh WORKSPACE MODULE VERSION HOME MAINTAINER SOURCE REGISTRY: writes the sources of the commit
# that the checkout of WORKSPACE has out to SOURCE, and to REGISTRY what a registry of Bazel modules
# has of them. The same commit gives the same bytes.
set -euo pipefail

checkout=$(dirname "$(readlink -f "$1")") module=$2 version=$3 home=$4 maintainer=$5 source=$6 registry=$7
commit=$(sed -n 's/^STABLE_INTERPROCESS_COMMIT \([0-9a-f]*\).*/\1/p' bazel-out/stable-status.txt 2>/dev/null || true)
[[ -n $commit ]] || { echo "source.sh: no commit is known: build with --config=release" >&2 && exit 1; }

git -c safe.directory="$checkout" -C "$checkout" archive --format=tar --prefix="interprocess-$version/" "$commit" |
  gzip -9n >"$source"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
entry=$work/modules/interprocess/$version
mkdir -p "$entry"
cp "$module" "$entry/MODULE.bazel"
cat >"$entry/source.json" <<END
{
    "url": "$home/releases/download/v$version/interprocess-$version.tar.gz",
    "integrity": "sha256-$(openssl dgst -sha256 -binary "$source" | base64 -w0)",
    "strip_prefix": "interprocess-$version"
}
END
cat >"$entry/presubmit.yml" <<'END'
# What the registry builds. tests/packaging/consumer is a module that depends on this one.
matrix:
  platform: ["debian11", "ubuntu2204", "ubuntu2204_arm64"]
  bazel: ["7.x"]
tasks:
  verify_targets:
    name: "Build the library"
    platform: ${{ platform }}
    bazel: ${{ bazel }}
    build_flags: ["--cxxopt=-std=c++17", "--host_cxxopt=-std=c++17"]
    build_targets: ["@interprocess", "@interprocess//bindings/c"]
bcr_test_module:
  module_path: "tests/packaging/consumer"
  matrix:
    platform: ["debian11", "ubuntu2204", "ubuntu2204_arm64"]
    bazel: ["7.x"]
  tasks:
    run_test_module:
      name: "Build a program that uses it"
      platform: ${{ platform }}
      bazel: ${{ bazel }}
      build_flags: ["--cxxopt=-std=c++17", "--host_cxxopt=-std=c++17"]
      build_targets: ["//:hello"]
END
cat >"$work/modules/interprocess/metadata.json" <<END
{
    "homepage": "$home",
    "maintainers": [
        {"name": "${maintainer%% <*}", "email": "$(sed 's/.*<\(.*\)>/\1/' <<<"$maintainer")"}
    ],
    "repository": ["${home/#https:\/\/github.com\//github:}"],
    "versions": ["$version"],
    "yanked_versions": {}
}
END
tar -C "$work" --sort=name --mtime=@315532800 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
  -cf - modules | gzip -9n >"$registry"
