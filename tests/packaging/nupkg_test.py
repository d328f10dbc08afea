#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""nupkg_test.py PACKAGE...: what the packages have in them, and nothing that differs from build to build."""

import re
import struct
import sys
import unittest
import zipfile
from xml.etree import ElementTree

FRAMEWORKS = ["net10.0", "net8.0", "netstandard2.0"]
NATIVE = "runtimes/linux-x64/native/libinterprocess_csharp.so"
WITH_NATIVE = ["Interprocess"]
WITHOUT_NATIVE = ["Interprocess.Cloudtoid", "Interprocess.DependencyInjection"]
VERSION = re.search(r'^VERSION = "(.*)"$', open("version.bzl").read(), re.MULTILINE)[1]
NUSPEC = "{http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd}"


def paths(suffix):
    return [path for path in PACKAGES if path.endswith(suffix)]


def sections(library):
    """The names of the sections of a 64-bit ELF file."""
    start, = struct.unpack_from("<Q", library, 40)
    size, count, names = struct.unpack_from("<HHH", library, 58)
    headers = [struct.unpack_from("<II4Q", library, start + i * size) for i in range(count)]
    names_start = headers[names][4]
    return [library[names_start + header[0]:].split(b"\0", 1)[0].decode() for header in headers]


class Nupkg(unittest.TestCase):
    def test_all_are_there(self):
        names = sorted(path.rsplit("/", 1)[-1] for path in PACKAGES)
        self.assertEqual(names, sorted(
            f"{package}.{VERSION}.{kind}"
            for package in WITH_NATIVE + WITHOUT_NATIVE for kind in ("nupkg", "snupkg")))

    def test_packages_have_all_that_they_should(self):
        for path in paths(".nupkg"):
            with self.subTest(path), zipfile.ZipFile(path) as package:
                nuspec = next(name for name in package.namelist() if name.endswith(".nuspec"))
                metadata = ElementTree.fromstring(package.read(nuspec)).find(NUSPEC + "metadata")
                name = metadata.findtext(NUSPEC + "id")
                expected = {f"{name}.nuspec", "[Content_Types].xml", "_rels/.rels", "README.md", "LICENSE",
                            "THIRD_PARTY_NOTICES", "icon.png"}
                expected |= {f"lib/{framework}/{name}.{kind}"
                             for framework in FRAMEWORKS for kind in ("dll", "xml")}
                if name in WITH_NATIVE:
                    expected.add(NATIVE)
                self.assertEqual(set(package.namelist()), expected)
                self.assertEqual(metadata.findtext(NUSPEC + "version"), VERSION)
                self.assertEqual(metadata.findtext(NUSPEC + "license"), "MIT")
                self.assertEqual(metadata.findtext(NUSPEC + "readme"), "README.md")
                self.assertEqual(metadata.findtext(NUSPEC + "icon"), "icon.png")
                self.assertEqual(package.read("icon.png")[:8], b"\x89PNG\r\n\x1a\n")
                home = metadata.findtext(NUSPEC + "projectUrl")
                self.assertEqual(metadata.find(NUSPEC + "repository").get("url"), home + ".git")
                self.assertIn(VERSION, metadata.findtext(NUSPEC + "releaseNotes"))
                self.assertIn(b"Apache License", package.read("THIRD_PARTY_NOTICES"))
                self.assertEqual(
                    [group.get("targetFramework") for group in metadata.iter(NUSPEC + "group")], FRAMEWORKS)
                for framework in FRAMEWORKS:
                    documented = package.read(f"lib/{framework}/{name}.xml")
                    self.assertIn(b"<summary>", documented)

    def test_symbols_are_those_of_the_assemblies(self):
        for path in paths(".snupkg"):
            with self.subTest(path), zipfile.ZipFile(path) as package:
                name = path.rsplit("/", 1)[-1][:-len(f".{VERSION}.snupkg")]
                with zipfile.ZipFile(path[:-len("snupkg")] + "nupkg") as assemblies:
                    for framework in FRAMEWORKS:
                        symbols = package.read(f"lib/{framework}/{name}.pdb")
                        self.assertEqual(symbols[:4], b"BSJB")
                        # SourceLink: where debuggers find the sources.
                        self.assertRegex(symbols, rb'"/_/\*":"https://[^"]*/v%s/\*"' % VERSION.encode())
                        # What the assembly calls them by is what they begin with.
                        name_of_symbols, = re.findall(
                            rb"RSDS(.{16})", assemblies.read(f"lib/{framework}/{name}.dll"), re.DOTALL)
                        self.assertIn(name_of_symbols, symbols)

    def test_nothing_differs_from_build_to_build(self):
        for path in PACKAGES:
            with self.subTest(path), zipfile.ZipFile(path) as package:
                times = {entry.date_time for entry in package.infolist()}
                self.assertEqual(len(times), 1, times)
                self.assertLess(times.pop(), (2011,))
                for name in package.namelist():
                    if not name.endswith((".dll", ".pdb", ".so")):
                        continue
                    # Folders of the machine that built it, which -pathmap hides.
                    found = re.search(rb"/(execroot|sandbox|home|root)/[ -~]*", package.read(name))
                    self.assertIsNone(found, name)

    def test_native_library_needs_what_the_readme_says(self):
        for path in paths(".nupkg"):
            with self.subTest(path), zipfile.ZipFile(path) as package:
                if NATIVE not in package.namelist():
                    continue
                library = package.read(NATIVE)
                self.assertEqual(library[:6], b"\x7fELF\x02\x01")
                promised, = re.findall(rb"glibc 2\.(\d+) or later", package.read("README.md"))
                wanted = max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", library))
                self.assertLessEqual(wanted, int(promised))
                self.assertNotIn(b"GLIBCXX", library)
                self.assertIn(".dynsym", sections(library))
                extra = [name for name in sections(library) if re.match(r"\.(symtab|strtab|z?debug_)", name)]
                self.assertEqual(extra, [])


PACKAGES = sys.argv[1:]
unittest.main(argv=sys.argv[:1])
