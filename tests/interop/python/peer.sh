#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# peer.sh WHEEL PEER ARGUMENT...: runs PEER with what pip would install.
set -euo pipefail

wheel=$1 peer=$2
shift 2
packages=$TEST_TMPDIR/packages
if [[ ! -d $packages ]]; then
  python3 -m zipfile -e "$wheel" "$packages.$$"
  # Another peer of the pair may have been quicker.
  mv -T "$packages.$$" "$packages" 2>/dev/null || true
fi
PYTHONPATH=$packages exec python3 -B "$peer" "$@"
