# SPDX-License-Identifier: MIT
"""site_test.py SITE: what a reader may rely on in the built documentation.

Every link leads to a page, and to a place in it where it names one; nothing comes from elsewhere;
pictures have texts; every page of the site's own is two clicks from the first; every page of the
references leads back to it; the search knows what readers look for.
"""

import html.parser
import json
import os
import re
import sys
import urllib.parse

# The references, whose pages the generators link among themselves.
GENERATED = "api/"
SEARCHED = [
    "redelivered", "RemoveIPC", "backpressure",
    # As printed.
    "the queue is full", "has lost its name",
]


# Grounds of the theme's two schemes, and the least contrast of text that is easy to read (WCAG AA).
GROUNDS = {":root": "#fff", '[data-md-color-scheme="slate"]': "#2e303e"}
CONTRAST = 4.5


def luminance(colour):
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint(style):
    """The colours of the style sheet's texts that are hard to read on their grounds."""
    for selector, ground in GROUNDS.items():
        rules = re.findall(re.escape(selector) + r"[^{},]*\{([^}]*)\}", style)
        colours = dict(re.findall(r"(--[\w-]+): (#\w+);", "".join(rules)))
        if len(colours) < 7:
            yield "%s has %d colours" % (selector, len(colours))
        for name, colour in colours.items():
            text, below = (colour, ground) if name in ("--ipq-line", "--md-typeset-a-color") else (
                colours["--ipq-line"], colour)
            if contrast(text, below) < CONTRAST:
                yield "%s of %s: contrast %.1f" % (name, selector, contrast(text, below))


class Page(html.parser.HTMLParser):
    """What a page has, and leads to."""

    def __init__(self, text):
        super().__init__()
        self.ids = set()
        self.links = []
        self.loads = []
        self.pictures_without_text = 0
        self.article = []
        self.depth = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.ids.update(value for name, value in attributes if name in ("id", "name") and value)
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        elif tag in ("script", "img", "iframe") and has.get("src"):
            self.loads.append(has["src"])
        elif tag == "link" and has.get("rel") != "canonical" and has.get("href"):
            self.loads.append(has["href"])
        if (tag == "img" and not (has.get("alt") or "").strip()
                or tag == "svg" and has.get("role") == "img" and not has.get("aria-label")):
            self.pictures_without_text += 1
        self.depth += tag == "article"

    def handle_endtag(self, tag):
        self.depth -= tag == "article"

    def handle_data(self, data):
        if self.depth:
            self.article.append(data)


def main(folder):
    failures = []
    version, = (name for name in os.listdir(folder) if name != "index.html")
    with open(os.path.join(folder, "index.html"), encoding="utf-8") as file:
        if 'href="%s/index.html"' % version not in file.read():
            failures.append("index.html does not lead to " + version)
    site = os.path.join(folder, version)

    pages = {}
    for base, _, names in os.walk(site):
        back = 'href="%s"' % os.path.relpath(os.path.join(site, "index.html"), base)
        for name in names:
            path = os.path.relpath(os.path.join(base, name), site)
            if not name.endswith(".html"):
                continue
            with open(os.path.join(site, path), encoding="utf-8") as file:
                text = file.read()
            if not path.startswith(GENERATED):
                pages[path] = Page(text)
            elif "<body" in text and back not in text:
                failures.append(path + " does not lead back to the site")
    if len(pages) < 25:
        failures.append("only %d pages found" % len(pages))

    links = 0
    leads_to = {}
    for path, page in sorted(pages.items()):
        if not "".join(page.article).strip():
            failures.append(path + ": nothing to read without scripts")
        if page.pictures_without_text:
            failures.append("%s: %d pictures without text" % (path, page.pictures_without_text))
        for load in page.loads:
            if re.match(r"(\w+:)?//", load):
                failures.append("%s: %s comes from elsewhere" % (path, load))
        for link in page.links + page.loads:
            if re.match(r"\w+:", link):
                continue
            links += 1
            target, fragment = urllib.parse.urldefrag(urllib.parse.unquote(link))
            target = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
            leads_to.setdefault(path, set()).add(target)
            if not os.path.isfile(os.path.join(site, target)):
                failures.append("%s: %s leads nowhere" % (path, link))
            elif fragment and target in pages and fragment not in pages[target].ids:
                failures.append("%s: %s has no place #%s" % (path, target, fragment))
    if links < 500:
        failures.append("only %d links found" % links)

    reached = {"index.html"}
    for _ in range(2):
        reached |= {target for path in reached for target in leads_to.get(path, ())}
    for path in sorted(set(pages) - reached):
        failures.append(path + " is more than two clicks from the first page")

    with open(os.path.join(site, "assets/site.css"), encoding="utf-8") as file:
        failures += ["site.css: " + what for what in faint(file.read())]

    with open(os.path.join(site, "search/search_index.json"), encoding="utf-8") as file:
        index = file.read()
    with open(os.path.join(site, "search/search_index.js"), encoding="utf-8") as file:
        if file.read() != "var __search = {index: Promise.resolve(%s)}\n" % index:
            failures.append("the index for pages from disk is another")
    texts = [entry["title"] + " " + entry["text"] for entry in json.loads(index)["docs"]]
    for words in SEARCHED:
        if not any(words in re.sub(r"\s+", " ", text) for text in texts):
            failures.append("the search does not know: " + words)

    print("%d pages, %d links, %d entries of the index" % (len(pages), links, len(texts)))
    if failures:
        sys.exit("\n".join("FAILED: " + failure for failure in failures))


if __name__ == "__main__":
    main(sys.argv[1])
