#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# toolchain.sh DEST: a C++17 compiler for musl, DEST/c++, from Debian's packages: clang and musl of
# the machine, and LLVM's C++ library (14) built for it from Debian's source package, which apt
# fetches (125 MB) and checks. Two minutes on two idle cores. DEST appears whole or not at all.
# Needs: apt-get install clang dpkg-dev gcc linux-libc-dev musl-dev
set -euo pipefail

dest=$(realpath -m "$1")
[[ ! -e $dest ]] || exit 0
partial=$dest.partial
rm -rf "$partial"
mkdir -p "$partial"/{source/lists/partial,objects,sysroot/usr/include/c++/v1,sysroot/usr/lib}
cd "$partial"
triple=$(uname -m)-linux-musl
glibc=$(uname -m)-linux-gnu
resource=$(clang -print-resource-dir)
gcc_dir=$(dirname "$(gcc -print-libgcc-file-name)")

fetch_source() {
  local uri suite apt
  # shellcheck disable=SC2016
  read -r uri suite < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages')
  echo "deb-src $uri $suite main" >source/sources.list
  apt=(-qq -o "Dir::Etc::SourceList=$partial/source/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::lists=$partial/source/lists" -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=true)
  apt-get "${apt[@]}" update
  (cd source && apt-get "${apt[@]}" source --download-only llvm-toolchain-14)
  tar -C source -xf source/llvm-toolchain-14_*.orig.tar.xz --strip-components=1 --wildcards \
    '*/libcxx/include/*' '*/libcxx/src/*' '*/libcxxabi/include/*' '*/libcxxabi/src/*' \
    '*/libunwind/include/*' '*/libunwind/src/*'
}

make_sysroot() {
  local include=sysroot/usr/include
  cp -r "/usr/include/$triple/." "$include/"
  cp -r "/usr/lib/$triple/." sysroot/usr/lib/
  cp -r /usr/include/linux /usr/include/asm-generic "/usr/include/$glibc/asm" "$include/"
  cp -r source/libcxx/include/. "$include/c++/v1/"
  cp source/libcxxabi/include/*.h "$include/c++/v1/"
  cp -rn source/libunwind/include/. "$include/"
  cat >"$include/c++/v1/__config_site" <<'SITE'
#ifndef _LIBCPP_CONFIG_SITE
#define _LIBCPP_CONFIG_SITE
#define _LIBCPP_ABI_VERSION 1
#define _LIBCPP_ABI_NAMESPACE __1
#define _LIBCPP_HAS_MUSL_LIBC
#define _LIBCPP_HAS_NO_VENDOR_AVAILABILITY_ANNOTATIONS
#endif
SITE
}

# write_compilers ROOT: cc, c++ and ld (static) that look below ROOT only.
write_compilers() {
  local root=$1/sysroot/usr
  local target="--target=$triple --sysroot=$1/sysroot -nostdinc"
  printf '#!/bin/sh\nexec clang++ %s -nostdinc++ -isystem %s -isystem %s -isystem %s "$@"\n' \
    "$target" "$root/include/c++/v1" "$resource/include" "$root/include" >c++
  printf '#!/bin/sh\nexec clang %s -isystem %s -isystem %s "$@"\n' \
    "$target" "$resource/include" "$root/include" >cc
  printf '#!/bin/sh\n# ld OUTPUT INPUT...\no=$1\nshift\nexec ld -static --eh-frame-hdr -o "$o" %s "$@" --start-group %s --end-group %s\n' \
    "$root/lib/crt1.o $root/lib/crti.o $gcc_dir/crtbeginT.o" \
    "$1/libc++.a $root/lib/libc.a $gcc_dir/libgcc.a" "$gcc_dir/crtend.o $root/lib/crtn.o" >ld
  chmod +x c++ cc ld
}

# compile PREFIX COMPILER FLAG... -- FILE...
compile() {
  local prefix=$1 flags=()
  shift
  while [[ $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  shift
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c \
    'o=objects/'"$prefix"'_$(basename "$1").o; shift; "$@" -o "$o"' _ {} "${flags[@]}" -O2 -fPIC -w -c {}
}

build_library() {
  local cxx=(./c++ -std=c++20 -D_LIBCPP_BUILDING_LIBRARY -Isource/libcxx/src)
  local unwind=(-D_LIBUNWIND_IS_NATIVE_ONLY -Isource/libunwind/include)
  local files
  mapfile -t files < <(ls source/libcxx/src/*.cpp source/libcxx/src/*/*.cpp | grep -vE 'win32|support/')
  compile cxx "${cxx[@]}" -DLIBCXX_BUILDING_LIBCXXABI -- "${files[@]}"
  mapfile -t files < <(ls source/libcxxabi/src/*.cpp | grep -vE 'noexception|aix')
  compile abi "${cxx[@]}" -D_LIBCXXABI_BUILDING_LIBRARY -Isource/libcxxabi/include -- "${files[@]}"
  compile unwind ./c++ -std=c++14 -fno-exceptions -fno-rtti "${unwind[@]}" -- \
    source/libunwind/src/libunwind.cpp
  compile unwind ./cc "${unwind[@]}" -- source/libunwind/src/*.c source/libunwind/src/*.S
  ar rcs libc++.a objects/*.o
}

fetch_source
make_sysroot
write_compilers "$partial"
build_library
write_compilers "$dest"
rm -rf source objects
mv -T "$partial" "$dest"
