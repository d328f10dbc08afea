# SPDX-License-Identifier: MIT

"""A test by a script, with what all of them have in common."""

load(":posix.bzl", "POSIX")

# For `target_compatible_with`: what tries out the files that are shipped for this platform.
LINUX_X86_64 = [
    "@platforms//cpu:x86_64",
    "@platforms//os:linux",
]

# The script is NAME.sh, if `srcs` does not say otherwise. What it looks at is not this project's own
# C++ code, so it has no place in runs under sanitizers.
def shell_test(name, size = "small", srcs = [], tags = [], target_compatible_with = POSIX, **kwargs):
    native.sh_test(
        name = name,
        size = size,
        srcs = srcs or [name + ".sh"],
        tags = tags + [
            "no-asan",
            "no-tsan",
            "no-ubsan",
        ],
        target_compatible_with = target_compatible_with,
        **kwargs
    )
