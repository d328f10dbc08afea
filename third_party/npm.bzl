# SPDX-License-Identifier: MIT

"""Packages of the npm registry that only tests, benchmarks and formatters use, pinned by sha256.

The machine's own npm brings them, from the registry that it is set up for. A package that cannot be
had leaves a repository whose target is incompatible: Bazel skips what depends on it, and
tools/build/ci/skipped.sh says what it needs. FOUND in its defs.bzl is for other decisions.
"""

_PACKAGES = {
    # The Cloudtoid Interprocess library itself, version 3, as an add-on of Node for Linux on x86-64.
    "npm_cloudtoid_interprocess": struct(
        package = "@cloudtoid/interprocess-linux-x64",
        version = "3.0.2",
        sha256 = "814ea3b80c430b3d684864d5b5d02bb2503f8c9d35914b7972583d8c08a290d4",
        files = ["package/interprocess.linux-x64.node"],
    ),
    # Writes the list of what a release has inside. Apache License 2.0.
    "npm_cyclonedx_library": struct(
        package = "@cyclonedx/cyclonedx-library",
        version = "10.3.0",
        sha256 = "9833bd949052eb18218dd64b13ad62d9246f7395eef01c66dad08fcbacf74f01",
        files = ["package/dist.web/lib.js"],
    ),
    "npm_buildifier": struct(
        package = "@bazel/buildifier",
        version = "8.2.1",
        sha256 = "b96ea9b13003036c801f52bee6f9b0314738f8432e5cb9d814c89f59292604ee",
        files = ["package/buildifier-linux_amd64"],
    ),
    # Plots of the benchmarks. It draws SVG without a browser too. Apache License 2.0.
    "npm_echarts": struct(
        package = "echarts",
        version = "6.1.0",
        sha256 = "681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481",
        files = [
            "package/LICENSE",
            "package/NOTICE",
            "package/dist/echarts.common.min.js",
        ],
    ),
    # What the search of the documentation needs where pages come from disk. MIT.
    "npm_iframe_worker": struct(
        package = "iframe-worker",
        version = "1.0.4",
        sha256 = "e8c5d12d87829c503afba01d67772ea9f4aba5b7ae57a0c98e1917711030efbb",
        files = ["package/shim/index.js"],
    ),
    "npm_google_java_format": struct(
        package = "google-java-format",
        version = "2.3.0",
        sha256 = "ebc6014377c73347c5bbe3838e077ca6e999f415352b92be726571d229c10364",
        files = ["package/lib/google-java-format-1.35.0-all-deps.jar"],
    ),
}

_BUILD = """\
exports_files({files})

filegroup(
    name = "files",
    srcs = {files},
    target_compatible_with = {compatible},
    visibility = ["//visibility:public"],
)
"""

def _kept(ctx):
    """The folder that keeps downloads for all checkouts."""
    cache = ctx.getenv("INTERPROCESS_CACHE")
    if not cache:
        base = ctx.getenv("XDG_CACHE_HOME") or (ctx.getenv("HOME") or "/nonexistent") + "/.cache"
        cache = base + "/interprocess"
    return cache + "/npm"

# FILE SHA256 SPEC: brings the package SPEC to FILE, unless it is there already.
_FETCH = """
set -eu
mkdir -p "$(dirname "$1")"
if [ ! -f "$1" ]; then
  work=$(mktemp -d "$1.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" "$3" >"$work/name"
  mv "$work/$(cat "$work/name")" "$1"
fi
echo "$2  $1" | sha256sum --check --status || { rm -f "$1"; exit 1; }
"""

def _npm_package_impl(ctx):
    archive = _kept(ctx) + "/" + ctx.attr.sha256 + ".tgz"
    spec = ctx.attr.package + "@" + ctx.attr.version
    result = ctx.execute(
        ["sh", "-c", _FETCH, "sh", archive, ctx.attr.sha256, spec],
        timeout = 300,
    )
    found = result.return_code == 0
    if found:
        ctx.extract(archive)
    ctx.file("defs.bzl", '"""Whether the package is here."""\n\nFOUND = %r\n' % found)
    ctx.file("BUILD.bazel", _BUILD.format(
        compatible = [] if found else ["@platforms//:incompatible"],
        files = ctx.attr.files if found else [],
    ))

_npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "files": attr.string_list(doc = "What its target :files holds."),
        "package": attr.string(mandatory = True),
        "sha256": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
    },
    local = True,
)

def npm_packages():
    """Declares all of _PACKAGES."""
    for name, package in _PACKAGES.items():
        _npm_package(
            name = name,
            files = package.files,
            package = package.package,
            sha256 = package.sha256,
            version = package.version,
        )
