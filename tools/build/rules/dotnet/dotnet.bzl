# SPDX-License-Identifier: MIT

"""C# by the compiler of the machine's .NET SDK: libraries, programs and xunit tests, without MSBuild."""

load("@dotnet//:defs.bzl", "CSC", "DOTNET", "HAS_DOTNET")
load("//tools/build/rules/platforms:posix.bzl", "POSIX")

# For targets that need the SDK and are not made by the macros below.
NEEDS_DOTNET = [] if HAS_DOTNET else ["@platforms//:incompatible"]

DotnetInfo = provider(
    doc = "One assembly and all it needs.",
    fields = {
        "analyzers": "depset of source generators",
        "libs": "depset of files for run time",
        "natives": "depset of native libraries",
        "refs": "depset of files to compile against",
    },
)

def _merge(deps, analyzers = [], refs = [], libs = [], natives = []):
    infos = [d[DotnetInfo] for d in deps]
    return DotnetInfo(
        analyzers = depset(analyzers, transitive = [i.analyzers for i in infos]),
        libs = depset(libs, transitive = [i.libs for i in infos]),
        natives = depset(natives, transitive = [i.natives for i in infos]),
        refs = depset(refs, transitive = [i.refs for i in infos]),
    )

def _nuget_package_impl(ctx):
    return [
        DefaultInfo(files = depset(ctx.files.libs)),
        _merge(ctx.attr.deps, ctx.files.analyzers, ctx.files.refs, ctx.files.libs),
    ]

nuget_package = rule(
    doc = "What a NuGet package has for one framework; made by tools/build/rules/dotnet/repositories.bzl.",
    implementation = _nuget_package_impl,
    attrs = {
        "analyzers": attr.label_list(allow_files = [".dll"]),
        "deps": attr.label_list(providers = [DotnetInfo]),
        "libs": attr.label_list(allow_files = [".dll"]),
        "refs": attr.label_list(allow_files = [".dll"]),
    },
)

_ASSEMBLY_INFO = """\
[assembly: System.Reflection.AssemblyTitle("{assembly}")]
[assembly: System.Reflection.AssemblyProduct("{assembly}")]
[assembly: System.Reflection.AssemblyVersion("{version}.0")]
[assembly: System.Reflection.AssemblyFileVersion("{version}.0")]
[assembly: System.Reflection.AssemblyInformationalVersion("{version}")]
[assembly: System.Runtime.Versioning.TargetFramework("{framework}")]
"""

_FRAMEWORK_NAMES = {
    "net10.0": ".NETCoreApp,Version=v10.0",
    "net8.0": ".NETCoreApp,Version=v8.0",
    "netstandard2.0": ".NETStandard,Version=v2.0",
}

def _assembly_info(ctx, assembly):
    lines = _ASSEMBLY_INFO.format(
        assembly = assembly,
        framework = _FRAMEWORK_NAMES[ctx.attr.target_framework],
        version = ctx.attr.version,
    )
    if ctx.attr.aot_compatible and ctx.attr.target_framework != "netstandard2.0":
        for key in ["IsTrimmable", "IsAotCompatible"]:
            lines += "[assembly: System.Reflection.AssemblyMetadata(\"%s\", \"True\")]\n" % key
    for friend in ctx.attr.friends:
        lines += "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"%s\")]\n" % friend
    out = ctx.actions.declare_file("%s.AssemblyInfo.cs" % ctx.label.name)
    ctx.actions.write(out, lines)
    return out

# What the compiler does in a directory of its own, at another time, to see that it makes the same.
_COMPILE_AGAIN = """\
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet=$1 csc=$2 args=$3 inputs=$4 results=$(dirname "$5") again=$(dirname "$6")
umask 077
cp -L --parents $(cat "$inputs") "${args#@}" "$folder"
mkdir -p "$folder/$results"
(cd "$folder" && TZ=UTC+11 "$dotnet" exec "$csc" -noconfig -pathmap:"$PWD"=/_ "$args")
cp "$folder/$results"/* "$again"
"""

