# SPDX-License-Identifier: MIT
"""Writes what Sphinx makes Python's reference from: sphinx_pages.py FOLDER.

A public name of the package without a docstring is an error.
"""

import importlib
import inspect
import os
import sys

CONFIGURATION = r"""
import enum
import re

project = "Interprocess for Python"
extensions = ["sphinx.ext.autodoc"]
html_theme = "alabaster"
html_theme_options = {"nosidebar": True, "font_family": "system-ui, sans-serif"}
smartquotes = False
html_show_sourcelink = False
html_show_sphinx = False
html_copy_source = False
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": "Exception,tuple,IntEnum"}


def examples(app, what, name, value, options, lines):
    # Docstrings are plain text: what is indented is code.
    text = re.sub(r"(^|\n)\n(?=    \S)(?<!::\n\n)", "\\1\n::\n\n", "\n".join(lines))
    lines[:] = text.split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", examples)
    app.connect("autodoc-process-signature", lambda app, what, name, value, *rest: (
        ("", None) if what == "class" and issubclass(value, enum.Enum) else None))
"""
MODULES = ["interprocess", "interprocess.aio"]


def undocumented(module):
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__]
    for name in names:
        value = getattr(module, name)
        if not inspect.getdoc(value):
            yield name
        for member, of in inspect.getmembers(value) if inspect.isclass(value) else []:
            ours = getattr(of, "__objclass__", value).__module__.startswith("interprocess")
            if not member.startswith("_") and ours and not inspect.getdoc(of):
                yield name + "." + member


def main(folder):
    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    missing = []
    for name in MODULES:
        missing += [name + ": " + found for found in undocumented(importlib.import_module(name))]
        write(name + ".rst", "%s\n%s\n\n.. automodule:: %s\n" % (name, "=" * len(name), name))
    if missing:
        sys.exit("FAILED: without a docstring: " + ", ".join(missing))
    write("conf.py", CONFIGURATION)
    write("index.rst", "Interprocess for Python\n=======================\n\n.. toctree::\n\n" +
          "".join("   %s\n" % name for name in MODULES))


if __name__ == "__main__":
    main(sys.argv[1])
