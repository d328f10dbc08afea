# SPDX-License-Identifier: MIT

"""clang-tidy as an action for each C++ file, so that only files that changed are looked at again."""

def _arguments(target, ctx):
    compilation = target[CcInfo].compilation_context
    flags = ["-std=c++17", "-Wall", "-Wextra"]
    flags += ctx.rule.attr.copts
    for define in depset(transitive = [compilation.defines, compilation.local_defines]).to_list():
        flags.append("-D" + define)
    for flag, folders in [
        ("-iquote", compilation.quote_includes),
        ("-I", compilation.includes),
        ("-isystem", compilation.system_includes),
        ("-isystem", compilation.external_includes),
    ]:
        for folder in folders.to_list():
            # A header of another project brings no finding.
            flags += ["-isystem" if folder.startswith("external/") else flag, folder]
    return flags

def _lint_impl(target, ctx):
    if CcInfo not in target or not ctx.rule.kind.startswith("cc_"):
        return []
    reports = []
    for source in getattr(ctx.rule.files, "srcs", []):
        if source.extension != "cc" or not source.is_source:
            continue
        report = ctx.actions.declare_file("%s.%s.lint" % (target.label.name, source.basename))
        ctx.actions.run_shell(
            inputs = depset(
                ctx.rule.files.srcs + [ctx.file._config],
                transitive = [target[CcInfo].compilation_context.headers],
            ),
            outputs = [report],
            # clang-tidy names what it found on its output, and counts the rest on its errors.
            command = """
              report=$1; shift
              clang-tidy-14 --quiet --warnings-as-errors='*' "$@" \
                >"$report" 2>"$report.errors" || { cat "$report" "$report.errors"; exit 1; }
            """,
            arguments = [report.path, source.path, "--"] + _arguments(target, ctx),
            mnemonic = "ClangTidy",
            progress_message = "Linting " + source.path,
            use_default_shell_env = True,
        )
        reports.append(report)
    return [OutputGroupInfo(lint = depset(reports))]

# Builds the output group `lint` of the targets that are named, not of what they depend on.
lint = aspect(
    implementation = _lint_impl,
    attrs = {
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
    },
)
