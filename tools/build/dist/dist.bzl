# SPDX-License-Identifier: MIT

"""What is shipped to those who do not build with Bazel."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain", "use_cpp_toolchain")
load("@rules_cc//cc:defs.bzl", "CcInfo")
load("//tools/build/rules/platforms:for_platform.bzl", "to_platform")

def _static_library_impl(ctx):
    objects = []
    archives = []
    for linker_input in ctx.attr.dep[CcInfo].linking_context.linker_inputs.to_list():
        for library in linker_input.libraries:
            archive = library.pic_static_library or library.static_library
            if not archive:
                continue
            (objects if library.alwayslink else archives).append(archive)
    out = ctx.actions.declare_file("%s/%s" % (ctx.label.name, ctx.attr.out))
    cc_toolchain = find_cpp_toolchain(ctx)
    args = ctx.actions.args()
    args.add_all([
        cc_toolchain.ld_executable,
        cc_toolchain.objcopy_executable,
        cc_toolchain.nm_executable,
        cc_toolchain.ar_executable,
        ctx.attr.exports,
        out,
    ])
    args.add("--whole-archive")
    args.add_all(objects)
    args.add("--no-whole-archive")
    args.add("--start-group")
    args.add_all(archives)
    args.add("--end-group")
    ctx.actions.run(
        executable = ctx.executable._merge,
        arguments = [args],
        inputs = depset(objects + archives, transitive = [cc_toolchain.all_files]),
        outputs = [out],
        mnemonic = "StaticLibrary",
        progress_message = "Merging %{output}",
    )
    return [DefaultInfo(files = depset([out]))]

static_library = rule(
    doc = """One archive of a cc_library and all that it depends on, with nothing but `exports` to see.

    It is built for `platform` if there is one.""",
    implementation = _static_library_impl,
    attrs = {
        "dep": attr.label(mandatory = True, providers = [CcInfo]),
        "exports": attr.string(doc = "A pattern of the names that stay global.", mandatory = True),
        "out": attr.string(mandatory = True),
        "platform": attr.string(),
        "toolchain": attr.string(),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
        "_merge": attr.label(
            default = "//tools/build/dist:merge_objects",
            executable = True,
            cfg = "exec",
        ),
    },
    cfg = to_platform,
    toolchains = use_cpp_toolchain(),
)

def _import_library_impl(ctx):
    dll = ctx.file.dll
    cc_toolchain = find_cpp_toolchain(ctx)
    outs = [
        ctx.actions.declare_file("%s/%s" % (ctx.label.name, name))
        for name in ["interprocess.def", "libinterprocess.dll.a", "interprocess.lib"]
    ]
    ctx.actions.run_shell(
        command = """
            set -e
            {
              echo "LIBRARY ${1##*/}"
              echo EXPORTS
              "$2" -p "$1" | awk '/Name Pointer. Table/ { on = 1; next } on && /^\\t\\[/ { print $NF }'
            } >"$4"
            "$3" --deterministic-libraries -d "$4" -l "$5"
            cp "$5" "$6"
        """,
        arguments = [
            dll.path,
            cc_toolchain.objdump_executable,
            cc_toolchain.objdump_executable.replace("objdump", "dlltool"),
        ] + [out.path for out in outs],
        inputs = depset([dll], transitive = [cc_toolchain.all_files]),
        outputs = outs,
        mnemonic = "ImportLibrary",
        progress_message = "Listing what %{input} exports",
    )
    return [DefaultInfo(files = depset(outs))]

import_library = rule(
    doc = """What programs link that use a DLL, for MinGW and for Microsoft's linker, and its .def file.""",
    implementation = _import_library_impl,
    attrs = {
        "dll": attr.label(allow_single_file = [".dll"], mandatory = True),
        "platform": attr.string(),
        "toolchain": attr.string(),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    cfg = to_platform,
    toolchains = use_cpp_toolchain(),
)

SourcesInfo = provider("The sources of this workspace behind a target.", fields = ["files"])

def _sources_aspect_impl(_target, ctx):
    own = []
    if not ctx.label.workspace_name and hasattr(ctx.rule.files, "srcs"):
        own = [file for file in ctx.rule.files.srcs if file.extension in ["c", "cc"]]
    return [SourcesInfo(files = depset(
        own,
        transitive = [dep[SourcesInfo].files for dep in getattr(ctx.rule.attr, "deps", []) if SourcesInfo in dep],
    ))]

_sources_aspect = aspect(
    implementation = _sources_aspect_impl,
    attr_aspects = ["deps"],
)

def _source_list_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    files = depset(transitive = [dep[SourcesInfo].files for dep in ctx.attr.deps])
    paths = sorted([file.short_path for file in files.to_list()])
    ctx.actions.write(out, "\n".join(paths) + "\n")
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

source_list = rule(
    doc = "The C and C++ sources of this workspace that `deps` are compiled from, one a line.",
    implementation = _source_list_impl,
    attrs = {"deps": attr.label_list(aspects = [_sources_aspect])},
)

def _release_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executable = ctx.executable._release,
        arguments = [folder.path, ctx.attr.version, ctx.file.changelog.path] +
                    [file.path for file in ctx.files.srcs],
        inputs = ctx.files.srcs + [ctx.file.changelog],
        outputs = [folder],
        mnemonic = "Release",
        progress_message = "Laying out %{output}",
    )
    return [DefaultInfo(files = depset([folder]))]

release = rule(
    doc = "A folder of all that a release has, with checksums and notes: see release.sh.",
    implementation = _release_impl,
    attrs = {
        "changelog": attr.label(allow_single_file = True, mandatory = True),
        "srcs": attr.label_list(allow_files = True),
        "version": attr.string(mandatory = True),
        "_release": attr.label(
            default = "//tools/build/dist:release_folder",
            executable = True,
            cfg = "exec",
        ),
    },
)
