#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# bzlmod_consumer_test.sh [--build]: the workspace consumer/ depends on this one as a module. The registry is
# a folder that is made here, of the pinned archives and of what this machine's Bazel has of Bazel's own
# modules, so no network is needed. Loads and analyses the program and @interprocess; with --build builds and runs it too, which
# takes minutes, for a module's paths differ from those of other builds.
set -euo pipefail

checkout=$(dirname "$(readlink -f WORKSPACE)")
consumer=$TEST_TMPDIR/consumer
registry=$TEST_TMPDIR/registry
pins=$checkout/third_party/archives.bzl
mkdir -p "$consumer" "$registry"
echo '{}' >"$registry/bazel_registry.json"

cp -fL tests/packaging/consumer/* "$consumer"
cat >"$consumer/MODULE.bazel" <<END
module(name = "consumer")
bazel_dep(name = "abseil-cpp", version = "$(sed -n 's/.*"abseil-cpp", version = "\(.*\)".*/\1/p' "$checkout/MODULE.bazel")")
bazel_dep(name = "interprocess", version = "$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$checkout/version.bzl")")
bazel_dep(name = "rules_cc", version = "0.1.1")
local_path_override(module_name = "interprocess", path = "$checkout")
END
cd "$consumer"

# As a user calls it: this checkout's bazelw, which finds or provides a Bazel, from another workspace.
unset INTERPROCESS_BAZEL
bazel() {
  "$checkout/bazelw" --output_base="$TEST_TMPDIR/output_base" --max_idle_secs=5 "$@"
}
trap 'bazel shutdown' EXIT

# The modules that `bazel_dep`s in the files name, as "name version".
deps_of() {
  sed -nE '/dev_dependency/d; s/^bazel_dep\(name = "([^"]*)", *version = "([^"]*)".*/\1 \2/p' "$@"
}

# Where this Bazel has what it calls NAME; empty if it brings it from a registry as usual.
bazelrc=$(for file in "${INTERPROCESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/interprocess}"/bazel/*/bazelrc; do
  echo "$file"
done | tail -n 1)
local_of() { sed -n "s/^common --override_repository=$1=//p" "$bazelrc" 2>/dev/null; }
if [[ -z $(local_of rules_cc) ]]; then
  echo "SKIPPED: this Bazel has no modules of its own; it takes them from the network"
  trap - EXIT
  exit 0
fi

archive_of() { # NAME: its sha256 and URL, if it is pinned
  "$checkout/tools/build/bootstrap/list_archives.sh" "$pins" | awk -v name="$1" '$1 == name { print $2, $3 }'
}

# Puts a module to the registry, with the modules that it needs.
add() { # NAME VERSION
  local entry=$registry/modules/$1/$2 sha256 url folder name needs=()
  [[ -d $entry ]] && return
  mkdir -p "$entry"
  folder=$(local_of "$1")
  read -r sha256 url < <(archive_of "$1") || true
  echo "module(name = \"$1\", version = \"$2\")" >"$entry/MODULE.bazel"
  if [[ $1 == abseil-cpp ]]; then
    local archive
    archive=$(find "${bazelrc%/bazel/*}/archives/$sha256" -type f | head -n 1)
    tar -xOf "$archive" "$1-$2/MODULE.bazel" >"$entry/MODULE.bazel"
    cat >"$entry/source.json" <<END
{"url": "$url", "integrity": "sha256-$(printf "$(sed 's/../\\x&/g' <<<"$sha256")" | base64 -w0)", "strip_prefix": "$1-$2"}
END
    while read -r name version; do add "$name" "$version"; done < <(
      { tr -d '\n' <"$entry/MODULE.bazel" && echo; } | sed 's/bazel_dep( */\nbazel_dep(/g' | deps_of
    )
  elif [[ -n $folder ]]; then
    echo "{\"type\": \"local_path\", \"path\": \"$folder\"}" >"$entry/source.json"
    # What it loads, and the repositories that its own extensions make.
    case $1 in
      rules_license) ;;
      platforms) needs=(rules_license) ;;
      bazel_skylib) needs=(platforms rules_license) ;;
      bazel_features) needs=(bazel_skylib) ;;
      *) needs=(bazel_features bazel_skylib platforms rules_license) ;;
    esac
    for name in "${needs[@]}"; do
      echo "bazel_dep(name = \"$name\", version = \"0\")" >>"$entry/MODULE.bazel"
      add "$name" 0
    done
    case $1 in
      bazel_features | platforms | rules_cc)
        grep -E '^[a-z_]+ = use_extension\(|^use_repo\(' "$folder/MODULE.bazel" |
          grep -v dev_dependency >>"$entry/MODULE.bazel"
        ;;
    esac
  else
    # A part of Bazel's own that no program of this kind needs: it is named, and never looked at.
    echo '{"type": "local_path", "path": "/nonexistent"}' >"$entry/source.json"
  fi
}
# local_config_platform, which every Bazel 7 has inside, names this one.
add platforms 0.0.7
while read -r name version; do add "$name" "$version"; done < <(
  deps_of "$checkout/MODULE.bazel" MODULE.bazel "${bazelrc%/*}"/root/usr/share/bazel/embedded_tools/MODULE.bazel |
    grep -v '^interprocess '
)

flags=(--enable_bzlmod --noenable_workspace --registry="file://$registry" --lockfile_mode=off
  --noshow_progress --cxxopt=-std=c++17 --host_cxxopt=-std=c++17)
if [[ ${1:-} == --build ]]; then
  bazel build "${flags[@]}" //:hello @interprocess
  mkdir "$TEST_TMPDIR/queues"
  [[ $(bazel-bin/hello "$TEST_TMPDIR/queues") == "received: hello" ]]
else
  bazel build --nobuild "${flags[@]}" //:hello @interprocess
fi
echo "ok"
