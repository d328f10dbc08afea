#!/usr/bin/env bash
# Builds and runs consumer/, a workspace that knows this one as a dependency only.
set -euo pipefail

checkout=$(dirname "$(readlink -f WORKSPACE)")
bazel=${INTERPROCESS_BAZEL:-$(type -P bazel || type -P bazelisk)}
consumer=$TEST_TMPDIR/consumer

cp -RL tests/packaging/consumer "$consumer"
sed -i "s#path = \".*\"#path = \"$checkout\"#" "$consumer/WORKSPACE"
mkdir "$TEST_TMPDIR/queues"
cd "$consumer"

startup=(--output_base="$TEST_TMPDIR/output_base" --max_idle_secs=5)
"$bazel" "${startup[@]}" build --noshow_progress //:hello
output=$(bazel-bin/hello "$TEST_TMPDIR/queues")
"$bazel" "${startup[@]}" shutdown

echo "$output"
[[ $output == "received: hello" ]]
