#!/bin/sh
# SPDX-License-Identifier: MIT
#
# emulate.sh PROGRAM ARGUMENT...: runs a program for 64-bit Arm on another processor.
set -eu
# Where its dynamic linker and libraries are.
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
# With this in front tests start other programs of theirs: the kernel cannot.
export INTERPROCESS_EMULATOR=/usr/bin/qemu-aarch64
exec "$INTERPROCESS_EMULATOR" "$@"
