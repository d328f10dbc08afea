# SPDX-License-Identifier: MIT

"""For MODULE.bazel: the repositories that are no modules."""

load("//third_party:npm.bzl", "npm_packages")
load("//third_party:repositories.bzl", "pinned_archive")
load("//third_party:system_libs.bzl", "system_libs")
load("//tools/build/rules/dotnet:repositories.bzl", "dotnet_repositories")
load("//tools/build/rules/java:system_jars.bzl", "system_jars")

def _dev_impl(_ctx):
    pinned_archive("hdrhistogram_c")
    pinned_archive("pcre2")
    pinned_archive("swig")
    system_jars(name = "system_jars")
    system_libs(name = "system_libs")
    dotnet_repositories()
    npm_packages()

dev = module_extension(implementation = _dev_impl)
