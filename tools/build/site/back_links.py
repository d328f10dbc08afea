# SPDX-License-Identifier: MIT
"""Lets every page of the references lead back to the site's first: back_links.py PAGES.

PAGES is the folder of the site's pages; the references are below its folder api.
"""

import os
import re
import sys

BODY = re.compile(r"<body[^>]*>")
# Where the head of the page hides what stands above it: docfx.
CONTENT = re.compile(r'<article[^>]* id="_content"[^>]*>')
LINK = ('<a href="%s" style="display: block; padding: 4px 12px; font: 14px system-ui, sans-serif">'
        "Interprocess: all pages</a>")


def main(pages):
    for folder, _, names in os.walk(os.path.join(pages, "api")):
        link = LINK % os.path.relpath(os.path.join(pages, "index.html"), folder).replace(os.sep, "/")
        for name in names:
            path = os.path.join(folder, name)
            if not name.endswith(".html"):
                continue
            with open(path, encoding="utf-8") as file:
                text = file.read()
            start = CONTENT.search(text) or BODY.search(text)
            if start:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text[:start.end()] + "\n" + link + text[start.end():])


if __name__ == "__main__":
    main(sys.argv[1])
