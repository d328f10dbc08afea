#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# windows_test.sh WINE ZIPPER ZIP: the zip for Windows, used as a stranger does: programs in C and C++ are
# compiled by MinGW, linked with its import library, and run with its DLL under Wine; so is ipq.exe.
set -euo pipefail

wine=$PWD/$1 zipper=$PWD/$2 archive=$PWD/$3 here=$PWD/tests/packaging
fail() {
  echo "FAILED: $*"
  exit 1
}

cd "$TEST_TMPDIR"
mkdir queues
"$zipper" x "$archive"
prefix=$(echo "$PWD"/interprocess-*-windows-x86_64)
dll=$prefix/bin/interprocess.dll

# The DLL shows what interface.txt lists, as the shared library of Linux does.
x86_64-w64-mingw32-objdump -p "$dll" | awk '/Name Pointer. Table/ { on = 1; next } on && /^\t\[/ { print $NF }' | sort >exported
sed -n 's/@@IPQ_0$//p' "$OLDPWD/tests/c/interface.txt" | sort | diff - exported || fail "the DLL exports other functions"
size=$(stat -c %s "$dll")
echo "the DLL has $size bytes"
needed=$(x86_64-w64-mingw32-objdump -p "$dll" | sed -n 's/.*DLL Name: //p')
! grep -qiE 'libgcc|libstdc|pthread' <<<"$needed" || fail "the DLL needs" $needed

cp "$dll" .
x86_64-w64-mingw32-gcc-posix -std=c11 -Wall -Werror -I"$prefix/include" "$here/hello.c" \
  -L"$prefix/lib" -linterprocess -o hello_c.exe
x86_64-w64-mingw32-g++-posix -std=c++17 -Wall -Werror -static -I"$prefix/include" "$here/hello.cc" \
  "$prefix/lib/interprocess.lib" -o hello_cc.exe
queues=$("$wine" winepath -w "$PWD/queues" 2>/dev/null | tr -d '\r') || queues=Z:${PWD//\//\\}\\queues
for program in hello_c.exe hello_cc.exe; do
  output=$("$wine" "$program" "$queues" 2>&1 | tr -d '\r') || true
  [[ $output == hello ]] || fail "$program said: $output"
done

export IPQ_DIR=$queues
"$wine" "$prefix/bin/ipq.exe" send numbers --message one
output=$("$wine" "$prefix/bin/ipq.exe" recv numbers | tr -d '\r')
[[ $output == one ]] || fail "ipq.exe received: $output"
for file in LICENSE THIRD_PARTY_NOTICES; do
  [[ -s $prefix/share/doc/interprocess/$file ]] || fail "there is no $file"
done
