# SPDX-License-Identifier: MIT

"""MinGW-w64 with POSIX threads, on Linux, for 64-bit Windows (Debian's g++-mingw-w64-x86-64-posix)."""

load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "artifact_name_pattern",
    "feature",
    "flag_group",
    "flag_set",
    "with_feature_set",
)
load("//tools/build/rules/platforms:cross_compiler.bzl", "AS_C", "COMPILE", "COMPILE_C", "LINK", "SAME_BYTES", "tool_paths")

_COMPILE_FLAGS = [
    "-D_WIN32_WINNT=0x0A00",
    "-D__USE_MINGW_ANSI_STDIO=1",
    "-DNOMINMAX",
    "-DWIN32_LEAN_AND_MEAN",
] + SAME_BYTES

# One file that needs nothing but the system.
_LINK_FLAGS = [
    "-static",
    "-static-libgcc",
    "-static-libstdc++",
    "-Wl,--no-insert-timestamp",
]

def _flags(name, actions, flags, mode = None):
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(
            actions = actions,
            flag_groups = [flag_group(flags = flags)],
            with_features = [with_feature_set(features = [mode])] if mode else [],
        )],
    )

def _impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "mingw-w64",
        abi_version = "mingw-w64",
        artifact_name_patterns = [
            artifact_name_pattern(category_name = "executable", prefix = "", extension = ".exe"),
            artifact_name_pattern(category_name = "dynamic_library", prefix = "", extension = ".dll"),
        ],
        # The name that abseil's build looks for.
        compiler = "mingw-gcc",
        cxx_builtin_include_directories = [
            "/usr/lib/gcc/x86_64-w64-mingw32",
            "/usr/share/mingw-w64/include",
            "/usr/x86_64-w64-mingw32/include",
        ],
        features = [
            feature(name = "dbg"),
            feature(name = "fastbuild"),
            feature(name = "opt"),
            feature(name = "static_linking_mode"),
            feature(name = "targets_windows", enabled = True),
            _flags("compile_flags", COMPILE, _COMPILE_FLAGS),
            _flags("c_flags", COMPILE_C, AS_C),
            _flags("debug_flags", COMPILE, ["-g"], mode = "dbg"),
            _flags("optimize_flags", COMPILE, ["-O2", "-DNDEBUG"], mode = "opt"),
            _flags("link_flags", LINK, _LINK_FLAGS),
        ],
        host_system_name = "local",
        target_cpu = "x64_windows",
        target_libc = "mingw-w64",
        target_system_name = "x86_64-w64-mingw32",
        tool_paths = tool_paths(
            "/usr/bin/x86_64-w64-mingw32-",
            ar = "gcc-ar-posix",
            cpp = "cpp-posix",
            gcc = "g++-posix",
            gcov = "gcov-posix",
        ),
        toolchain_identifier = "mingw_w64_x86_64",
    )

mingw_toolchain_config = rule(
    doc = "How to call Debian's MinGW-w64 compiler.",
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
