#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# lint.sh [OPTION of Bazel...] [TARGET...]: clang-tidy with .clang-tidy's checks over the C++ of the
# targets named, or over that of core, bindings/face, tools/ipq and tools/jetstream. It fails on any
# finding, and looks again only at what has changed. Needs clang-tidy 14.
set -euo pipefail

# `bazel run` says where the checkout is.
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "${BASH_SOURCE[0]}")/../../..}"
type -P clang-tidy-14 >/dev/null || {
  echo "lint: no clang-tidy-14 on the PATH: apt-get install clang-tidy-14"
  exit 1
}
[[ "$*" == *//* ]] || set -- "$@" //core/... //bindings/face/... //tools/ipq/... //tools/jetstream/...
exec ./bazelw build --config=lint --keep_going "$@"
