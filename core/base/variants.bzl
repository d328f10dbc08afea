# SPDX-License-Identifier: MIT

"""The library as it is used, and the same with the protocol's steps named for tests (step.h)."""

# Suffix of the targets' names, defines, testonly.
VARIANTS = [
    ("", [], False),
    ("_with_steps", ["INTERPROCESS_STEPS"], True),
]

# Of what runs in each call: without the frame pointers that Bazel's toolchain asks for, as compilers
# do by default.
HOT_COPTS = select({
    "@platforms//os:windows": [],
    "//conditions:default": ["-fomit-frame-pointer"],
})
