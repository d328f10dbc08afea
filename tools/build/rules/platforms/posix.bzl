# SPDX-License-Identifier: MIT

"""What runs on every system but Windows."""

# For `target_compatible_with`: elsewhere, as on the machine that builds, the target is skipped.
POSIX = select({
    "@platforms//os:windows": ["@platforms//:incompatible"],
    "//conditions:default": [],
})
