#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# dist_again_test.sh PACKAGE_SH COMMAND_FILES_SH TEMPLATE NOTICES LICENSE SHARED STATIC IPQ WHEEL_PY README
# NATIVE VERSION MAINTAINER HOME HEADER... -- SOURCE... -- MADE...: what is shipped, made again of the same parts in another folder, with other modes and times, under another umask and in another time
# zone, is the same byte for byte.
set -euo pipefail

package_sh=$1 command_files=$2 templates=$(dirname "$3")
notices=$4 license=$5 shared=$6 static=$7 ipq=$8 wheel_py=$9
shift 9
readme=$1 native=$2 version=$3 maintainer=$4 home=$5
shift 5
headers=() sources=()
while [[ $1 != -- ]]; do
  headers+=("$1")
  shift
done
shift
while [[ $1 != -- ]]; do
  sources+=("$1")
  shift
done
shift
made=("$@")

parts=$TEST_TMPDIR/parts out=$TEST_TMPDIR/out
mkdir -p "$parts/dist" "$parts/package" "$parts/native" "$out"
number=0
# again FILE FOLDER: a copy that differs in all but name and bytes.
again() {
  number=$((number + 1))
  cp -L "$1" "$2/"
  chmod $((number % 2 ? 755 : 700)) "$2/${1##*/}"
  touch -d "20$((10 + number))-02-03 04:05:06" "$2/${1##*/}"
}
for file in "$package_sh" "$command_files" "$shared" "$static" "$ipq" "$notices" "$license" "${headers[@]}"; do
  again "$file" "$parts/dist"
done
for file in "${sources[@]}" "$wheel_py" "$readme"; do again "$file" "$parts/package"; done
again "$native" "$parts/native"
cp -RL "$templates" "$parts/templates"

umask 077
export TZ=UTC-12 LC_ALL=C.UTF-8
cd "$parts/dist"
./package.sh "$version" x86_64 "$maintainer" "$home" "$out" "${shared##*/}" "${static##*/}" "./${ipq##*/}" "./${ipq##*/}" \
  ../templates LICENSE "${headers[@]##*/}" THIRD_PARTY_NOTICES
cd ../package
wheel=$(for file in "${made[@]}"; do [[ $file != *.whl ]] || echo "${file##*/}"; done)
tag=${wheel#interprocess-"$version"-}
files=("../native/${native##*/}")
for file in "${sources[@]}"; do files=("${file##*/}" "${files[@]}"); done
python3 ./make_wheel.py "$out/$wheel" "$version" "${tag%.whl}" "$home" ../dist/LICENSE \
  ../dist/THIRD_PARTY_NOTICES README.md "${files[@]}"

cd "$TEST_SRCDIR/$TEST_WORKSPACE"
for file in "${made[@]}"; do
  cmp "$file" "$out/${file##*/}" || { echo "FAILED: ${file##*/} is another when it is made again" && exit 1; }
  echo "${file##*/}: the same again"
done
((${#made[@]} == 5)) || { echo "FAILED: five files are shipped, not ${#made[@]}" && exit 1; }
