# SPDX-License-Identifier: MIT

"""NuGet packages without MSBuild. The same inputs give the same bytes: see pack.sh."""

load("@nuget//:versions.bzl", "VERSIONS")
load("//:version.bzl", "AUTHORS", "HOME")
load("//tools/build/rules/dotnet:dotnet.bzl", "NEEDS_DOTNET")

_NUSPEC = """\
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>{id}</id>
    <version>{version}</version>
    <authors>{authors}</authors>
    <copyright>{authors}</copyright>
    <license type="expression">MIT</license>
    <readme>README.md</readme>
    <icon>icon.png</icon>
    <projectUrl>{home}</projectUrl>
    <repository type="git" url="{home}.git" branch="v{version}" />
    <releaseNotes>{home}/blob/v{version}/CHANGELOG.md</releaseNotes>
    <description>{description}</description>
    <tags>{tags}</tags>
    <packageTypes>
      <packageType name="{type}" />
    </packageTypes>
    <dependencies>
{dependencies}
    </dependencies>
  </metadata>
</package>
"""

_CONTENT_TYPES = """\
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
{defaults}
</Types>
"""

_RELATIONSHIPS = """\
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/{id}.nuspec" Id="R1" />
</Relationships>
"""

def _dependency_group(framework, dependencies):
    lines = ["      <group targetFramework=\"%s\">" % framework]
    for dependency in dependencies:
        id, version = dependency.split(" ")
        lines.append("        <dependency id=\"%s\" version=\"%s\" />" % (id, version))
    return "\n".join(lines + ["      </group>"])

def _zip(ctx, out, type, entries, entries_again):
    """Writes a package; `entries` are pairs of the path in it and the file.

    Returns what it could be made from again, for a test: a list of the paths and files, and the files.
    """
    id = ctx.attr.id
    nuspec = ctx.actions.declare_file("%s.%s.nuspec" % (ctx.label.name, out.extension))
    ctx.actions.write(nuspec, _NUSPEC.format(
        authors = AUTHORS,
        dependencies = "\n".join([
            _dependency_group(framework, ctx.attr.dependencies[framework])
            for framework in ctx.attr.dependencies
        ]),
        description = ctx.attr.description,
        home = HOME,
        id = id,
        tags = ctx.attr.tags_of_package,
        type = type,
        version = ctx.attr.version,
    ))
    types = ctx.actions.declare_file("%s.%s.types.xml" % (ctx.label.name, out.extension))
    ctx.actions.write(types, _CONTENT_TYPES.format(defaults = "\n".join([
        "  <Default Extension=\"%s\" ContentType=\"application/octet\" />" % extension
        for extension in ["nuspec", "dll", "pdb", "png", "so", "dylib", "xml", "md"]
    ] + [
        "  <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\" />",
    ] + [
        "  <Override PartName=\"/%s\" ContentType=\"text/plain\" />" % text
        for text in ["LICENSE", "THIRD_PARTY_NOTICES"]
    ])))
    relationships = ctx.actions.declare_file("%s.%s.rels" % (ctx.label.name, out.extension))
    ctx.actions.write(relationships, _RELATIONSHIPS.format(id = id))
    common = [
        ("%s.nuspec" % id, nuspec),
        ("[Content_Types].xml", types),
        ("_rels/.rels", relationships),
        ("README.md", ctx.file.readme),
        ("LICENSE", ctx.file.license),
        ("THIRD_PARTY_NOTICES", ctx.file.notices),
        ("icon.png", ctx.file.icon),
    ]
    all = common + entries
    ctx.actions.run(
        executable = ctx.executable._pack,
        arguments = [ctx.executable._zipper.path, out.path] + [
            "%s=%s" % (path, file.path)
            for path, file in all
        ],
        inputs = [file for _, file in all],
        outputs = [out],
        tools = [ctx.executable._zipper],
        mnemonic = "NuGetPack",
        progress_message = "Packing %{output}",
    )
    again = common + entries_again
    parts = ctx.actions.declare_file(out.basename + ".parts", sibling = out)
    ctx.actions.write(parts, "".join([
        "%s=%s\n" % (path, file.short_path)
        for path, file in again
    ]))
    return [parts] + [file for _, file in again]

