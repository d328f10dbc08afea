# SPDX-License-Identifier: MIT

"""Jars of the machine that only tests use, as the repository @system_jars.

They come from Debian's packages: below the folder that bazelw filled itself, or the system's. A
target that depends on one that is missing is incompatible: Bazel skips it by name.
"""

_FOLDER = "/usr/share/java/"

_JARS = {
    "apiguardian_api": "apiguardian-api.jar",
    "junit_jupiter_api": "junit-jupiter-api.jar",
    "junit_jupiter_engine": "junit-jupiter-engine.jar",
    "junit_jupiter_params": "junit-jupiter-params.jar",
    "junit_platform_commons": "junit-platform-commons.jar",
    "junit_platform_console": "junit-platform-console.jar",
    "junit_platform_engine": "junit-platform-engine.jar",
    "junit_platform_launcher": "junit-platform-launcher.jar",
    "junit_platform_reporting": "junit-platform-reporting.jar",
    "opentest4j": "opentest4j.jar",
    "opentest4j_reporting_events": "opentest4j-reporting-events.jar",
    "opentest4j_reporting_schema": "opentest4j-reporting-schema.jar",
    "picocli": "picocli.jar",
    "univocity_parsers": "univocity-parsers.jar",
}

_BUILD = """\
package(default_visibility = ["//visibility:public"])
"""

_JAR = """
java_import(
    name = "{name}",
    jars = ["{jar}"],
)
"""

_MISSING = """
java_import(
    name = "{name}",
    jars = [],
    target_compatible_with = ["@platforms//:incompatible"],
)
"""

def _find(ctx, jar):
    for root in [ctx.os.environ.get("INTERPROCESS_SYSTEM_ROOT", ""), ""]:
        path = ctx.path(root + _FOLDER + jar)
        ctx.watch(path)  # so that an installation is noticed at once
        if path.exists:
            return path.realpath
    return None

def _system_jars_impl(ctx):
    build = _BUILD
    for name, jar in _JARS.items():
        path = _find(ctx, jar)
        if path:
            ctx.symlink(path, jar)
            build += _JAR.format(jar = jar, name = name)
        else:
            build += _MISSING.format(name = name)
    ctx.file("BUILD.bazel", build)

system_jars = repository_rule(
    doc = "What the machine has of _JARS.",
    implementation = _system_jars_impl,
    configure = True,
    environ = ["INTERPROCESS_SYSTEM_ROOT"],
    local = True,
)
