# SPDX-License-Identifier: MIT

"""Runs SWIG over an interface file."""

load("@rules_cc//cc:defs.bzl", "CcInfo")

def _run_swig(ctx, args, generated, wrap):
    headers = []
    for dep in ctx.attr.deps:
        context = dep[CcInfo].compilation_context
        headers.append(context.headers)
        for paths in [context.includes, context.quote_includes, context.system_includes]:
            args.add_all(paths, format_each = "-I%s")
    args.add("-o", wrap)
    args.add(ctx.file.src)
    ctx.actions.run(
        executable = ctx.executable._swig,
        arguments = [args],
        inputs = depset([ctx.file.src] + ctx.files.includes + ctx.files._swig_lib, transitive = headers),
        outputs = [wrap, generated],
        env = {"SWIG_LIB": ctx.file._swig_marker.dirname},
        mnemonic = "Swig",
        progress_message = "Generating %{label}",
    )

def _common_args(ctx, language):
    args = ctx.actions.args()
    args.add_all(["-c++", "-Wall", "-Werror", "-" + language])
    return args

def _entry(file):
    return file.tree_relative_path + "=" + file.path

def _swig_java_impl(ctx):
    wrap = ctx.actions.declare_file(ctx.label.name + "_wrap.cc")
    generated = ctx.actions.declare_directory(ctx.label.name + "_java")
    args = _common_args(ctx, "java")
    args.add("-package", ctx.attr.package)
    args.add_all("-outdir", [generated], expand_directories = False)
    _run_swig(ctx, args, generated, wrap)

    sources = ctx.actions.declare_file(ctx.label.name + ".srcjar")
    zip_args = ctx.actions.args()
    zip_args.add("c", sources)
    zip_args.add_all(
        [generated],
        map_each = _entry,
        format_each = ctx.attr.package.replace(".", "/") + "/%s",
    )
    ctx.actions.run(
        executable = ctx.executable._zipper,
        arguments = [zip_args],
        inputs = [generated],
        outputs = [sources],
        mnemonic = "SwigSrcjar",
    )
    natives = ctx.actions.declare_file(ctx.label.name + "_natives.cc")
    ctx.actions.run_shell(
        inputs = [generated, ctx.file._natives],
        outputs = [natives],
        command = "awk -v package=%s/ -f %s %s/*JNI.java > %s" % (
            ctx.attr.package.replace(".", "/"),
            ctx.file._natives.path,
            generated.path,
            natives.path,
        ),
        mnemonic = "SwigNatives",
    )
    return [
        DefaultInfo(files = depset([wrap, natives])),
        OutputGroupInfo(sources = depset([sources])),
    ]

# The interfaces neither throw nor call back.
_CSHARP_WITHOUT = [
    "SWIG_CSHARP_NO_EXCEPTION_HELPER",
    "SWIG_CSHARP_NO_IMCLASS_STATIC_CONSTRUCTOR",
    "SWIG_CSHARP_NO_STRING_HELPER",
]

def _swig_csharp_impl(ctx):
    wrap = ctx.actions.declare_file(ctx.label.name + "_wrap.cc")
    generated = ctx.actions.declare_file(ctx.label.name + ".cs")
    args = _common_args(ctx, "csharp")
    args.add_all(_CSHARP_WITHOUT, format_each = "-D%s")
    args.add("-namespace", ctx.attr.namespace)
    args.add("-dllimport", ctx.attr.dllimport)
    args.add("-outfile", generated.basename)
    args.add("-outdir", generated.dirname)
    _run_swig(ctx, args, generated, wrap)
    return [
        DefaultInfo(files = depset([wrap])),
        OutputGroupInfo(sources = depset([generated])),
    ]

_ATTRS = {
    "deps": attr.label_list(
        doc = "The C++ libraries whose headers the interface names.",
        providers = [CcInfo],
    ),
    "includes": attr.label_list(
        doc = "The interface files that `src` includes.",
        allow_files = [".i"],
    ),
    "src": attr.label(
        doc = "The interface file.",
        allow_single_file = [".i"],
        mandatory = True,
    ),
    "_swig": attr.label(default = "@swig", executable = True, cfg = "exec"),
    "_swig_lib": attr.label(default = "@swig//:lib"),
    "_swig_marker": attr.label(default = "@swig//:Lib/swig.swg", allow_single_file = True),
}

swig_java = rule(
    doc = """The C++ wrapper, and the table of its functions that bindings/java/jni/load.h declares, for
    a shared library; a source jar in the output group `sources`.""",
    implementation = _swig_java_impl,
    attrs = dict(
        _ATTRS,
        package = attr.string(
            doc = "Of the generated classes.",
            mandatory = True,
        ),
        _natives = attr.label(default = "natives.awk", allow_single_file = True),
        _zipper = attr.label(
            default = "@bazel_tools//tools/zip:zipper",
            executable = True,
            cfg = "exec",
        ),
    ),
)

swig_csharp = rule(
    doc = "The C++ wrapper, for a shared library; one C# file in the output group `sources`.",
    implementation = _swig_csharp_impl,
    attrs = dict(
        _ATTRS,
        dllimport = attr.string(
            doc = "The shared library's name in DllImport.",
            mandatory = True,
        ),
        namespace = attr.string(
            doc = "Of the generated classes.",
            mandatory = True,
        ),
    ),
)