def _compile(ctx, target, assembly):
    dll = ctx.actions.declare_file("%s.out/%s.dll" % (ctx.label.name, assembly))
    pdb = ctx.actions.declare_file(assembly + ".pdb", sibling = dll)
    xml = ctx.actions.declare_file(assembly + ".xml", sibling = dll) if ctx.attr.doc else None
    info = _merge(ctx.attr.deps)
    refs = depset(ctx.files.framework, transitive = [info.refs])
    srcs = ctx.files.srcs + [_assembly_info(ctx, assembly)]

    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = True)
    args.set_param_file_format("multiline")
    args.add_all([
        "-nologo",
        "-nostdlib+",
        "-deterministic+",
        "-debug:portable",
        "-nullable:enable",
        "-unsafe+",
        "-warnaserror+",
        "-warn:9999",
        "-langversion:13",
        "-nowarn:1701,1702",  # a newer reference assembly stands in for an older one
        "-target:" + target,
        "-optimize" + ("+" if ctx.var["COMPILATION_MODE"] == "opt" else "-"),
    ])
    args.add(dll, format = "-out:%s")
    args.add(pdb, format = "-pdb:%s")
    if xml:
        args.add(xml, format = "-doc:%s")
    args.add_all(ctx.attr.defines, format_each = "-define:%s")
    args.add_all(ctx.attr.nowarn, format_each = "-nowarn:%s")
    args.add_all(refs, format_each = "-r:%s")
    args.add_all(info.analyzers, format_each = "-analyzer:%s")
    if ctx.attr.source_link:
        # Debuggers fetch the sources there, but for the generated ones, which go into the symbols.
        source_link = ctx.actions.declare_file("%s.sourcelink.json" % ctx.label.name)
        ctx.actions.write(source_link, json.encode({"documents": {"/_/*": ctx.attr.source_link}}))
        args.add(source_link, format = "-sourcelink:%s")
        args.add_all([file for file in srcs if not file.is_source], format_each = "-embed:%s")
        extra = [source_link]
    else:
        extra = []
    args.add_all(srcs)
    ctx.actions.run_shell(
        # -noconfig is not allowed in the file of arguments.
        command = '"$1" exec "$2" -noconfig -pathmap:"$PWD"=/_ "$3"',
        arguments = [DOTNET, CSC, args],
        inputs = depset(srcs + extra + ctx.files._sdk, transitive = [refs, info.analyzers]),
        outputs = [dll, pdb] + ([xml] if xml else []),
        env = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1"},
        mnemonic = "Csc",
        progress_message = "Compiling C# %{label}",
    )
    again = [
        ctx.actions.declare_file("%s.again/%s" % (ctx.label.name, file.basename))
        for file in [dll, pdb, xml]
        if file
    ]
    inputs = depset(srcs + extra, transitive = [refs, info.analyzers])
    listed = ctx.actions.args()
    listed.use_param_file("%s", use_always = True)
    listed.set_param_file_format("multiline")
    listed.add_all(inputs)
    ctx.actions.run_shell(
        command = _COMPILE_AGAIN,
        arguments = [DOTNET, CSC, args, listed, dll.path, again[0].path],
        inputs = depset(ctx.files._sdk, transitive = [inputs]),
        outputs = again,
        env = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1"},
        mnemonic = "CscAgain",
        progress_message = "Compiling C# %{label} again",
    )
    return struct(dll = dll, pdb = pdb, xml = xml, again = again)

_ASSEMBLY = {
    "aot_compatible": attr.bool(doc = "says so in the assembly; nothing checks it here"),
    "defines": attr.string_list(),
    "deps": attr.label_list(providers = [DotnetInfo]),
    "doc": attr.bool(doc = "an .xml file of the documentation comments"),
    "framework": attr.label(mandatory = True),
    "friends": attr.string_list(doc = "assemblies that see what is internal"),
    "natives": attr.label_list(allow_files = True),
    "nowarn": attr.string_list(),
    "source_link": attr.string(doc = "where the sources are on the web, with a * for their paths"),
    "srcs": attr.label_list(allow_files = [".cs"], mandatory = True),
    "target_framework": attr.string(mandatory = True),
    "version": attr.string(default = "0.0.0"),
    "_sdk": attr.label(default = "@dotnet//:sdk"),
}

def _library_impl(ctx):
    out = _compile(ctx, "library", ctx.attr.assembly)
    return [
        DefaultInfo(files = depset([out.dll])),
        OutputGroupInfo(
            doc = depset([out.xml] if out.xml else []),
            pdb = depset([out.pdb]),
            again = depset([file for file in out.again if file.extension != "pdb"]),
            pdb_again = depset([file for file in out.again if file.extension == "pdb"]),
        ),
        _merge(ctx.attr.deps, [], [out.dll], [out.dll, out.pdb], ctx.files.natives),
    ]

_csharp_library = rule(
    implementation = _library_impl,
    attrs = dict(_ASSEMBLY, assembly = attr.string(mandatory = True)),
    provides = [DotnetInfo],
)

_LAUNCHER = """\
#!/bin/sh
app="${{RUNFILES_DIR:-$0.runfiles}}/{workspace}/{dll}"
[ -f "$app" ] || app="{dll}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
exec {dotnet} exec "$app" {args} "$@"
"""

