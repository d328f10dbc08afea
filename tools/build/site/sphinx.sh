#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# sphinx.sh OUT WHEEL PROGRAM: the archive OUT with the reference of the Python package in the wheel.
# A public name without a docstring is an error, and so is what Sphinx warns of.
set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=0

out=$1 wheel=$2 program=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m zipfile -e "$wheel" "$work/packages"
export PYTHONPATH=$work/packages
python3 "$program" "$work"
python3 -m sphinx -W --keep-going -q -b html -d "$work/doctrees" "$work" "$work/html"
rm -rf "$work/html"/{.buildinfo,objects.inv,_static/*.map}
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work/html" -cf "$out" .
