# SPDX-License-Identifier: MIT

"""A test of the C++ interface, with what all of them use."""

load("@rules_cc//cc:defs.bzl", "cc_test")

# `deps` names what this test uses besides. The source is NAME.cc, if `srcs` does not say otherwise.
def api_test(name, srcs = [], deps = [], size = "small", **kwargs):
    cc_test(
        name = name,
        size = size,
        srcs = srcs or [name + ".cc"],
        deps = [
            "//core:interprocess",
            "//tests/native/testing:file_queue",
            "@abseil-cpp//absl/status",
            "@googletest//:gtest_main",
        ] + deps,
        **kwargs
    )
