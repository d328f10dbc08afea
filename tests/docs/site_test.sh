#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# site_test.sh PROGRAM ARGUMENT...: runs the Python program.
set -euo pipefail

exec python3 "$@"
