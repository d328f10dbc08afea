#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# For Bazel's --workspace_status_command: the commit that is built, for `ipq --version`. Nothing
# where there is no git or no repository.
set -euo pipefail

commit=$(git rev-parse HEAD 2>/dev/null) || exit 0
if [[ -n $(git status --porcelain --untracked-files=no) ]]; then
  commit+=", changed since"
fi
echo "STABLE_INTERPROCESS_COMMIT $commit"
