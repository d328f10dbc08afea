# SPDX-License-Identifier: MIT

"""The .NET SDK of the machine, as @dotnet, and the NuGet packages of a lock file, as @nuget.

Where there is no `dotnet` on PATH both exist, with the same labels, and what depends on them is
incompatible: Bazel skips it, and tools/build/ci/skipped.sh says what to install.
"""

# Language and reference assemblies come with this SDK; older ones have no net10.0.
_MIN_MAJOR = 10

_NO_SDK = """\
filegroup(
    name = "sdk",
    target_compatible_with = ["@platforms//:incompatible"],
    visibility = ["//visibility:public"],
)

filegroup(
    name = "ref_net10.0",
    visibility = ["//visibility:public"],
)
"""

_SDK = """\
filegroup(
    name = "sdk",
    srcs = ["version.txt"],
    visibility = ["//visibility:public"],
)

filegroup(
    name = "ref_net10.0",
    srcs = glob(["ref/*.dll"]),
    visibility = ["//visibility:public"],
)
"""

_DEFS = '''\
"""What the machine has."""

HAS_DOTNET = {has}
DOTNET = {dotnet}
CSC = {csc}
'''

def _find_sdk(ctx):
    dotnet = ctx.which("dotnet")
    if not dotnet:
        return None
    version = ctx.execute([dotnet, "--version"])
    if version.return_code:
        return None
    version = version.stdout.strip()
    return struct(
        dotnet = dotnet.realpath,
        root = dotnet.realpath.dirname,
        version = version,
    ) if int(version.split(".")[0]) >= _MIN_MAJOR else None

def _newest(folder, prefix):
    found = [
        ([int(part) if part.isdigit() else 0 for part in path.basename.split(".")], path)
        for path in folder.readdir()
        if path.basename.startswith(prefix)
    ]
    return sorted(found)[-1][1] if found else None

def _dotnet_sdk_impl(ctx):
    sdk = _find_sdk(ctx)
    packs = sdk and sdk.root.get_child("packs").get_child("Microsoft.NETCore.App.Ref")
    pack = _newest(packs, "10.0.") if packs and packs.exists else None
    if not pack:
        ctx.file("BUILD.bazel", _NO_SDK)
        ctx.file("defs.bzl", _DEFS.format(has = False, dotnet = None, csc = None))
        return
    csc = sdk.root.get_child("sdk").get_child(sdk.version).get_child("Roslyn").get_child("bincore").get_child("csc.dll")
    ctx.symlink(pack.get_child("ref").get_child("net10.0"), "ref")

    # An action is run again when the SDK is another.
    ctx.file("version.txt", "%s\n" % sdk.version)
    ctx.file("BUILD.bazel", _SDK)
    ctx.file("defs.bzl", _DEFS.format(
        has = True,
        csc = repr(str(csc)),
        dotnet = repr(str(sdk.dotnet)),
    ))

dotnet_sdk = repository_rule(
    doc = "The .NET SDK of the machine: `dotnet` on PATH.",
    implementation = _dotnet_sdk_impl,
    configure = True,
    environ = ["PATH"],
    local = True,
)

_PACKAGES = """\
load("@{workspace}//tools/build/rules/dotnet:dotnet.bzl", "nuget_package")

package(default_visibility = ["//visibility:public"])

filegroup(
    name = "ref_net8.0",
    srcs = glob(["packages/microsoft.netcore.app.ref/8.*/ref/net8.0/*.dll"], allow_empty = True),
)

filegroup(
    name = "ref_netstandard2.0",
    srcs = glob(["packages/netstandard.library/*/build/netstandard2.0/ref/*.dll"], allow_empty = True),
)

# A file of the packages' folder, where it is found by: packages/<id>/<version>/<file>.
filegroup(
    name = "a_package",
    srcs = glob(["packages/microsoft.extensions.logging.abstractions/*/*.nupkg"], allow_empty = True),
)
"""

_PACKAGE = """
nuget_package(
    name = {name},
    analyzers = {analyzers},
    libs = {libs},
    refs = {refs},
    deps = {deps},
)
"""

# The lock file spells frameworks out, the labels do not.
_FRAMEWORKS = {".NETStandard,Version=v2.0": "netstandard2.0"}

def _dlls(package, kind, base):
    return [base + file for file in package.get(kind, {}) if file.endswith(".dll")]

def _label(framework, name):
    return _FRAMEWORKS.get(framework, framework) + "/" + name.lower()

def _deps(framework, package, known):
    return [":" + _label(framework, d) for d in package.get("dependencies", {}) if d.lower() in known]