def _executable_impl(ctx):
    out = _compile(ctx, "exe", ctx.label.name)
    info = _merge(ctx.attr.deps, [], [], [out.dll, out.pdb], ctx.files.natives)
    config = ctx.actions.declare_file(ctx.label.name + ".runtimeconfig.json", sibling = out.dll)
    ctx.actions.write(config, json.encode({"runtimeOptions": {
        "framework": {"name": "Microsoft.NETCore.App", "version": ctx.attr.target_framework[3:] + ".0"},
        "rollForward": "Major",
        "tfm": ctx.attr.target_framework,
    }}))

    # The host takes the folder of the real file for the application's, so copies, not links.
    app = [config, out.dll, out.pdb]
    for file in info.libs.to_list() + info.natives.to_list():
        if file in app:
            continue
        copy = ctx.actions.declare_file(file.basename, sibling = out.dll)
        ctx.actions.run_shell(
            command = 'cp -f "$1" "$2"',
            arguments = [file.path, copy.path],
            inputs = [file],
            outputs = [copy],
            mnemonic = "CopyAssembly",
        )
        app.append(copy)
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(launcher, _LAUNCHER.format(
        args = " ".join(ctx.attr.app_args),
        dll = out.dll.short_path,
        dotnet = DOTNET,
        workspace = ctx.workspace_name,
    ), is_executable = True)
    runfiles = ctx.runfiles(app + ctx.files.data)
    for data in ctx.attr.data:
        runfiles = runfiles.merge(data[DefaultInfo].default_runfiles)
    return [
        DefaultInfo(
            executable = launcher,
            files = depset([launcher]),
            runfiles = runfiles,
        ),
        RunEnvironmentInfo({
            key: ctx.expand_location(value, ctx.attr.data)
            for key, value in ctx.attr.env.items()
        }),
    ]

_EXECUTABLE = dict(
    _ASSEMBLY,
    app_args = attr.string_list(doc = "as the shell takes them, before those of the command line"),
    data = attr.label_list(allow_files = True),
    env = attr.string_dict(doc = "$(rootpath) of data is expanded"),
)

_csharp_binary = rule(implementation = _executable_impl, attrs = _EXECUTABLE, executable = True)

_csharp_test = rule(implementation = _executable_impl, attrs = _EXECUTABLE, test = True)

_REFERENCES = {
    "net10.0": "@dotnet//:ref_net10.0",
    "net8.0": "@nuget//:ref_net8.0",
    "netstandard2.0": "@nuget//:ref_netstandard2.0",
}

_DEFINES = {
    "net10.0": ["NET", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER"],
    "net8.0": ["NET", "NET8_0_OR_GREATER"],
    "netstandard2.0": ["NETSTANDARD", "NETSTANDARD2_0"],
}

def _assembly_attributes(target_framework, nuget, kwargs):
    return dict(
        kwargs,
        defines = _DEFINES[target_framework] + kwargs.get("defines", []),
        framework = _REFERENCES[target_framework],
        target_compatible_with = NEEDS_DOTNET + kwargs.get("target_compatible_with", []),
        target_framework = target_framework,
        deps = kwargs.get("deps", []) + ["@nuget//:%s/%s" % (target_framework, name) for name in nuget],
    )

def csharp_library(name, target_frameworks, deps = [], nuget = [], nuget_for = {}, assembly = None, **kwargs):
    """One assembly for each framework: <name>_<framework>. <name> is the first.

    Args:
      name: also that of the assembly, if it has no other.
      target_frameworks: net10.0, net8.0, netstandard2.0.
      deps: other csharp_library targets, without the framework.
      nuget: packages, in small letters.
      nuget_for: more of them, by framework.
      assembly: its name.
      **kwargs: of the rule.
    """
    for framework in target_frameworks:
        packages = nuget + nuget_for.get(framework, [])
        suffixed = ["%s_%s" % (dep, framework) for dep in deps]
        _csharp_library(
            name = "%s_%s" % (name, framework),
            assembly = assembly or name,
            **_assembly_attributes(framework, packages, dict(kwargs, deps = suffixed))
        )
    native.alias(
        name = name,
        actual = "%s_%s" % (name, target_frameworks[0]),
        visibility = kwargs.get("visibility"),
    )

def csharp_binary(name, target_framework = "net10.0", nuget = [], **kwargs):
    """A program; `deps` name the framework unless it is the library's first."""
    _csharp_binary(name = name, **_assembly_attributes(target_framework, nuget, kwargs))

def csharp_test(name, target_framework = "net10.0", nuget = [], **kwargs):
    """A program whose exit code is the result of a test."""
    attributes = _assembly_attributes(target_framework, nuget, kwargs)
    attributes["target_compatible_with"] += POSIX  # the SDK is that of the machine that builds
    _csharp_test(name = name, **attributes)

def csharp_xunit_test(name, srcs, nuget = [], **kwargs):
    """A program of xunit facts; its report is Bazel's test.xml."""
    csharp_test(
        name = name,
        srcs = srcs + ["//tools/build/rules/dotnet:XunitMain.cs"],
        app_args = ["-nologo", "-nocolor", '${XML_OUTPUT_FILE:+-jUnit "$XML_OUTPUT_FILE"}'],
        nuget = nuget + ["xunit.v3.assert", "xunit.v3.runner.inproc.console"],
        **kwargs
    )
