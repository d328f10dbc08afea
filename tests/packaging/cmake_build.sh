#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# cmake_build.sh ABSEIL: builds the checkout's library by CMake with the abseil sources in the folder ABSEIL,
# as one who vendors it does, and runs a program with it. Takes some minutes; no test of //... does it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
abseil=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/queues"
cp "$here/hello.c" "$work"
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(vendors LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
set(INTERPROCESS_ABSEIL_DIR "$abseil")
add_subdirectory("$here/../.." interprocess)
add_executable(hello hello.c)
target_link_libraries(hello interprocess::interprocess)
END
cmake -S "$work" -B "$work/build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$work/build" --target hello -j "$(nproc)"
[[ $("$work/build/hello" "$work/queues") == hello ]]
echo "ok"
