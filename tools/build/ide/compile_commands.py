#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes compile_commands.json, from which clangd and other editors learn how each C++ file compiles.

compile_commands.py [TARGET...]: asks Bazel how it compiles the targets (all C++ of the checkout, if
none is named), and has it make what the compiler would read: generated headers, and the links by
which "interprocess/publisher.h" is found.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDERS = ["core", "bindings/face", "tools/ipq", "tests", "benchmarks", "examples/cpp"]


def bazel(*arguments: str) -> str:
    result = subprocess.run(
        [str(ROOT / "bazelw"), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if result.returncode:
        sys.exit(f"compile_commands: bazelw {arguments[0]} failed ({result.returncode})")
    return result.stdout


def entries(graph: dict, execution_root: str, external: str) -> list:
    found = {}
    for action in graph.get("actions", []):
        # Below the execution root are the repositories of the last command only; here are all.
        arguments = [
            external + word[len("external") :] if word.startswith("external/") else word
            for word in action["arguments"]
            if word != "-fno-canonical-system-headers"
        ]
        source = arguments[arguments.index("-c") + 1]
        # Bazel's copy of the tree holds links: an editor has the file itself open.
        path = ROOT / source
        if path.exists():
            found.setdefault(
                str(path), {"directory": execution_root, "file": str(path), "arguments": arguments}
            )
    return [found[path] for path in sorted(found)]


def main() -> None:
    targets = sys.argv[1:] or [f"//{folder}/..." for folder in FOLDERS]
    bazel(
        "build", "--noshow_progress", "--keep_going", "--output_groups=compilation_prerequisites_INTERNAL_", *targets
    )
    query = f'mnemonic("CppCompile", {" + ".join(targets)})'
    graph = json.loads(
        bazel("aquery", "--noshow_progress", "--output=jsonproto", "--include_artifacts=false", query)
    )
    execution_root = bazel("info", "execution_root").strip()
    external = bazel("info", "output_base").strip() + "/external"
    commands = entries(graph, execution_root, external)
    (ROOT / "compile_commands.json").write_text(json.dumps(commands, indent=1) + "\n")
    print(f"compile_commands.json: {len(commands)} files")


if __name__ == "__main__":
    main()
