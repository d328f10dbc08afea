#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# dist_test.sh FILE...: the tarball and the Debian packages of this machine's platform, unpacked in an
# empty place and used as a stranger does: C with gcc and pkg-config, C++ with CMake, both libraries, the
# command line, its man page and its completions. The libraries have at most MOST_BYTES, if that is set.
set -euo pipefail

here=$PWD/tests/packaging
files=("$@")
work=$TEST_TMPDIR/work
mkdir -p "$work" "$TEST_TMPDIR/queues"
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}
file() { # PATTERN
  local found
  for found in "${files[@]}"; do
    # shellcheck disable=SC2053
    [[ ${found##*/} == $1 ]] && echo "$PWD/$found"
  done
}
says_hello() { # COMMAND...
  local output
  output=$("$@" "$TEST_TMPDIR/queues" 2>&1) || true
  [[ $output == hello ]] || fail "$* said: $output"
}

tar -C "$work" -xzf "$(file 'interprocess-*.tar.gz')"
prefix=$(echo "$work"/interprocess-*)
for package in ipq libinterprocess-dev libinterprocess0; do
  dpkg-deb -x "$(file "${package}_*.deb")" "$work/debian"
done
library=$(find "$prefix/lib" -name 'libinterprocess.so.*.*.*')

# Nothing but the interface is to be seen, in either library.
others=$(nm -D --defined-only "$library" | awk '$2 ~ /[B-Z]/ { print $NF }' | grep -v '^ipq_' || true)
[[ -z $others ]] || fail "the shared library exports $others"
others=$(nm --defined-only --extern-only "$prefix/lib/libinterprocess.a" | awk 'NF == 3 { print $NF }' |
  grep -v '^ipq_' || true)
[[ -z $others ]] || fail "the static library exports $(head -n 3 <<<"$others")"
# Of both packages, and small enough.
for copy in "$library" "$(find "$work/debian" -name 'libinterprocess.so.*.*.*')"; do
  cmp "$library" "$copy" || fail "$copy is not the library of the tarball"
  size=$(stat -c %s "$copy")
  ((size <= ${MOST_BYTES:-size})) || fail "$copy has $size bytes, more than $MOST_BYTES"
  # Folders of the machine that built it.
  ! grep -aqE '/(execroot|sandbox|home|root)/' "$copy" || fail "$copy names folders of the build"
done
echo "the shared library has $size bytes"

# With Debian's files in a root of their own.
for root in "$prefix" "$work/debian/usr"; do
  export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR= LD_LIBRARY_PATH
  PKG_CONFIG_PATH=$(dirname "$(find "$root/lib" -name interprocess.pc)")
  LD_LIBRARY_PATH=$(dirname "$(find "$root/lib" -name libinterprocess.so)")
  [[ $root == */usr ]] && PKG_CONFIG_SYSROOT_DIR=${root%/usr}
  if type pkg-config >/dev/null 2>&1; then
    read -ra flags < <(pkg-config --cflags --libs interprocess)
  else
    echo "SKIPPED: pkg-config is not installed"
    flags=(-I"$root/include" -L"$LD_LIBRARY_PATH" -linterprocess)
  fi
  gcc -std=c11 -Wall -Wextra -pedantic -Werror -o "$work/hello_c" "$here/hello.c" "${flags[@]}"
  says_hello "$work/hello_c"
  g++ -std=c++17 -Wall -Wextra -pedantic -Werror -o "$work/hello_cc" "$here/hello.cc" "${flags[@]}"
  says_hello "$work/hello_cc"
  gcc -std=c11 -I"$root/include" -o "$work/hello_static" "$here/hello.c" \
    "$LD_LIBRARY_PATH/libinterprocess.a" -lstdc++ -lm -lpthread
  (unset LD_LIBRARY_PATH && says_hello "$work/hello_static")

  if type cmake >/dev/null 2>&1; then
    rm -rf "$work/cmake"
    mkdir "$work/cmake"
    cp "$here/hello.c" "$here/hello.cc" "$work/cmake"
    cat >"$work/cmake/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(hello LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(interprocess 0.1 REQUIRED)
add_executable(hello hello.cc)
target_link_libraries(hello interprocess::interprocess)
add_executable(hello_static hello.c)
target_link_libraries(hello_static interprocess::static)
END
    cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$root" \
      -DCMAKE_LIBRARY_ARCHITECTURE="$(gcc -dumpmachine)" >"$TEST_TMPDIR/log" &&
      cmake --build "$work/cmake/build" >>"$TEST_TMPDIR/log" || fail "cmake: $(cat "$TEST_TMPDIR/log")"
    says_hello "$work/cmake/build/hello"
    says_hello "$work/cmake/build/hello_static"
  else
    echo "SKIPPED: cmake is not installed"
  fi
done
unset LD_LIBRARY_PATH

# In a process that has another abseil, whose names are other versions of the same.
if [[ -e /usr/include/absl/base/config.h ]]; then
  cat >"$work/both.cc" <<'END'
#include <dlfcn.h>

#include <interprocess.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

int main(int, char** argv) {
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  ipq::Options options("both");
  options.directory = argv[1];
  ipq::Publisher publisher(options);
  ipq::Subscriber subscriber(options);
  publisher.Enqueue(absl::StrCat("hel", absl::Now() > absl::UnixEpoch() ? "lo" : ""));
  std::cout << subscriber.Dequeue() << std::endl;
}
END
  g++ -std=c++17 -o "$work/both" "$work/both.cc" -I"$prefix/include" -L"$prefix/lib" -linterprocess \
    -Wl,-rpath,"$prefix/lib" -labsl_strings -labsl_synchronization -labsl_time -labsl_base
  says_hello "$work/both"
else
  echo "SKIPPED: libabsl-dev is not installed"
fi

# The command line and what goes with it.
ipq=$prefix/bin/ipq
export IPQ_DIR=$TEST_TMPDIR/queues
"$ipq" send numbers --message one
[[ $("$ipq" recv numbers) == one ]] || fail "ipq does not receive"
while read -r verb; do
  for page in ipq.1 bash zsh fish; do
    case $page in
      ipq.1) text=$(zcat "$prefix/share/man/man1/ipq.1.gz") wanted="IPQ ${verb^^}" ;;
      bash) text=$(cat "$prefix/share/bash-completion/completions/ipq") wanted="      $verb) words=" ;;
      zsh) text=$(cat "$prefix/share/zsh/site-functions/_ipq") wanted="  $verb) compadd" ;;
      fish) text=$(cat "$prefix/share/fish/vendor_completions.d/ipq.fish") wanted="-a $verb " ;;
    esac
    grep -qF -- "$wanted" <<<"$text" || fail "$page lacks $verb"
  done
  while read -r flag; do
    for page in share/bash-completion/completions/ipq share/zsh/site-functions/_ipq; do
      grep -qF -- "$flag " "$prefix/$page" || fail "$page lacks $verb $flag"
    done
  done < <("$ipq" help "$verb" | sed -n 's/^  --\([a-z][a-z-]*\).*/--\1/p')
