"""For MODULE.bazel: the repositories that are no modules."""

load("//tools/deps:repositories.bzl", "pinned_archive")
load("//tools/deps:system_libs.bzl", "system_libs")
load("//tools/dotnet:repositories.bzl", "dotnet_repositories")
load("//tools/java:system_jars.bzl", "system_jars")

def _dev_impl(_ctx):
    pinned_archive("hdrhistogram_c")
    pinned_archive("pcre2")
    pinned_archive("swig")
    system_jars(name = "system_jars")
    system_libs(name = "system_libs")
    dotnet_repositories()

dev = module_extension(implementation = _dev_impl)
