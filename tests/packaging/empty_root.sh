#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# empty_root.sh FILE...: installs the Debian packages and the wheel among FILE in an empty Debian made for it,
# which has neither Bazel nor this checkout, and runs the hello worlds there: C with gcc and pkg-config, C++
# with CMake, Python with pip, the command line. Needs root, debootstrap and a Debian mirror (MIRROR); takes
# some minutes; no test of //... does it. For example:
#   sudo tests/packaging/empty_root.sh bazel-bin/tools/build/dist/*.deb bazel-bin/bindings/python/*.whl
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(mktemp -d)
trap 'umount "$root/dev/shm" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase \
  --include=g++,cmake,make,pkg-config,python3,python3-pip bookworm "$root" \
  ${MIRROR:+"$MIRROR"} >"$root.log" || { tail "$root.log" && exit 1; }
rm -f "$root.log"
mkdir -p "$root/dev/shm" "$root/work/cpp"
mount -t tmpfs tmpfs "$root/dev/shm"
cp "$@" "$here/hello.c" "$root/work"
cp "$here/hello.cc" "$root/work/cpp"
cat >"$root/work/cpp/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(hello LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(interprocess 0.1 REQUIRED)
add_executable(hello hello.cc)
target_link_libraries(hello interprocess::interprocess)
END
cat >"$root/work/run.sh" <<'END'
set -euxo pipefail
cd /work
dpkg -i ./*.deb
gcc hello.c $(pkg-config --cflags --libs interprocess) -o hello
[[ $(./hello) == hello ]]
cmake -S cpp -B build >/dev/null
cmake --build build
[[ $(build/hello) == hello ]]
pip install --break-system-packages --no-index ./*.whl
[[ $(python3 -c '
import interprocess
with interprocess.Publisher("greetings") as publisher, interprocess.Subscriber("greetings") as subscriber:
    publisher.put(b"hello")
    print(subscriber.get().decode())') == hello ]]
ipq send numbers --message one
[[ $(ipq recv numbers) == one ]]
END
chroot "$root" bash /work/run.sh
echo ok