def _restored_packages(ctx):
    """[(label, dict of attributes)] after a restore."""
    result = []
    assets = json.decode(ctx.read("obj/project.assets.json"))
    for framework, packages in assets["targets"].items():
        known = {key.split("/")[0].lower(): None for key in packages}
        for key, package in packages.items():
            name, version = key.lower().split("/")
            base = "packages/%s/%s/" % (name, version)
            generators = ctx.path(base + "analyzers/dotnet/roslyn4.4/cs")
            wanted = name in ctx.attr.analyzers and generators.exists
            result.append(dict(
                name = _label(framework, name),
                analyzers = [
                    base + "analyzers/dotnet/roslyn4.4/cs/" + path.basename
                    for path in generators.readdir()
                    if path.basename.endswith(".dll")
                ] if wanted else [],
                libs = _dlls(package, "runtime", base),
                refs = _dlls(package, "compile", base),
                deps = _deps(framework, package, known),
            ))
    return result

def _locked_packages(lock):
    """The same labels without files, where nothing can be restored."""
    return [
        dict(name = _label(framework, name), analyzers = [], libs = [], refs = [], deps = [])
        for framework, packages in lock["dependencies"].items()
        for name in packages
    ]

def _versions(lock):
    """{framework: {name in small letters: "name version"}}"""
    return {
        _FRAMEWORKS.get(framework, framework): {
            name.lower(): "%s %s" % (name, package["resolved"])
            for name, package in packages.items()
        }
        for framework, packages in lock["dependencies"].items()
    }

def _quoted(line, before):
    """What stands between `before` and the next quotation mark; None if the line has no `before`."""
    return line.split(before)[1].split("\"")[0] if before in line else None

def _project(text):
    """What an SDK-style project says of its assembly; one element a line."""
    found = {"Compile": [], "InternalsVisibleTo": [], "PackageReference": [], "ProjectReference": []}
    nuget_for = {}
    framework = None
    description = ""
    for line in text.splitlines():
        if "<ItemGroup" in line:
            condition = _quoted(line, "Condition=\"'$(TargetFramework)' == '")
            framework = condition.rstrip("'") if condition else None
        if "<Description>" in line:
            description = line.split("<Description>")[1].split("</Description>")[0]
        for kind in found:
            name = _quoted(line, "<%s Include=\"" % kind)
            if name and framework:
                nuget_for.setdefault(framework, []).append(name.lower())
            elif name:
                found[kind].append(name)
    return dict(
        description = description,
        friends = found["InternalsVisibleTo"],
        nuget = [name.lower() for name in found["PackageReference"]],
        nuget_for = nuget_for,
        packages = [name.removesuffix(".csproj") for name in found["ProjectReference"]],
        srcs = found["Compile"],
    )

def _nuget_restore_impl(ctx):
    lock = json.decode(ctx.read(ctx.attr.lock_file))
    ctx.file("projects.bzl", "\"\"\"What the projects say, by name.\"\"\"\n\nPROJECTS = %r\n" % {
        project.name.removesuffix(".csproj"): _project(ctx.read(project))
        for project in ctx.attr.projects
    })
    ctx.file("versions.bzl", "\"\"\"The versions of the lock file.\"\"\"\n\nVERSIONS = %r\n" % _versions(lock))
    ctx.file("deps.csproj", ctx.read(ctx.attr.project))
    ctx.file(ctx.attr.versions.name, ctx.read(ctx.attr.versions))
    ctx.file("packages.lock.json", ctx.read(ctx.attr.lock_file))
    sdk = _find_sdk(ctx)
    if sdk:
        command = [sdk.dotnet, "restore", "deps.csproj", "--packages", "packages", "--locked-mode", "-v", "q"]
        environment = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"}
        result = ctx.execute(command, environment = environment, timeout = 600)
        if result.return_code:
            fail("dotnet restore of %s: %s%s" % (ctx.attr.project, result.stdout, result.stderr))
        packages = _restored_packages(ctx)
    else:
        packages = _locked_packages(lock)
    build = _PACKAGES.format(workspace = ctx.attr.workspace)
    for package in packages:
        build += _PACKAGE.format(**{key: repr(value) for key, value in package.items()})
    ctx.file("BUILD.bazel", build)

nuget_restore = repository_rule(
    doc = "The packages of a project and its lock file, restored by the .NET SDK's own client.",
    implementation = _nuget_restore_impl,
    attrs = {
        "analyzers": attr.string_list(doc = "packages whose source generators run"),
        "lock_file": attr.label(mandatory = True, doc = "pins version and content hash of each"),
        "project": attr.label(mandatory = True),
        "projects": attr.label_list(doc = "projects of assemblies, for projects.bzl"),
        "versions": attr.label(mandatory = True, doc = "the file of versions that the project imports"),
        "workspace": attr.string(mandatory = True, doc = "the repository of //tools/build/rules/dotnet"),
    },
    environ = ["HOME", "NUGET_PACKAGES", "PATH"],
)

_DOWNLOAD = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
{packages}
  </ItemGroup>
