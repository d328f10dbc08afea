"""Debian's g++ on x86-64 Linux for 64-bit Arm Linux: apt-get install g++-aarch64-linux-gnu."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)

_PREFIX = "/usr/bin/aarch64-linux-gnu-"

_TOOLS = {
    "ar": "ar",
    "cpp": "cpp",
    "gcc": "g++",
    "gcov": "gcov",
    "ld": "ld",
    "nm": "nm",
    "objcopy": "objcopy",
    "objdump": "objdump",
    "strip": "strip",
}

_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.preprocess_assemble,
]

_LINK = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

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
                    # The dates and canonical paths: the same object on every machine.
                    _flags(_COMPILE, [
                        "-Wall",
                        "-fno-canonical-system-headers",
                        "-Wno-builtin-macro-redefined",
                        "-D__DATE__=\"redacted\"",
                        "-D__TIMESTAMP__=\"redacted\"",
                        "-D__TIME__=\"redacted\"",
                    ]),
                    _flags(
                        _COMPILE,
                        ["-g0", "-O2", "-DNDEBUG"],
                        with_features = [with_feature_set(features = ["opt"])],
                    ),
                    _flags(
                        _COMPILE,
                        ["-g"],
                        with_features = [with_feature_set(features = ["dbg"])],
                    ),
                    _flags(_LINK, ["-lstdc++", "-lm"]),
                ],
            ),
        ],
        host_system_name = "local",
        target_cpu = "aarch64",
        target_libc = "glibc",
        target_system_name = "aarch64-linux-gnu",
        tool_paths = [tool_path(name = name, path = _PREFIX + tool) for name, tool in _TOOLS.items()],
        toolchain_identifier = "gcc_aarch64_linux_gnu",
    )

aarch64_toolchain_config = rule(
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
