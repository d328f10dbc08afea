# SPDX-License-Identifier: MIT

"""make_wheel.py OUT VERSION TAG HOME LICENSE NOTICES README FILE...: packs the package's files as a wheel.

The same files give the same bytes on every machine.
"""

import base64
import hashlib
import sys
import zipfile


def main(out, version, tag, home, license_file, notices, readme, *files):
    info = f"interprocess-{version}.dist-info"
    with open(readme, encoding="utf-8") as text:
        description = text.read()
    contents = {}
    for path in sorted(files):
        with open(path, "rb") as file:
            contents["interprocess/" + path.rsplit("/", 1)[-1]] = file.read()
    for name, path in (("LICENSE", license_file), ("THIRD_PARTY_NOTICES", notices)):
        with open(path, "rb") as text:
            contents[f"{info}/{name}"] = text.read()
    contents[f"{info}/METADATA"] = (
        "Metadata-Version: 2.1\n"
        "Name: interprocess\n"
        f"Version: {version}\n"
        "Summary: Message queues in shared memory, for the programs of one machine\n"
        "License: MIT\n"
        "License-File: LICENSE\n"
        "License-File: THIRD_PARTY_NOTICES\n"
        f"Home-page: {home}\n"
        "Requires-Python: >=3.9\n"
        "Classifier: License :: OSI Approved :: MIT License\n"
        "Classifier: Programming Language :: Python :: 3\n"
        "Classifier: Operating System :: POSIX :: Linux\n"
        "Classifier: Typing :: Typed\n"
        "Description-Content-Type: text/markdown\n"
        "\n" + description
    ).encode()
    contents[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\n"
        "Generator: interprocess\n"
        "Root-Is-Purelib: false\n"
        f"Tag: {tag}\n"
    ).encode()
    record = ""
    for name, content in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    contents[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            wheel.writestr(entry, content)


if __name__ == "__main__":
    main(*sys.argv[1:])
