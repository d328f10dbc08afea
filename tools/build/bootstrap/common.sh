# SPDX-License-Identifier: MIT

# Shared by the scripts of this folder: messages, places, and apt-get with a state of its own.
# Sourced, not run; the caller has set `root` to the checkout.
# shellcheck shell=bash

cache=${INTERPROCESS_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/interprocess}
bazel_version=$(<"${root:?}/.bazelversion")

say() { printf 'bazelw: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Whatever is fetched is a convenience; a Bazel of one's own always does.
readonly own_bazel="install Bazel $bazel_version (or bazelisk), or name one with INTERPROCESS_BAZEL"

hash_of() { cat "$@" | sha256sum | cut -c1-16; }

megabytes() { awk -v n="$1" 'BEGIN { printf "%.1f MB", n / 1e6 }'; }

# Quiet when all is well, everything it said when not.
quietly() {
  local log
  if ! log=$("$@" 2>&1); then
    printf '%s\n' "$log" | tail -20 >&2
    return 1
  fi
}

# One line of a package or archive list per entry: comments and empty lines dropped.
read_list() { sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$1"; }

check_machine() {
  local tool
  for tool in apt-get apt-cache dpkg flock sha256sum awk; do
    command -v "$tool" >/dev/null ||
      die "no Bazel $bazel_version here, and without $tool none can be put together: $own_bazel."
  done
  command -v g++ >/dev/null || die "a C++ compiler is needed: install g++ and run this again."
  [[ $(dpkg --print-architecture) == amd64 ]] ||
    die "Bazel can be put together from Debian packages on amd64 only: $own_bazel."
}

# apt_state DIR: apt-get with lists, archives and status below DIR; the system's are only read.
# Signatures are checked as for the system itself. Sources come from the system unless
# DIR/sources has some.
apt_state() {
  local dir=$1
  mkdir -p "$dir"/{lists/partial,archives/partial,sources}
  : >"$dir/status"
  cat >"$dir/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir";
Dir::Cache::archives "$dir/archives";
Debug::NoLocking "true";
quiet "2";
CONF
  if [[ -n $(ls "$dir/sources") ]]; then
    cat >>"$dir/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$dir/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
CONF
  fi
}

# system_apt: sets system_apt_dir to a state with the machine's own sources.
system_apt() {
  system_apt_dir=$cache/work/apt-system
  [[ ! -e $system_apt_dir/ready ]] || return 0
  say "reading the machine's package lists"
  apt_state "$system_apt_dir"
  quietly apt-get -c "$system_apt_dir/apt.conf" update --error-on=any ||
    die "the package lists cannot be fetched: with a network, run this again; or $own_bazel."
  touch "$system_apt_dir/ready"
}

# debian_uri: sets debian_uri to the Debian archive that the machine itself is installed from.
debian_uri() {
  system_apt
  # shellcheck disable=SC2016
  debian_uri=$(apt-get -c "$system_apt_dir/apt.conf" indextargets \
    --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "main" { sub(/[/]+$/, "", $3); print $3; exit }')
  [[ -n $debian_uri ]] ||
    die "this machine installs from no Debian archive, so Bazel cannot be put together: $own_bazel."
}

# suite_apt SUITE TYPE: sets suite_apt_dir to a state with one suite of Debian's archive; TYPE is
# deb or deb-src. Fails when the archive has no such suite.
suite_apt() {
  local suite=$1 type=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  suite_apt_dir=$cache/work/apt-$suite-$type
  [[ ! -e $suite_apt_dir/ready ]] || return 0
  [[ -n ${debian_uri:-} ]] || debian_uri
  mkdir -p "$suite_apt_dir/sources"
  {
    printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' "$type" "$debian_uri" "$suite"
    [[ ! -e $keyring ]] || printf 'Signed-By: %s\n' "$keyring"
  } >"$suite_apt_dir/sources/suite.sources"
  apt_state "$suite_apt_dir"
  quietly apt-get -c "$suite_apt_dir/apt.conf" update --error-on=any || return 1
  touch "$suite_apt_dir/ready"
}

# apt_unpack DIR TO PACKAGE...: downloads with the state in DIR, checked by apt against the signed
# lists, and unpacks below TO. What an interrupted run has downloaded is not fetched again.
apt_unpack() {
  local dir=$1 to=$2 debs=$cache/work/debs uris size deb
  shift 2
  mkdir -p "$debs" "$to"
  uris=$(cd "$debs" && apt-get -c "$dir/apt.conf" download --print-uris "$@") || return 1
  size=$(awk -v debs="$debs" '
    { if ((getline line < (debs "/" $2)) < 0) n += $3 }
    END { print n + 0 }' <<<"$uris")
  say "downloading $(megabytes "$size") for $# packages"
  (cd "$debs" && quietly apt-get -c "$dir/apt.conf" download "$@") ||
    die "the download stopped: run this again, what came is kept."
  say "unpacking"
  while read -r deb; do
    dpkg -x "$debs/$deb" "$to"
  done < <(awk '{ print $2 }' <<<"$uris")
}
