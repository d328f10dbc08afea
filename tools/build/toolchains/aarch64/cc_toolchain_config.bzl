# SPDX-License-Identifier: MIT

"""Debian's g++ on x86-64 Linux for 64-bit Arm Linux: apt-get install g++-aarch64-linux-gnu."""

load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "with_feature_set",
)
load("//tools/build/rules/platforms:cross_compiler.bzl", "AS_C", "COMPILE", "COMPILE_C", "LINK", "SAME_BYTES", "tool_paths")

def _flags(actions, flags, **kwargs):
    return flag_set(actions = actions, flag_groups = [flag_group(flags = flags)], **kwargs)

def _impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "glibc",
        abi_version = "gcc",
        compiler = "gcc",
        cxx_builtin_include_directories = [
            "/usr/aarch64-linux-gnu/include",
            "/usr/lib/gcc-cross/aarch64-linux-gnu",
        ],
        features = [
            feature(name = "dbg"),
            feature(name = "fastbuild"),
            feature(name = "opt"),
            feature(name = "supports_pic", enabled = True),
            feature(
                name = "default_flags",
                enabled = True,
                flag_sets = [
                    _flags(COMPILE, ["-Wall"] + SAME_BYTES),
                    _flags(COMPILE_C, AS_C),
                    _flags(
                        COMPILE,
                        ["-g0", "-O2", "-DNDEBUG"],
                        with_features = [with_feature_set(features = ["opt"])],
                    ),
                    _flags(
                        COMPILE,
                        ["-g"],
                        with_features = [with_feature_set(features = ["dbg"])],
                    ),
                    _flags(LINK, ["-lstdc++", "-lm"]),
                ],
            ),
        ],
        host_system_name = "local",
        target_cpu = "aarch64",
        target_libc = "glibc",
        target_system_name = "aarch64-linux-gnu",
        tool_paths = tool_paths(
            "/usr/bin/aarch64-linux-gnu-",
            ar = "ar",
            cpp = "cpp",
            gcc = "g++",
            gcov = "gcov",
        ),
        toolchain_identifier = "gcc_aarch64_linux_gnu",
    )

aarch64_toolchain_config = rule(
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