</Project>
"""

_DOWNLOADED = """\
# A file of the packages' folder, where it is found by: packages/<id>/<version>/<file>.
filegroup(
    name = "a_package",
    srcs = glob(["packages/*/*/*.nupkg"], allow_empty = True)[:1],
    target_compatible_with = {compatible},
    visibility = ["//visibility:public"],
)
"""

def _nuget_download_impl(ctx):
    sdk = _find_sdk(ctx)
    has = False
    if sdk:
        ctx.file("download.csproj", _DOWNLOAD.format(packages = "\n".join([
            "    <PackageDownload Include=\"%s\" Version=\"[%s]\" />" % tuple(package.split(" "))
            for package in ctx.attr.packages
        ])))
        command = [sdk.dotnet, "restore", "download.csproj", "--packages", "packages", "-v", "q"]
        environment = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"}
        has = ctx.execute(command, environment = environment, timeout = 600).return_code == 0
    for package, sha512 in ctx.attr.packages.items() if has else []:
        name, version = package.lower().split(" ")
        found = ctx.read("packages/%s/%s/%s.%s.nupkg.sha512" % (name, version, name, version))
        if found != sha512:
            fail("%s %s has the SHA-512 %s, not %s" % (name, version, found, sha512))
    for folder in ctx.attr.unused if has else []:
        ctx.delete("packages/" + folder)
    ctx.file("defs.bzl", "\"\"\"Whether the packages are there.\"\"\"\n\nHAS_PACKAGES = %r\n" % has)
    ctx.file("BUILD.bazel", _DOWNLOADED.format(
        compatible = [] if has else ["@platforms//:incompatible"],
    ))

nuget_download = repository_rule(
    doc = "Packages that no assembly is compiled against. Where they cannot be had, the label in it is incompatible.",
    implementation = _nuget_download_impl,
    attrs = {
        "packages": attr.string_dict(doc = "'id version' to the base64 of the SHA-512", mandatory = True),
        "unused": attr.string_list(doc = "folders of large packages, which are deleted: <id>/<version>/<folder>"),
    },
    environ = ["HOME", "NUGET_PACKAGES", "PATH"],
)

def dotnet_repositories():
    """Declares @dotnet, @nuget, @nuget_aot and @nuget_docfx."""
    dotnet_sdk(name = "dotnet")
    nuget_restore(
        name = "nuget",
        analyzers = ["microsoft.extensions.logging.abstractions"],
        lock_file = Label("//third_party/nuget:packages.lock.json"),
        project = Label("//third_party/nuget:deps.csproj"),
        projects = [
            Label("//bindings/csharp:%s.csproj" % name)
            for name in [
                "Interprocess",
                "Interprocess.Cloudtoid",
                "Interprocess.DependencyInjection",
            ]
        ],
        versions = Label("//third_party/nuget:versions.targets"),
        workspace = "interprocess",
    )

    # The reference of the assemblies, for the documentation. A tool that runs on the SDK's runtime.
    nuget_download(
        name = "nuget_docfx",
        packages = {
            "docfx 2.81.0": "Q4ULWz39F2R6r35D6hwtmefvE2LR1U7NCIEB+xbdpi+GyvE302FzMpsl/LFjU5l5V5l0MwfNpNTiCBH4invN7w==",
        },
        unused = ["docfx/2.81.0/tools/" + framework for framework in ["net11.0", "net8.0", "net9.0"]],
    )

    # Ahead-of-time compilation: of the version that tests/packaging/nuget/aot names.
    nuget_download(
        name = "nuget_aot",
        packages = {
            "Microsoft.DotNet.ILCompiler 10.0.12": "qeOTK9DRbWx4/eebXG1v50ykEEmD9Uvp8J1iCFqnz30Wg8s8vfPd2tPpqae0wMnSYmdvKCmTCEg6/ZazSsulYg==",
            "Microsoft.NET.ILLink.Tasks 10.0.12": "opT5P1p+CG70xGaveTgq3Q5OZKd7MZ0Rs10x4Tewl6bcPbu4SLo4F0n6RBCInvBKxoR10T11+X0M9dgjKEfucw==",
            "Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64 10.0.12": "mgW2qXcts+ADITMrHQKhSc+OBZq/AjS3z8ERazD6WIr9AxoDwlVIDg+tf1a7f2g6QgQ33ZqFKPOSOTRLKusAoA==",
            "Microsoft.NETCore.App.Runtime.linux-x64 10.0.12": "FWJ8ixsfc+snzowYyAUlRGHehPjH9xtmLg0owWDV1Ju9dUeZf+OKuBagE+E/flME5Hhx7rObgcSVTXQak/wvGg==",
            "runtime.linux-x64.Microsoft.DotNet.ILCompiler 10.0.12": "EQ+HtSVgpCYFcKjcQPDhQazwnuy8AeeSoTudz65Kl1/8B7U5JDQ6tmV8uFhT94tXMnEs5XMoaYXcLOsBcgf8gg==",
        },
    )
