# SPDX-License-Identifier: MIT
"""Shows Doxygen the comments of the headers as its own: doxygen_filter.py FILE.

The headers have plain comments: before a declaration, behind it, or before several declarations
that stand without a blank line, which then describes each of them. What makes, moves and destroys
an object needs no comment beside its class's.
"""

import re
import sys

BEHIND = re.compile(r"(?<=[;,{})\w]) +(//|/\*) (?!NOLINT)")


def comment_line(line):
    """Of a header, as Doxygen reads it."""
    line = re.sub(r"<(\w+)>", r"\\<\1\\>", line.replace("//", "///", 1))
    return re.sub(r"^( *///)   ", r"\1        ", line)  # an example


def doxygen(lines):
    comment = []  # of the paragraph
    fresh = False  # the line before belongs to that comment
    inside = False  # of a comment of C
    template = False  # the line before began the declaration
    level = 0  # the indentation of declarations
    classes = ["(no class)"]
    first = True  # comment, which is the file's
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if inside:
            comment.append(re.sub(r"^ \*   ", " *       ", line))
            inside = "*/" not in text
            yield comment[-1]
        elif not text or "SPDX" in text or text.startswith("/* ----"):
            comment, fresh, template = [], False, False
            inside = text.startswith("/*") and "*/" not in text
            yield line if inside else ""
        elif text.startswith("// ") or text == "//":
            comment = (comment if fresh else []) + [comment_line(line)]
            if first:
                yield "/// \\file"
            first = False
            fresh = True
            yield comment[-1]
        elif text.startswith("/*"):
            comment = [line.replace("/*", "/** \\file\n *" if first else "/**", 1)]
            first = False
            inside = "*/" not in text
            fresh = True
            yield comment[-1]
        elif re.match(r"(public|private|protected):$|[}#]", text):
            if text.startswith("#define") and fresh:
                pass
            else:
                comment = []
            fresh = template = False
            if text.startswith("}") and indent < level:
                level = indent
                classes.pop()
            yield line
        else:
            behind = BEHIND.search(line)
            if indent == level and not template and not fresh and not behind:
                if re.match(r"(explicit |constexpr )*~?%s\(|%s& operator=" % (2 * (re.escape(classes[-1]),)), text):
                    yield "/// As the class says."
                else:
                    yield from comment
            template = text.startswith("template <") and text.endswith(">")
            fresh = fresh and template
            scope = re.match(r"(?:typedef )?(?:class|struct|enum(?: class)?) (\w+).*\{$", text)
            if scope:
                level = indent + 2
                classes.append(scope.group(1))
                comment = []
            yield line[:behind.start()] + " ///< " * (behind.group(1) == "//") + \
                " /**< " * (behind.group(1) == "/*") + line[behind.end():] if behind else line


def main(path):
    with open(path, encoding="utf-8") as file:
        print("\n".join(doxygen(file.read().splitlines())))


if __name__ == "__main__":
    main(sys.argv[1])
