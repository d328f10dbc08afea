# SPDX-License-Identifier: MIT

"""Fuzz targets."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, srcs, deps, runs, max_len = 4096, linkopts = [], data = [], **kwargs):
    """What libFuzzer runs with --config=fuzz; without it, what replays the corpus with any compiler.

    The binary `name` takes libFuzzer's arguments (replay_main.cc's without the configuration); the
    test `name`_test runs the files of corpus/`name` and `runs` changes of them.

    Args:
      name: of the binary, and of the folder in corpus.
      srcs: define LLVMFuzzerTestOneInput.
      deps: of the sources.
      runs: how many changes of the corpus the test runs.
      max_len: of the inputs that libFuzzer makes, in bytes.
      linkopts: of the program.
      data: what it reads beside the corpus.
      **kwargs: of the test.
    """
    library = name + "_lib"
    corpus = "corpus/" + name

    # Most replace calls of the system's, by a flag of Linux's linkers.
    compatible = ["@platforms//os:linux"]
    cc_library(
        name = library,
        testonly = True,
        srcs = srcs,
        target_compatible_with = compatible,
        deps = deps,
        alwayslink = True,
    )
    driver = select({
        ":with_libfuzzer": [],
        "//conditions:default": ["replay_main.cc"],
    })
    linkopts = linkopts + select({
        ":with_libfuzzer": ["-fsanitize=fuzzer"],
        "//conditions:default": [],
    })
    cc_binary(
        name = name,
        testonly = True,
        srcs = driver,
        data = data,
        linkopts = linkopts,
        target_compatible_with = compatible,
        deps = [":" + library],
    )
    cc_test(
        name = name + "_test",
        srcs = driver,
        args = select({
            ":with_libfuzzer": [
                "-runs=%d" % runs,
                "-seed=1",
                "-timeout=10",
                "-max_len=%d" % max_len,
            ],
            "//conditions:default": ["--runs=%d" % runs],
        }) + [native.package_name() + "/" + corpus],
        data = data + native.glob([corpus + "/*"]),
        linkopts = linkopts,
        target_compatible_with = compatible,
        deps = [":" + library],
        **kwargs
    )
