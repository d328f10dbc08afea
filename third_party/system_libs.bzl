# SPDX-License-Identifier: MIT

"""Libraries and tools of the machine that only optional targets use, as the repository @system_libs.

A target that depends on one that the machine lacks is incompatible: Bazel skips it, and
tools/build/ci/skipped.sh says what to install. defs.bzl has HAS_<NAME> for other decisions.
"""

# Headers below these folders are known to the compiler already, so the libraries name none.
_INCLUDE_DIRS = [
    "/usr/include",
    "/usr/local/include",
]

_LIBRARIES = {
    "boost": struct(header = "boost/interprocess/ipc/message_queue.hpp", linkopts = ["-lrt"]),
    "nats": struct(header = "nats/nats.h", linkopts = ["-lnats"]),
    "protobuf": struct(header = "google/protobuf/message.h", linkopts = ["-lprotobuf"]),
    "relacy": struct(header = "relacy/relacy.hpp", linkopts = []),
    "zeromq": struct(header = "zmq.h", linkopts = ["-lzmq"]),
}

# Programs that tests run by name: a target has them in `data`.
_TOOL_DIRS = [
    "/usr/bin",
    "/usr/lib/wine",
    "/usr/local/bin",
    "/usr/sbin",
]

_TOOLS = {
    "aarch64_compiler": "aarch64-linux-gnu-g++",
    "clang_14": "clang-14",
    "clang_format": "clang-format-14",
    "clang_tidy": "clang-tidy-14",
    "dot": "dot",
    "doxygen": "doxygen",
    "jlink": "jlink",
    "mingw": "x86_64-w64-mingw32-g++-posix",
    # No program: the theme, which the package of mkdocs itself lacks.
    "mkdocs_material": "../share/mkdocs/themes/material/base.html",
    "nats_server": "nats-server",
    "node": "node",
    "protoc": "protoc",
    "python3": "python3",
    # No program: a module of Python's.
    "python3_yaml": "../lib/python3/dist-packages/yaml/__init__.py",
    "qemu_aarch64": "qemu-aarch64",
    "sphinx": "sphinx-build",
    "spin": "spin",
    "systemd_analyze": "systemd-analyze",
    "wine": "wine64",
}

_BUILD = """\
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])
"""

_LIBRARY = """
cc_library(
    name = "{name}",
    linkopts = {linkopts},
    target_compatible_with = {compatible},
)
"""

_TOOL = """
filegroup(
    name = "{name}",
    target_compatible_with = {compatible},
)
"""

def _has(ctx, folders, file):
    for folder in folders:
        path = ctx.path(folder + "/" + file)
        ctx.watch(path)  # so that an installation is noticed at once
        if path.exists:
            return True
    return False

def _compatible(found):
    return [] if found else ["@platforms//:incompatible"]

def _system_libs_impl(ctx):
    build = _BUILD
    defs = '"""What the machine has."""\n\n'
    for name, library in _LIBRARIES.items():
        found = _has(ctx, _INCLUDE_DIRS, library.header)
        defs += "HAS_%s = %r\n" % (name.upper(), found)
        build += _LIBRARY.format(
            name = name,
            compatible = _compatible(found),
            linkopts = library.linkopts,
        )
    for name, program in _TOOLS.items():
        found = _has(ctx, _TOOL_DIRS, program)
        defs += "HAS_%s = %r\n" % (name.upper(), found)
        build += _TOOL.format(name = name, compatible = _compatible(found))
    python_headers = [
        "python3.%d" % minor
        for minor in range(9, 30)
        if _has(ctx, ["/usr/include"], "python3.%d/Python.h" % minor)
    ]
    defs += "PYTHON_INCLUDE = %r\n" % ("/usr/include/" + (python_headers or ["python3"])[-1])
    build += _LIBRARY.format(
        name = "python3_headers",
        compatible = _compatible(python_headers),
        linkopts = [],
    )
    ctx.file("BUILD.bazel", build)
    ctx.file("defs.bzl", defs)

system_libs = repository_rule(
    doc = "What the machine has of _LIBRARIES and _TOOLS.",
    implementation = _system_libs_impl,
    configure = True,
    local = True,
)
