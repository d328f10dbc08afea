#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh WHEEL [ARGUMENT...]: runs measure.py with the package that the wheel has; PYTHON names the
# interpreter.
set -euo pipefail

packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
python3 -m zipfile -e "$1" "$packages"
shift
PYTHONPATH=$packages PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" benchmarks/python/measure.py "$@"
