#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# reference_test.sh ARCHIVE PAGE: the reference was made, and has the page that others lead to.
set -euo pipefail

page=$(if [[ $1 == *.jar ]]; then python3 -m zipfile -l "$1"; else tar -tf "$1"; fi |
  grep -cE "^(\./)?$2( |\$)" || true)
[[ $page == 1 ]] || { echo "FAILED: $1 has no $2" && exit 1; }