def _nuget_pack_impl(ctx):
    base = "%s%s.%s" % (ctx.attr.folder, ctx.attr.id, ctx.attr.version)
    package = ctx.actions.declare_file(base + ".nupkg")
    symbols = ctx.actions.declare_file(base + ".snupkg")
    libraries = []
    debug = []
    libraries_again = []
    debug_again = []
    for library, framework in ctx.attr.libraries.items():
        groups = library[OutputGroupInfo]
        for files, entries in [
            (library[DefaultInfo].files.to_list() + groups.doc.to_list(), libraries),
            (groups.pdb.to_list(), debug),
            (groups.again.to_list(), libraries_again),
            (groups.pdb_again.to_list(), debug_again),
        ]:
            entries += [("lib/%s/%s" % (framework, file.basename), file) for file in files]
    for native, rid in ctx.attr.natives.items():
        entries = [
            ("runtimes/%s/native/%s" % (rid, file.basename), file)
            for file in native[DefaultInfo].files.to_list()
        ]
        libraries += entries
        libraries_again += entries
    again = _zip(ctx, package, "Dependency", libraries, libraries_again)
    again += _zip(ctx, symbols, "SymbolsPackage", debug, debug_again)
    return [
        DefaultInfo(files = depset([package, symbols])),
        OutputGroupInfo(again = depset(again)),
    ]

_nuget_pack = rule(
    implementation = _nuget_pack_impl,
    attrs = {
        "dependencies": attr.string_list_dict(doc = "framework to 'id version'"),
        "description": attr.string(mandatory = True),
        "folder": attr.string(doc = "Of the packages; ends with a slash."),
        "icon": attr.label(allow_single_file = True, mandatory = True),
        "id": attr.string(mandatory = True),
        "libraries": attr.label_keyed_string_dict(doc = "assembly to framework", mandatory = True),
        "license": attr.label(allow_single_file = True, mandatory = True),
        "natives": attr.label_keyed_string_dict(doc = "native library to RID"),
        "notices": attr.label(
            doc = "The licences of what is inside the native libraries.",
            allow_single_file = True,
            mandatory = True,
        ),
        "readme": attr.label(allow_single_file = True, mandatory = True),
        "tags_of_package": attr.string(),
        "version": attr.string(mandatory = True),
        "_pack": attr.label(
            cfg = "exec",
            default = "//tools/build/rules/dotnet:pack",
            executable = True,
        ),
        "_zipper": attr.label(
            cfg = "exec",
            default = "@bazel_tools//tools/zip:zipper",
            executable = True,
        ),
    },
)

def nuget_pack(name, id, version, library, target_frameworks, natives = {}, nuget = [], nuget_for = {}, packages = [], **kwargs):
    """<id>.<version>.nupkg, and .snupkg with the symbols.

    Args:
      name: of the target.
      id: of the package.
      version: of the package.
      library: a csharp_library target, without the framework.
      target_frameworks: those of the library.
      natives: native libraries, by RID.
      nuget: packages that it depends on, in small letters, at the versions of the lock file.
      nuget_for: more of them, by framework.
      packages: other packages of this version that it depends on.
      **kwargs: of the rule.
    """
    dependencies = {}
    for framework in target_frameworks:
        dependencies[framework] = ["%s %s" % (package, version) for package in packages] + [
            VERSIONS[framework][package]
            for package in nuget + nuget_for.get(framework, [])
        ]
    _nuget_pack(
        name = name,
        id = id,
        dependencies = dependencies,
        libraries = {"%s_%s" % (library, framework): framework for framework in target_frameworks},
        license = "//:LICENSE",
        notices = "//third_party:notices",
        natives = {label: rid for rid, label in natives.items()},
        target_compatible_with = NEEDS_DOTNET,
        version = version,
        **kwargs
    )
