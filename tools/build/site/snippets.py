# SPDX-License-Identifier: MIT
"""The parts of tested sources that pages show: snippets.py [--check] PAGE...

A code block behind `<!-- from FILE PART -->` is the part of FILE between `[PART]` and `[end]`, or
the whole of it where no part is named. Run in the checkout; without --check it writes the blocks
anew.
"""

import os
import re
import sys
import textwrap

BLOCK = re.compile(r"(<!-- from (\S+)(?: (\w+))? -->\n\n?```(\w+)\n)(.*?)(```\n)", re.S)
LANGUAGES = {".cc": "cpp", ".cs": "csharp", ".h": "cpp", ".java": "java", ".py": "python"}


def part_of(file, part):
    with open(file, encoding="utf-8") as source:
        lines = source.read().splitlines()
    if part:
        marks = [index for index, line in enumerate(lines) if line.strip("#/ ") == "[%s]" % part]
        if len(marks) != 1:
            sys.exit("FAILED: %s has %d parts [%s]" % (file, len(marks), part))
        end = next(index for index in range(marks[0], len(lines))
                   if lines[index].strip("#/ ") == "[end]")
        lines = lines[marks[0] + 1:end]
    return textwrap.dedent("\n".join(lines)).strip("\n") + "\n"


def main(arguments):
    check = "--check" in arguments
    failures = []
    shown = 0
    for page in arguments:
        if page == "--check":
            continue
        with open(page, encoding="utf-8") as file:
            text = file.read()

        def block(match):
            head, file, part, language, _, end = match.groups()
            if language != LANGUAGES[os.path.splitext(file)[1]]:
                sys.exit("FAILED: %s shows %s as %s" % (page, file, language))
            return head + part_of(file, part) + end

        shown += len(BLOCK.findall(text))
        if len(BLOCK.findall(text)) != text.count("<!-- from "):
            failures.append("%s: a part without a block" % page)
        new = BLOCK.sub(block, text)
        if new != text and check:
            failures.append("%s does not show what stands in the sources now: "
                            "tools/build/site/snippets.py %s" % (page, page))
        elif new != text:
            with open(page, "w", encoding="utf-8") as file:
                file.write(new)
    print("%d parts are shown" % shown)
    if failures:
        sys.exit("\n".join("FAILED: " + failure for failure in failures))


if __name__ == "__main__":
    main(sys.argv[1:])
