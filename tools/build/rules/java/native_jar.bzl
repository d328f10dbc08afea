# SPDX-License-Identifier: MIT

"""A jar of classes and native libraries, with what is published beside it."""

def _native_jar_impl(ctx):
    jar = ctx.outputs.out
    inputs = [ctx.file.classes, ctx.file.license, ctx.file.module_info, ctx.file.notices, ctx.file.pom]
    natives = []
    for target, platform in ctx.attr.natives.items():
        library = target.files.to_list()[0]
        inputs.append(library)
        natives += [platform, library.path]
    ctx.actions.run(
        executable = ctx.executable._make_jar,
        arguments = [
            ctx.executable._zipper.path,
            jar.path,
            ctx.file.classes.path,
            ctx.attr.module,
            ctx.attr.group,
            ctx.attr.version,
            ctx.file.license.path,
            ctx.file.notices.path,
            ctx.file.pom.path,
            ctx.file.module_info.path,
        ] + natives,
        inputs = inputs,
        mnemonic = "NativeJar",
        outputs = [jar],
        progress_message = "Building %{label}",
        tools = [ctx.executable._zipper],
    )
    return [DefaultInfo(files = depset([jar]))]

native_jar = rule(
    doc = """Packs the libraries and their sha256 into native/<os>-<arch>/ in the module's package.""",
    implementation = _native_jar_impl,
    attrs = {
        "classes": attr.label(allow_single_file = [".jar"], mandatory = True),
        "group": attr.string(doc = "Maven's groupId.", mandatory = True),
        "license": attr.label(allow_single_file = True, mandatory = True),
        "module": attr.string(doc = "The one that module_info describes.", mandatory = True),
        "module_info": attr.label(allow_single_file = [".class"], mandatory = True),
        "natives": attr.label_keyed_string_dict(
            doc = "Shared libraries, each under the name that its system gives it, and what " +
                  "platform each is for: linux-x86_64.",
            allow_files = True,
            mandatory = True,
        ),
        "notices": attr.label(
            doc = "The licences of what is inside the libraries.",
            allow_single_file = True,
            mandatory = True,
        ),
        "out": attr.output(doc = "The jar. Its name is the artifact's.", mandatory = True),
        "pom": attr.label(allow_single_file = [".xml"], mandatory = True),
        "version": attr.string(mandatory = True),
        "_make_jar": attr.label(
            default = "//tools/build/rules/java:make_jar",
            executable = True,
            cfg = "exec",
        ),
        "_zipper": attr.label(
            default = "@bazel_tools//tools/zip:zipper",
            executable = True,
            cfg = "exec",
        ),
    },
)

def sources_jar(name, srcs, package_folder):
    """A jar of sources.

    Args:
      name: of the target; the jar is <name>.jar.
      srcs: Java files, all of one package.
      package_folder: where they go in the jar.
    """
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [name + ".jar"],
        cmd = "$(execpath @bazel_tools//tools/zip:zipper) c $@ " +
              "$$(for file in $(SRCS); do echo %s/$$(basename $$file)=$$file; done)" %
              package_folder,
        tools = ["@bazel_tools//tools/zip:zipper"],
    )

def javadoc_jar(name, srcs, generated, title):
    """A jar of Javadoc. Whatever is missing in the comments fails the build.

    Args:
      name: of the target; the jar is <name>.jar.
      srcs: Java files.
      generated: a jar of sources that these need, and whose classes are not public.
      title: of the documentation.
    """
    native.genrule(
        name = name,
        srcs = srcs + [generated],
        outs = [name + ".jar"],
        cmd = """
            dir=$$(mktemp -d)
            trap 'rm -rf "$$dir"' EXIT
            zipper=$$PWD/$(execpath @bazel_tools//tools/zip:zipper) out=$$PWD/$@
            generated=$$PWD/$(execpath {generated})
            mkdir "$$dir/generated"
            (cd "$$dir/generated" && "$$zipper" x "$$generated")
            $(JAVABASE)/bin/javadoc -quiet -notimestamp -Xdoclint:all -Werror \
                --release 17 -encoding UTF-8 -doctitle '{title}' -windowtitle '{title}' \
                -d "$$dir/html" \
                $$(for file in $(SRCS); do case $$file in *.java) echo $$file;; esac; done) \
                $$(find "$$dir/generated" -name '*.java')
            cd "$$dir/html"
            find . -type f | sed 's#^[.]/##' | LC_ALL=C sort > ../files
            "$$zipper" cC "$$out" @../files
        """.format(generated = generated, title = title),
        toolchains = ["@bazel_tools//tools/jdk:current_host_java_runtime"],
        tools = [
            "@bazel_tools//tools/jdk:current_host_java_runtime",
            "@bazel_tools//tools/zip:zipper",
        ],
    )
