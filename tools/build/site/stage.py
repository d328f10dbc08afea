# SPDX-License-Identifier: MIT
"""Lays out the repository's pages for mkdocs: stage.py MANIFEST VERSION OUT.

MANIFEST has a line for each file: its path in the repository, a tab, where it is now. OUT gets
mkdocs.yml and the folder pages. The navigation is that of docs/README.md. A link to a page stays
one, a link to a public source leads to its API reference, one to another source to a page that
shows it. A link that leads nowhere is an error.
"""

import html
import json
import os
import posixpath
import re
import sys
import tarfile
import zipfile

MAP = "docs/README.md"
FENCE = re.compile(r"^\s*(```+|~~~+)")
LINK = re.compile(r"(!?)\[((?:[^\[\]`]|`[^`]*`|\[[^\]]*\])*)\]\(([^)\s]+)\)")
LANGUAGES = {
    ".bzl": "python", ".c": "c", ".cc": "cpp", ".cs": "csharp", ".h": "cpp", ".hpp": "cpp",
    ".java": "java", ".py": "python", ".pyi": "python", ".sh": "bash", ".service": "ini",
    ".conf": "ini", ".yaml": "yaml",
}

# What references there are.
GENERATORS = {"c", "cpp", "csharp", "java", "python"}

# Where the reference of a public source is: the first page that there is. {name} is the file's name
# without its ending, {doxygen} that name as Doxygen spells it, {type} as the type is named.
REFERENCES = [
    (r"core/include/interprocess/(\w+)\.h", [
        "cpp/classinterprocess_1_1{type}.html", "cpp/structinterprocess_1_1{type}.html",
        "cpp/{doxygen}_8h.html"]),
    (r"bindings/c/include/interprocess\.h", ["c/interprocess_8h.html"]),
    (r"bindings/c/include/interprocess\.hpp", ["c/interprocess_8hpp.html"]),
    (r"bindings/java/io/interprocess/(\w+)\.java", ["java/io/interprocess/{name}.html"]),
    (r"bindings/csharp/Interprocess/(\w+)\.cs", ["csharp/api/Interprocess.{name}.html"]),
    (r"bindings/python/interprocess/__init__\.pyi", ["python/interprocess.html"]),
    (r"bindings/python/interprocess/aio\.py", ["python/interprocess.aio.html"]),
    (r"core/include/interprocess", ["cpp/annotated.html"]),
    (r"bindings/c/include", ["c/interprocess_8h.html"]),
    (r"bindings/java/io/interprocess", ["java/index.html"]),
    (r"bindings/csharp/Interprocess", ["csharp/api/Interprocess.html"]),
    (r"bindings/python/interprocess", ["python/index.html"]),
]


