"""Libraries of the machine that only optional targets use, as the repository @system_libs.

A target that depends on one that the machine lacks is incompatible: Bazel skips it, and
tools/bazel/skipped.sh says what to install. defs.bzl has HAS_<LIBRARY> for other decisions.
"""

# Headers below these folders are known to the compiler already, so the libraries name none.
_INCLUDE_DIRS = [
    "/usr/include",
    "/usr/local/include",
]

_LIBRARIES = {
    "boost": struct(header = "boost/interprocess/ipc/message_queue.hpp", linkopts = ["-lrt"]),
    "zeromq": struct(header = "zmq.h", linkopts = ["-lzmq"]),
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

def _has(ctx, library):
    for folder in _INCLUDE_DIRS:
        header = ctx.path(folder + "/" + library.header)
        ctx.watch(header)  # so that an installation is noticed at once
        if header.exists:
            return True
    return False

def _system_libs_impl(ctx):
    build = _BUILD
    defs = '"""Which libraries the machine has."""\n\n'
    for name, library in _LIBRARIES.items():
        found = _has(ctx, library)
        defs += "HAS_%s = %r\n" % (name.upper(), found)
        build += _LIBRARY.format(
            name = name,
            compatible = [] if found else ["@platforms//:incompatible"],
            linkopts = library.linkopts,
        )
    ctx.file("BUILD.bazel", build)
    ctx.file("defs.bzl", defs)

system_libs = repository_rule(
    doc = "What the machine has of _LIBRARIES.",
    implementation = _system_libs_impl,
    configure = True,
    local = True,
)
