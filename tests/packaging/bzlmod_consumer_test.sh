#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# bzlmod_consumer_test.sh [--build]: the module consumer/ depends on this one, and takes all others from a
# registry that is made here, of files. Loads and analyses the program and @interprocess; with --build
# builds and runs it too, which takes minutes, for a module's paths differ from those of other builds.
set -euo pipefail

checkout=$(dirname "$(readlink -f WORKSPACE)")
consumer=$TEST_TMPDIR/consumer
registry=$TEST_TMPDIR/registry

mkdir "$consumer"
cp -fL tests/packaging/consumer/* "$consumer"
sed -i "s#path = \"../../..\"#path = \"$checkout\"#" "$consumer/MODULE.bazel"
status=0
"$checkout/tools/build/bzlmod/registry.sh" "$registry" "$checkout/MODULE.bazel" "$consumer/MODULE.bazel" || status=$?
if ((status == 2)); then
  echo "SKIPPED: this Bazel has no modules of its own; it takes them from the network"
  exit 0
fi
((status == 0))
cd "$consumer"

# As a user calls it: this checkout's bazelw, which finds or provides a Bazel, from another workspace.
unset INTERPROCESS_BAZEL
bazel() {
  "$checkout/bazelw" --output_base="$TEST_TMPDIR/output_base" --max_idle_secs=5 "$@"
}
trap 'bazel shutdown' EXIT

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
