#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# registry.sh FOLDER [--dev] MODULE_FILE...: makes FOLDER a registry of the modules that the `bazel_dep`s in the
# files name, with --dev also of those that are for development. They come from the pinned archives and from
# what bazelw's Bazel has of Bazel's own modules, so no network is needed. Fails with code 2 where bazelw
# found another Bazel, which takes its modules from the network.
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
registry=$1
shift
left_out=dev_dependency
if [[ $1 == --dev ]]; then
  left_out='^$'
  shift
fi
cache=${INTERPROCESS_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/interprocess}
bazelrc=$(for file in "$cache"/bazel/*/bazelrc; do echo "$file"; done | tail -n 1)

# Where this Bazel has what it calls NAME; empty if it brings it from a registry as usual.
local_of() { sed -n "s/^common --override_repository=$1=//p" "$bazelrc" 2>/dev/null; }
[[ -n $(local_of rules_cc) ]] || exit 2

mkdir -p "$registry"
echo '{}' >"$registry/bazel_registry.json"

# The modules that `bazel_dep`s in the files name, as "name version".
deps_of() {
  sed -nE '/dev_dependency/d; s/^bazel_dep\(name = "([^"]*)", *version = "([^"]*)".*/\1 \2/p' "$@"
}

# Puts a module to the registry, with the modules that it needs.
add() { # NAME VERSION
  local entry=$registry/modules/$1/$2 sha256 url folder name prefix archive needs=()
  [[ -d $entry ]] && return
  mkdir -p "$entry"
  folder=$(local_of "$1")
  read -r sha256 url _ < <("$checkout/tools/build/bootstrap/list_archives.sh" |
    awk -v name="$1" '$1 == name { print $2, $3 }') || true
  echo "module(name = \"$1\", version = \"$2\")" >"$entry/MODULE.bazel"
  # What it loads, and the repositories that its own extensions make.
  case $1 in
    rules_license) ;;
    platforms) needs=(rules_license) ;;
    bazel_skylib) needs=(platforms rules_license) ;;
    bazel_features) needs=(bazel_skylib) ;;
    *) needs=(bazel_features bazel_skylib platforms rules_license) ;;
  esac
  if [[ -n $folder ]]; then
    echo "{\"type\": \"local_path\", \"path\": \"$folder\"}" >"$entry/source.json"
    case $1 in
      bazel_features | platforms | rules_cc)
        grep -E '^[a-z_]+ = use_extension\(|^use_repo\(' "$folder/MODULE.bazel" |
          grep -v dev_dependency >>"$entry/MODULE.bazel"
        ;;
    esac
  elif [[ -n $sha256 ]]; then
    archive=$(find "$cache/archives/$sha256" -type f | head -n 1)
    prefix=$(tar -tf "$archive" | awk -F/ 'NR == 1 { print $1 }')
    cat >"$entry/source.json" <<END
{"url": "$url", "integrity": "sha256-$(printf "$(sed 's/../\\x&/g' <<<"$sha256")" | base64 -w0)", "strip_prefix": "$prefix"}
END
    needs=(bazel_skylib platforms rules_cc)
    if [[ $1 == abseil-cpp ]]; then
      needs=()
      tar -xOf "$archive" "$prefix/MODULE.bazel" >"$entry/MODULE.bazel"
      while read -r name version; do add "$name" "$version"; done < <(
        { tr -d '\n' <"$entry/MODULE.bazel" && echo; } | sed 's/bazel_dep( */\nbazel_dep(/g' | deps_of
      )
    fi
  else
    # A part of Bazel's own that no program of this kind needs: it is named, and never looked at.
    needs=()
    echo '{"type": "local_path", "path": "/nonexistent"}' >"$entry/source.json"
  fi
  for name in "${needs[@]}"; do
    echo "bazel_dep(name = \"$name\", version = \"0\")" >>"$entry/MODULE.bazel"
    add "$name" 0
  done
}

# local_config_platform, which every Bazel 7 has inside, names this one.
add platforms 0.0.7
while read -r name version; do add "$name" "$version"; done < <(
  sed "/$left_out/d; s/, dev_dependency = True//" "$@" "${bazelrc%/*}"/root/usr/share/bazel/embedded_tools/MODULE.bazel |
    deps_of | grep -v '^interprocess '
)
