# SPDX-License-Identifier: MIT

"""The outside sources of the build: one pinned archive each.

`archives.sh` reads this file too: keep one field a line. MODULE.bazel repeats the versions, for it
cannot load them; //tests/workspace:pins_test compares.
"""

ARCHIVES = {
    "abseil-cpp": struct(
        version = "20260526.0",
        sha256 = "6e1aee535473414164bf83e4ebc40240dec71a4701f8a642d906e95bea1aea0c",
        strip_prefix = "abseil-cpp-{version}",
        url = "https://github.com/abseil/abseil-cpp/archive/refs/tags/{version}.tar.gz",
    ),
    "bazel_skylib": struct(
        version = "1.8.1",
        sha256 = "51b5105a760b353773f904d2bbc5e664d0987fbaf22265164de65d43e910d8ac",
        strip_prefix = "",
        url = "https://github.com/bazelbuild/bazel-skylib/releases/download/{version}/bazel-skylib-{version}.tar.gz",
    ),
    "google_benchmark": struct(
        version = "1.9.1",
        sha256 = "32131c08ee31eeff2c8968d7e874f3cb648034377dfc32a4c377fa8796d84981",
        strip_prefix = "benchmark-{version}",
        url = "https://github.com/google/benchmark/archive/refs/tags/v{version}.tar.gz",
    ),
    "googletest": struct(
        version = "1.12.1",
        sha256 = "81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2",
        strip_prefix = "googletest-release-{version}",
        url = "https://github.com/google/googletest/archive/refs/tags/release-{version}.tar.gz",
    ),
    "hdrhistogram_c": struct(
        version = "0.11.8",
        sha256 = "bb95351a6a8b242dc9be1f28562761a84d4cf0a874ffc90a9b630770a6468e94",
        strip_prefix = "HdrHistogram_c-{version}",
        url = "https://github.com/HdrHistogram/HdrHistogram_c/archive/refs/tags/{version}.tar.gz",
        build_file = "//third_party:hdrhistogram_c.BUILD",
    ),
    "nlohmann_json": struct(
        version = "3.11.3",
        sha256 = "0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406",
        strip_prefix = "json-{version}",
        url = "https://github.com/nlohmann/json/archive/refs/tags/v{version}.tar.gz",
    ),
    "pcre2": struct(
        version = "10.46",
        sha256 = "8d28d7f2c3b970c3a4bf3776bcbb5adfc923183ce74bc8df1ebaad8c1985bd07",
        strip_prefix = "pcre2-{version}",
        url = "https://github.com/PCRE2Project/pcre2/releases/download/pcre2-{version}/pcre2-{version}.tar.gz",
    ),
    "platforms": struct(
        version = "1.0.0",
        sha256 = "3384eb1c30762704fbe38e440204e114154086c8fc8a8c2e3e28441028c019a8",
        strip_prefix = "",
        url = "https://github.com/bazelbuild/platforms/releases/download/{version}/platforms-{version}.tar.gz",
    ),
    "rules_cc": struct(
        version = "0.1.1",
        sha256 = "712d77868b3152dd618c4d64faaddefcc5965f90f5de6e6dd1d5ddcd0be82d42",
        strip_prefix = "rules_cc-{version}",
        url = "https://github.com/bazelbuild/rules_cc/releases/download/{version}/rules_cc-{version}.tar.gz",
    ),
    "swig": struct(
        version = "4.1.0",
        sha256 = "d6a9a8094e78f7cfb6f80a73cc271e1fe388c8638ed22668622c2c646df5bb3d",
        strip_prefix = "swig-{version}",
        url = "https://downloads.sourceforge.net/project/swig/swig/swig-{version}/swig-{version}.tar.gz",
        build_file = "//third_party:swig.BUILD",
    ),
}
