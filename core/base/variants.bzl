# SPDX-License-Identifier: MIT

"""The library as it is used, and the same with the protocol's steps named for tests (step.h)."""

# Suffix of the targets' names, defines, testonly.
VARIANTS = [
    ("", [], False),
    ("_with_steps", ["INTERPROCESS_STEPS"], True),
]