def contents(archive):
    """The files of a reference."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            return file.namelist()
    with tarfile.open(archive) as file:
        return [posixpath.normpath(name) for name in file.getnames()]


class Site:
    def __init__(self, files, out):
        self.files = files
        self.out = posixpath.join(out, "pages")
        self.errors = []
        self.shown = set()
        self.parts = {path.split("/")[1] for path in files if path.startswith("api/")}
        self.references = {
            posixpath.join(part, name) for part in self.parts for name in contents(files["api/" + part])
        }

    def read(self, path):
        with open(self.files[path], encoding="utf-8") as file:
            return file.read()

    def write(self, path, text):
        path = posixpath.join(self.out, path)
        os.makedirs(posixpath.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def location(page):
        """Of a page in the site's sources."""
        if page == "README.md":
            return "index.md"
        if page == MAP:
            return "map.md"
        return page[len("docs/"):] if page.startswith("docs/") else page

    def reference(self, target):
        """Where the reference of a source is, if it is part of this site."""
        name = posixpath.splitext(posixpath.basename(target))[0]
        for pattern, places in REFERENCES:
            for place in places if re.fullmatch(pattern, target) else []:
                place = place.format(name=name, doxygen=name.replace("_", "__"),
                                     type=name.title().replace("_", ""))
                if place in self.references:
                    return "api/" + place
        return None

    def show(self, target):
        """The page that shows a source or a folder."""
        below = [path for path in self.files if path.startswith(target + "/")]
        if target not in self.files and not below:
            return None
        place = "source/" + target + ("/index.md" if below else ".md")
        if target in self.shown:
            return place
        self.shown.add(target)
        if below:
            lines = ["- [%s](%s)" % (path, self.relative(place, self.show(path)))
                     for path in sorted(below)]
            self.write(place, "# %s\n\n%s\n" % (target, "\n".join(lines)))
        else:
            language = LANGUAGES.get(posixpath.splitext(target)[1], "text")
            self.write(place, "# %s\n\n~~~~~%s\n%s\n~~~~~\n" % (
                posixpath.basename(target), language, self.read(target).rstrip("\n")))
        return place

    @staticmethod
    def relative(page, target):
        return posixpath.relpath(target, posixpath.dirname(page) or ".")

    def picture(self, target, alt):
        """A drawing as part of the page, so that it has the page's colours."""
        svg = self.read(target)
        svg = svg[svg.index("<svg"):].replace("\n\n", "\n")
        svg = re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?", "", svg, flags=re.S)
        svg = re.sub(r'<svg width="(\d+)pt" height="\d+pt"',
                     r'<svg role="img" aria-label="%s" style="max-width:\1pt"'
                     % html.escape(alt, quote=True).replace("\\", r"\\"), svg)
        for light, variable in (("#010101", "--ipq-line"), ("#fefefe", "--ipq-paper"),
                                ("#e0ecff", "--ipq-blue"), ("#e2f4e0", "--ipq-green"),
                                ("#ffe8d0", "--ipq-orange"), ("#ffd9d9", "--ipq-red"),
                                ("#eeeeee", "--ipq-grey")):
            svg = svg.replace('"%s"' % light, '"var(%s)"' % variable)
        return '<figure class="drawing">\n%s</figure>' % svg

    def link(self, page, place, match):
        image, text, link = match.groups()
        if "://" in link or link.startswith(("#", "mailto:")):
            return match.group(0)
        target, _, fragment = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        fragment = "#" + fragment if fragment else ""
        if image:
            if not text.strip():
                self.errors.append("%s: the picture %s has no text in its place" % (page, target))
            if target not in self.files:
                self.errors.append("%s: there is no picture %s" % (page, target))
                return match.group(0)
            if target.startswith("docs/pictures/"):
                return self.picture(target, text)
            self.write(self.location(target), self.read(target))
            new = self.location(target)
        elif target in self.files and target.endswith(".md"):
            new = self.location(target)
        else:
            new = self.reference(target) or self.show(target)
        if new is None:
            self.errors.append("%s: %s is neither a page nor a source of the site" % (page, link))
            return match.group(0)
        return "%s[%s](%s%s)" % (image, text, self.relative(place, new), fragment)

    def tabs(self, lines):
        """Headings between <!-- tabs --> and <!-- /tabs --> become tabs."""
        inside = fenced = False
        for line in lines:
            if line.strip() == "<!-- tabs -->":
                inside = True
            elif line.strip() == "<!-- /tabs -->":
                inside = False
            elif not inside:
                yield line
            elif not fenced and re.match(r"#+ ", line):
                yield '=== "%s"' % line.lstrip("# ")
            else:
                fenced ^= bool(FENCE.match(line))
                yield "    " + line if line else line

    def page(self, page):
        place = self.location(page)
        # Prose and code, by turns: the text of a link may be longer than a line.
        parts = [[]]
        fence = None
        for line in self.read(page).splitlines():
            mark = FENCE.match(line)
            if mark and fence is None:
                fence = mark.group(1)
                parts.append([line])
            elif mark and line.strip() == fence:
                fence = None
                parts[-1].append(line)
                parts.append([])
            else:
                parts[-1].append(line)
        for index in range(0, len(parts), 2):
            text = LINK.sub(lambda match: self.link(page, place, match), "\n".join(parts[index]))
            text = re.sub(r"^(#+ .*[^ #])#$", r"\1&#35;", text, flags=re.M)  # C#
            parts[index] = re.sub(r"^<!-- (from|type|prints|interrupt) .*-->$", "", text, flags=re.M)
        lines = "\n".join(part if isinstance(part, str) else "\n".join(part) for part in parts)
        self.write(place, "\n".join(self.tabs(lines.splitlines())) + "\n")

    def navigation(self):
        """The sections of the map, each with the pages that its tables name."""
        sections = []
        for line in self.read(MAP).splitlines():
            if line.startswith("## "):
                sections.append((line[3:], []))
            first = line.split("|")[1] if line.startswith("| ") else line
            for _, name, link in LINK.findall(first) if sections else []:
                page = posixpath.normpath(posixpath.join("docs", link))
                if page.endswith(".md"):
                    sections[-1][1].append((name, self.location(page)))
                else:
                    sections[-1][1].append((name, self.reference(page) or self.show(page)))
        return [(title, pages) for title, pages in sections if pages]


def main(manifest, version, out):
    with open(manifest, encoding="utf-8") as file:
        files = dict(line.rstrip("\n").split("\t") for line in file)
    site = Site(files, out)
    pages = sorted(path for path in files if path.endswith(".md"))
    for page in pages:
        site.page(page)

    missing = ", ".join(sorted(set(GENERATORS) - site.parts))
    if missing:
        with open(posixpath.join(site.out, "map.md"), "a", encoding="utf-8") as file:
            file.write("\nNot in this copy, since the machine that made it lacks the generators: "
                       "the references of %s. The sources take their place.\n" % missing)

    sections = site.navigation()
    sections[0][1].append(("All pages", "map.md"))
    listed = [page for _, pages in sections for _, page in pages]
    for page in pages:
        if site.location(page) not in listed:
            site.errors.append("%s is not in the tables of %s" % (page, MAP))
    for page in sorted({page for page in listed if listed.count(page) > 1}):
        site.errors.append("%s is in the tables of %s twice" % (page, MAP))

    with open(files["tools/build/site/mkdocs.yml"], encoding="utf-8") as file:
        config = file.read().replace("@VERSION@", version)
    navigation = [{title: [{name: page} for name, page in pages]} for title, pages in sections]
    with open(posixpath.join(out, "mkdocs.yml"), "w", encoding="utf-8") as file:
        file.write(config + "\nnav: " + json.dumps(navigation) + "\n")
    if site.errors:
        sys.exit("\n".join(site.errors))


if __name__ == "__main__":
    main(*sys.argv[1:])
