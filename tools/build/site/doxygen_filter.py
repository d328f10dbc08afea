# SPDX-License-Identifier: MIT
"""Shows Doxygen the comments of the headers as its own: doxygen_filter.py FILE.

The headers have plain comments: before a declaration, behind it, or before several declarations
that stand without a blank line, which then describes each of them.
"""

import re
import sys


def doxygen(lines):
    comment = []  # of the paragraph
    fresh = False  # the line before was of that comment
    template = False  # the line before began the declaration
    level = 0  # the indentation of declarations
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text.startswith("// SPDX") or not text:
            comment, fresh, template = [], False, False
            yield "" if not text or text.startswith("// SPDX") else line
            continue
        if text.startswith("// ") or text == "//":
            if not fresh:
                comment = []
            comment.append(line.replace("//", "///", 1))
            fresh = True
            yield comment[-1]
            continue
        scope = re.match(r"(class|struct|enum|namespace|extern)\b.*\{$", text)
        if re.match(r"(public|private|protected):$", text) or text.startswith(("}", "#")):
            comment, fresh, template = [], False, False
            if text.startswith("}") and indent < level:
                level = indent
            yield line
            continue
        starts = indent == level and not template
        if starts and not fresh and comment and not re.search(r"[;,})] +// ", line):
            yield from comment
        template = text.startswith("template <") and text.endswith(">")
        fresh = False
        if scope and not text.startswith(("namespace", "extern")):
            level = indent + 2
            comment = []
        yield re.sub(r"(?<=[;,})\w]) +// (?!NOLINT)", " ///< ", line) if "\"" not in line else line


def main(path):
    with open(path, encoding="utf-8") as file:
        print("\n".join(doxygen(file.read().splitlines())))


if __name__ == "__main__":
    main(sys.argv[1])
