# SPDX-License-Identifier: MIT

"""An assembly of the C# binding, and the NuGet packages that it is published in."""

load("//:version.bzl", "HOME", "VERSION")
load("//tools/build/rules/dotnet:dotnet.bzl", "csharp_library")
load("//tools/build/rules/dotnet:pack.bzl", "nuget_pack")

_FRAMEWORKS = [
    "net10.0",
    "net8.0",
    "netstandard2.0",
]

def assembly(name, srcs, description, nuget, nuget_for = {}, natives = {}, packages = [], **kwargs):
    """A csharp_library, and its package <name>.nupkg.

    With native libraries that package is for Linux x64 alone, which tests use; all_platforms_<name>.nupkg
    has those for all platforms, and asks for their compilers.

    Args:
      name: of the assembly and the package.
      srcs: of the assembly.
      description: of the package.
      nuget: NuGet packages that the assembly uses and its package depends on, in small letters.
      nuget_for: more of them, by framework.
      natives: native libraries for the package, by RID.
      packages: other packages of these that its package depends on; the assembly uses theirs.
      **kwargs: of the assembly's rule.
    """
    csharp_library(
        name = name,
        srcs = srcs,
        aot_compatible = True,
        doc = True,
        natives = [":libinterprocess_csharp.so"] if natives else [],
        nuget = nuget,
        nuget_for = nuget_for,
        source_link = "%s/raw/v%s/*" % (HOME, VERSION),
        target_frameworks = _FRAMEWORKS,
        version = VERSION,
        visibility = ["//visibility:public"],
        deps = [":" + package for package in packages],
        **kwargs
    )
    kinds = [("", "", {"linux-x64": natives["linux-x64"]} if natives else {}, [])]
    if natives:
        kinds.append(("all_platforms_", "all_platforms/", natives, ["manual"]))
    for prefix, folder, packed, tags in kinds:
        nuget_pack(
            name = "%s%s.nupkg" % (prefix, name),
            description = description,
            folder = folder,
            icon = "icon.png",
            id = name,
            library = ":" + name,
            natives = packed,
            nuget = nuget,
            nuget_for = nuget_for,
            packages = packages,
            readme = "README.md",
            tags = tags,
            tags_of_package = "ipc interprocess shared-memory queue message-queue lock-free zero-copy",
            target_frameworks = _FRAMEWORKS,
            version = VERSION,
            visibility = [
                "//tests/packaging:__pkg__",
                "//tools/build/dist:__pkg__",
            ],
        )
