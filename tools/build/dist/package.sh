#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# package.sh VERSION PLATFORM MAINTAINER HOME OUT SHARED STATIC IPQ HELPER TEMPLATES FILE...: makes the
# tarball and the Debian packages of one Linux platform (x86_64 or aarch64) in the folder OUT. HELPER is an
# ipq that runs here. FILE are the headers and licences. The same files give the same bytes.
set -euo pipefail

version=$1 platform=$2 maintainer=$3 home=$4 out=$5 shared=$6 static=$7 ipq=$8 helper=$9 templates=${10}
here=$(dirname "$0")
shift 10
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=315532800
umask 022
case $platform in
  x86_64) debian=amd64 ;;
  aarch64) debian=arm64 ;;
  *) echo "package.sh: no platform $platform" >&2 && exit 1 ;;
esac
triplet=$platform-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
"$here/command_files.sh" "$helper" "$version" "$work/command"

put() { # MODE FROM TO
  mkdir -p "$(dirname "$3")"
  install -m "$1" "$2" "$3"
}

fill() { # TEMPLATE TO: PREFIX, LIBDIR and UP are variables
  mkdir -p "$(dirname "$2")"
  sed -e "s#@VERSION@#$version#g" -e "s#@PREFIX@#$prefix#g" -e "s#@LIBDIR@#$libdir#g" -e "s#@UP@#$up#g" \
    "$templates/$1" >"$2"
}

library() { # ROOT LIB
  put 644 "$shared" "$1/$2/libinterprocess.so.$version"
  ln -s "libinterprocess.so.$version" "$1/$2/libinterprocess.so.0"
}

development() { # ROOT LIB FILE...
  local root=$1 lib=$2
  shift 2
  for file in "$@"; do
    case $file in *.h | *.hpp) put 644 "$file" "$root/include/${file##*/}" ;; esac
  done
  put 644 "$static" "$root/$lib/libinterprocess.a"
  ln -s libinterprocess.so.0 "$root/$lib/libinterprocess.so"
  fill interprocess.pc.in "$root/$lib/pkgconfig/interprocess.pc"
  fill interprocessConfig.cmake.in "$root/$lib/cmake/interprocess/interprocessConfig.cmake"
  fill interprocessConfigVersion.cmake.in "$root/$lib/cmake/interprocess/interprocessConfigVersion.cmake"
}

command_line() { # ROOT
  put 755 "$ipq" "$1/bin/ipq"
  gzip -9n <"$work/command/ipq.1" >"$work/command/ipq.1.gz"
  put 644 "$work/command/ipq.1.gz" "$1/share/man/man1/ipq.1.gz"
  put 644 "$work/command/ipq.bash" "$1/share/bash-completion/completions/ipq"
  put 644 "$work/command/_ipq" "$1/share/zsh/$2/_ipq"
  put 644 "$work/command/ipq.fish" "$1/share/fish/vendor_completions.d/ipq.fish"
}

licences() { # FOLDER FILE...
  local folder=$1
  shift
  for file in "$@"; do
    case $file in
      LICENSE | */LICENSE | THIRD_PARTY_NOTICES | */THIRD_PARTY_NOTICES) put 644 "$file" "$folder/${file##*/}" ;;
    esac
  done
}

# The tarball: a prefix of its own, which finds itself wherever it is unpacked.
name=interprocess-$version-linux-$platform
root=$work/$name
prefix='${pcfiledir}/../..' libdir=lib up=..
library "$root" lib
development "$root" lib "$@"
command_line "$root" site-functions
licences "$root/share/doc/interprocess" "$@"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$name" |
  gzip -9n >"$out/$name.tar.gz"

# Debian's packages.
prefix=/usr libdir=lib/$triplet up=../..
control() { # PACKAGE SECTION DEPENDS SUMMARY TEXT
  local root=$work/$1 size
  licences "$root/usr/share/doc/$1" "${files[@]}"
  (cd "$root/usr/share/doc/$1" && cat LICENSE <(echo) THIRD_PARTY_NOTICES >copyright && rm LICENSE THIRD_PARTY_NOTICES)
  size=$(du -sk --apparent-size "$root" | cut -f1)
  mkdir -p "$root/DEBIAN"
  cat >"$root/DEBIAN/control" <<END
Package: $1
Version: $version
Section: $2
Priority: optional
Architecture: $debian
Multi-Arch: ${6:-same}
Maintainer: $maintainer
Homepage: $home
Installed-Size: $size
Depends: $3
Description: $4
 $5
END
  (cd "$root" && find usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zgzip --build "$root" "$out/${1}_${version}_$debian.deb" >/dev/null
}
files=("$@")

# The C library that a file needs, by the versions of the symbols that it takes from there. It needs nothing else.
needs() { # FILE
  local others newest
  others=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | grep -vE '^(ld-linux-.*|lib(c|m|dl|pthread))\.so\.' || true)
  [[ -z $others ]] || { echo "package.sh: $1 needs" $others >&2 && return 1; }
  newest=$(readelf -V "$1" | sed -n 's/.*Name: GLIBC_\([0-9.]*\) .*/\1/p' | sort -V | tail -n 1)
  [[ -n $newest ]] || { echo "package.sh: $1 names no version of glibc" >&2 && return 1; }
  echo "libc6 (>= $newest)"
}
of_library=$(needs "$shared") of_ipq=$(needs "$ipq")

library "$work/libinterprocess0/usr" "lib/$triplet"
mkdir -p "$work/libinterprocess0/DEBIAN"
echo "activate-noawait ldconfig" >"$work/libinterprocess0/DEBIAN/triggers"
echo "libinterprocess 0 libinterprocess0 (>= $version)" >"$work/libinterprocess0/DEBIAN/shlibs"
control libinterprocess0 libs "$of_library" "message queues in shared memory" \
  "The shared library, with its C interface."
development "$work/libinterprocess-dev/usr" "lib/$triplet" "$@"
control libinterprocess-dev libdevel "libinterprocess0 (= $version)" \
  "message queues in shared memory (development files)" \
  "Headers for C and C++17, the static library, and files for pkg-config and CMake."
command_line "$work/ipq/usr" vendor-completions
control ipq utils "$of_ipq" "message queues in shared memory (command line)" \
  "Sends, receives, lists, checks and removes queues." foreign
