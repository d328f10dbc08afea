#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every source file names its licence in its first lines. Examples, which pages print whole, do not.
set -euo pipefail
cd "$(dirname "$(readlink -f MODULE.bazel)")"

mapfile -t files < <(find core bindings tests benchmarks tools third_party -type f \
  -name '*.h' -o -type f -name '*.cc' -o -type f -name '*.c' -o -type f -name '*.java' \
  -o -type f -name '*.cs' -o -type f -name '*.i' -o -type f -name '*.py' -o -type f -name '*.sh' \
  -o -type f -name '*.bzl' | grep -vE '/(bin|obj)/')
((${#files[@]} > 500)) || { echo "FAILED: found ${#files[@]} source files only" && exit 1; }

failures=0
for file in "${files[@]}"; do
  head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT$' || {
    echo "FAILED: $file names no licence: 'SPDX-License-Identifier: MIT' in one of its first lines"
    failures=$((failures + 1))
  }
done
((failures == 0))