done < <("$ipq" help | sed -n 's/^  ipq \([a-z]*\) .*/\1/p' | grep -v help)
words=$(PATH=$prefix/bin:$PATH bash -c "source '$prefix/share/bash-completion/completions/ipq'
  COMP_WORDS=(ipq re) COMP_CWORD=1; _ipq; echo \"\${COMPREPLY[*]}\"")
[[ $words == recv ]] || fail "bash completes re to '$words'"
for shell in zsh fish; do
  type "$shell" >/dev/null 2>&1 || { echo "SKIPPED: $shell is not installed" && continue; }
  script=$(find "$prefix/share" -path "*$shell*" -type f)
  "$shell" -n "$script" || fail "$shell does not read $script"
done
if type man >/dev/null 2>&1; then
  warnings=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$prefix/share/man/man1/ipq.1.gz" 2>&1 >/dev/null) || true
  [[ -z $warnings ]] || fail "man: $warnings"
fi

grep -q '^MIT License' "$prefix/share/doc/interprocess/LICENSE" || fail "no licence"
for copyright in "$prefix/share/doc/interprocess/THIRD_PARTY_NOTICES" "$work"/debian/usr/share/doc/*/copyright; do
  for text in "Apache License" "JSON for Modern C++" "GCC Runtime Library Exception"; do
    grep -q "$text" "$copyright" || fail "$copyright has no '$text'"
  done
done
# Each package asks for the C library that its file needs.
asks_for() { # PACKAGE FILE
  local newest asked
  newest=$(nm -D --undefined-only "$2" | sed -n 's/.*@GLIBC_\([0-9.]*\)$/\1/p' | sort -V | tail -n 1)
  asked=$(dpkg-deb -f "$(file "$1_*.deb")" Depends)
  [[ -n $newest && $asked == "libc6 (>= $newest)" ]] || fail "$1 depends on '$asked', and needs glibc '$newest'"
  echo "$1 needs glibc $newest"
}
asks_for ipq "$work/debian/usr/bin/ipq"
asks_for libinterprocess0 "$(find "$work/debian" -name 'libinterprocess.so.*.*.*')"
[[ $(dpkg-deb -f "$(file 'libinterprocess0_*.deb')" Depends) == "libc6 (>= 2.30)" ]] ||
  fail "the library needs another glibc than docs/install.md says"
[[ $(dpkg-deb -f "$(file 'libinterprocess-dev_*.deb')" Depends) == "libinterprocess0 (= "* ]] ||
  fail "libinterprocess-dev does not depend on its library"
exit "$failures"
