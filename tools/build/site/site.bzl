# SPDX-License-Identifier: MIT

"""The documentation as a site of files."""

def _site_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    lines = []
    inputs = []
    for target in ctx.attr.srcs:
        for file in target[DefaultInfo].files.to_list():
            lines.append((file.short_path, file))
    for target, path in ctx.attr.named.items():
        files = target[DefaultInfo].files.to_list()
        if len(files) != 1:
            fail("%s has %d files, not one" % (target.label, len(files)))
        lines.append((path, files[0]))
    inputs = [file for _, file in lines]
    manifest = ctx.actions.declare_file(ctx.label.name + ".manifest")
    ctx.actions.write(manifest, "".join([
        "%s\t%s\n" % (path, file.path)
        for path, file in lines
    ]))
    ctx.actions.run(
        executable = ctx.executable._build,
        arguments = [manifest.path, ctx.attr.version, out.path],
        inputs = inputs + [manifest],
        outputs = [out],
        mnemonic = "Site",
        progress_message = "Making the site %{output}",
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

site = rule(
    doc = "A folder with a folder of the version, and an index.html that leads there.",
    implementation = _site_impl,
    attrs = {
        "named": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "files by the paths that build.sh knows them by; api/NAME is a reference",
        ),
        "needs": attr.label_list(doc = "programs of the machine"),
        "srcs": attr.label_list(
            allow_files = True,
            doc = "pages, pictures, and the sources that pages lead to",
        ),
        "version": attr.string(mandatory = True),
        "_build": attr.label(
            cfg = "exec",
            default = "//tools/build/site:build",
            executable = True,
        ),
    },
)
