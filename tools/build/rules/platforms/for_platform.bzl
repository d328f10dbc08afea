# SPDX-License-Identifier: MIT

"""What a package carries for other platforms than the one that the build is for."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain", "use_cpp_toolchain")

_SETTINGS = [
    "//command_line_option:" + option
    for option in ["extra_toolchains", "force_pic", "platforms"]
]

def _to_platform_impl(settings, attr):
    if not attr.platform:
        return {key: settings[key] for key in _SETTINGS}
    return {
        "//command_line_option:extra_toolchains": [attr.toolchain],
        "//command_line_option:force_pic": False,
        "//command_line_option:platforms": [attr.platform],
    }

to_platform = transition(
    implementation = _to_platform_impl,
    inputs = _SETTINGS,
    outputs = _SETTINGS,
)

def _runtime_native_impl(ctx):
    src = ctx.files.src[0]
    out = ctx.actions.declare_file("%s/%s" % (ctx.label.name, src.basename))
    cc_toolchain = find_cpp_toolchain(ctx)
    ctx.actions.run(
        executable = cc_toolchain.strip_executable,
        arguments = ["--strip-all", "-o", out.path, src.path],
        inputs = depset([src], transitive = [cc_toolchain.all_files]),
        outputs = [out],
        mnemonic = "StripNative",
        progress_message = "Stripping %{output}",
    )
    return [DefaultInfo(files = depset([out]))]

runtime_native = rule(
    doc = """A shared library without its symbols, built for `platform` if there is one.

    Where the machine lacks the platform's compiler the target is skipped.""",
    implementation = _runtime_native_impl,
    cfg = to_platform,
    attrs = {
        "platform": attr.string(),
        "src": attr.label(allow_files = True, mandatory = True),
        "toolchain": attr.string(doc = "The platform's, as --extra_toolchains takes it."),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    toolchains = use_cpp_toolchain(),
)

def natives_for_all_platforms(linux, windows, names):
    """One runtime_native for each platform that packages are made for.

    Args:
      linux: the shared library as Linux has it.
      windows: as Windows has it.
      names: what the package's format calls linux_x86_64, linux_aarch64 and windows_x86_64, which
        are the targets' names too.

    Returns:
      A dictionary of the names and the targets.
    """
    linux_x86_64, linux_aarch64, windows_x86_64 = names
    runtime_native(
        name = linux_x86_64,
        src = linux,
    )
    runtime_native(
        name = linux_aarch64,
        src = linux,
        platform = "//tools/build/toolchains/aarch64:platform",
        tags = ["manual"],
        toolchain = "//tools/build/toolchains/aarch64:toolchain",
    )
    runtime_native(
        name = windows_x86_64,
        src = windows,
        platform = "//tools/build/toolchains/mingw:platform",
        tags = ["manual"],
        toolchain = "//tools/build/toolchains/mingw:toolchain",
    )
    return {name: ":" + name for name in names}
