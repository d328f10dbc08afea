# SPDX-License-Identifier: MIT

"""The repositories that this workspace needs, for a WORKSPACE file.

A workspace that depends on Interprocess calls `interprocess_deps()` after what it wants to choose
itself: a repository that exists already is left as it is.
"""

load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")
load("@bazel_tools//tools/build_defs/repo:utils.bzl", "maybe")
load("//third_party:archives.bzl", "ARCHIVES")
load("//third_party:npm.bzl", "npm_packages")
load("//third_party:system_libs.bzl", "system_libs")
load("//tools/build/rules/dotnet:repositories.bzl", "dotnet_repositories")
load("//tools/build/rules/java:system_jars.bzl", "system_jars")

def pinned_archive(name):
    """Declares one of ARCHIVES.

    Args:
      name: its key, and the name of the repository.
    """
    archive = ARCHIVES[name]
    http_archive(
        name = name,
        build_file = Label(archive.build_file) if hasattr(archive, "build_file") else None,
        sha256 = archive.sha256,
        strip_prefix = archive.strip_prefix.format(version = archive.version),
        url = archive.url.format(version = archive.version),
    )

def _pinned(names):
    for name in names:
        if not native.existing_rule(name):
            pinned_archive(name)

def interprocess_deps():
    """What //core:interprocess is built from."""
    _pinned([
        "abseil-cpp",
        "bazel_skylib",
        "platforms",
        "rules_cc",
    ])

def interprocess_dev_deps():
    """What the tests, tools and benchmarks of this workspace need besides."""
    _pinned([
        "google_benchmark",
        "googletest",
        "hdrhistogram_c",
        "nlohmann_json",
        "pcre2",
        "swig",
    ])
    maybe(system_jars, name = "system_jars")
    maybe(system_libs, name = "system_libs")
    dotnet_repositories()
    npm_packages()
