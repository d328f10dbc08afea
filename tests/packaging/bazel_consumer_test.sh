#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds and runs consumer/, a workspace that knows this one as a dependency only.
set -euo pipefail

checkout=$(dirname "$(readlink -f WORKSPACE)")
consumer=$TEST_TMPDIR/consumer

# block NAME: the first code block of README behind the line that begins with `NAME`.
block() {
  awk -v start="\`$1\`" '
    index($0, start) == 1 { near = 1 }
    near && /^```$/ { exit }
    inside
    near && /^```[a-z]/ { inside = 1 }' README.md
}

cp -RL tests/packaging/consumer "$consumer"
block WORKSPACE | sed "s#path = \".*\"#path = \"$checkout\"#" >"$consumer/WORKSPACE"
block .bazelrc >"$consumer/.bazelrc"
mkdir "$TEST_TMPDIR/queues"
cd "$consumer"

# As a user calls it: this checkout's bazelw, which finds or provides a Bazel, from another workspace.
unset INTERPROCESS_BAZEL
startup=(--output_base="$TEST_TMPDIR/output_base" --max_idle_secs=5)
"$checkout/bazelw" "${startup[@]}" build --noshow_progress //:hello
output=$(bazel-bin/hello "$TEST_TMPDIR/queues")
"$checkout/bazelw" "${startup[@]}" shutdown

echo "$output"
[[ $output == "received: hello" ]]
