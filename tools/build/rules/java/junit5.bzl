# SPDX-License-Identifier: MIT

"""JUnit 5 tests, run by the platform's console launcher."""

load("//tools/build/rules/platforms:posix.bzl", "POSIX")

_COMPILE = [
    "apiguardian_api",
    "junit_jupiter_api",
    "junit_jupiter_params",
    "junit_platform_commons",
    "opentest4j",
]

_RUN = [
    "junit_jupiter_engine",
    "junit_platform_console",
    "junit_platform_engine",
    "junit_platform_launcher",
    "junit_platform_reporting",
    "opentest4j_reporting_events",
    "opentest4j_reporting_schema",
    "picocli",
    "univocity_parsers",
]

def java_junit5_test(name, test_classes, deps = [], args = [], jvm_flags = [], tags = [], **kwargs):
    """A java_test of JUnit 5 classes.

    Args:
      name: of the target.
      test_classes: their full names.
      deps: beside JUnit's.
      args: more, for the console launcher.
      jvm_flags: more, for the JVM.
      tags: more. The sanitizers' runtimes cannot be loaded into a JVM, so the tests have their tags.
      **kwargs: as java_test has.
    """
    native.java_test(
        name = name,
        args = ["--select-class=" + c for c in test_classes] + [
            "--fail-if-no-tests",
            "--disable-banner",
            "--disable-ansi-colors",
            "--details=tree",
        ] + args,
        jvm_flags = jvm_flags,
        main_class = "org.junit.platform.console.ConsoleLauncher",
        runtime_deps = ["@system_jars//:" + jar for jar in _RUN],
        tags = tags + [
            "no-asan",
            "no-tsan",
            "no-ubsan",
        ],
        # No JVM for Windows is asked for.
        target_compatible_with = POSIX,
        use_testrunner = False,
        deps = deps + ["@system_jars//:" + jar for jar in _COMPILE],
        **kwargs
    )
