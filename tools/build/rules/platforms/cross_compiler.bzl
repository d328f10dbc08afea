# SPDX-License-Identifier: MIT

"""What Debian's cross compilers have in common as Bazel's toolchains."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl", "tool_path")
load("@rules_cc//cc:defs.bzl", "cc_toolchain")

COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.preprocess_assemble,
]

# For these alone, AS_C: g++, which compiles everything here, takes sources of C for C++ otherwise.
COMPILE_C = [ACTION_NAMES.c_compile]
AS_C = ["-xc"]

LINK = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

# No dates, and canonical paths: the same object from the same source on every machine.
SAME_BYTES = [
    "-fno-canonical-system-headers",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
]

_BINUTILS = ["ld", "nm", "objcopy", "objdump", "strip"]

def tool_paths(prefix, **compiler):
    """The programs that begin with `prefix`; `compiler` are those not named like the tool."""
    names = {name: name for name in _BINUTILS} | compiler
    return [tool_path(name = name, path = prefix + program) for name, program in names.items()]

def cross_toolchain(name, toolchain_config, target_compatible_with):
    """A toolchain of x86-64 Linux, whose compiler is the machine's: none of its files is an input."""
    native.filegroup(name = "no_files")
    cc_toolchain(
        name = "cc_toolchain",
        all_files = ":no_files",
        compiler_files = ":no_files",
        dwp_files = ":no_files",
        linker_files = ":no_files",
        objcopy_files = ":no_files",
        strip_files = ":no_files",
        toolchain_config = toolchain_config,
    )
    native.toolchain(
        name = name,
        exec_compatible_with = [
            "@platforms//cpu:x86_64",
            "@platforms//os:linux",
        ],
        target_compatible_with = target_compatible_with,
        toolchain = ":cc_toolchain",
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
    )
