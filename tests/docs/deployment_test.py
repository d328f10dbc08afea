# SPDX-License-Identifier: MIT
"""deployment_test.py units|manifests PAGE...: what the pages print for systemd or Kubernetes is
what these take.

systemd reads each unit; the program that a unit starts is a stand-in. Of a manifest, each mount
names a volume of its pod, and the queues' directory is one that is mounted.
"""

import os
import re
import subprocess
import sys
import tempfile


def blocks(pages, language):
    for page in pages:
        with open(page, encoding="utf-8") as file:
            for block in re.findall(r"^```%s\n(.*?)^```$" % language, file.read(), re.S | re.M):
                yield page, block


def check_unit(text):
    if "ExecStart=" not in text:
        text += "\n[Service]\nExecStart=/bin/true\n"
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "page.service")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 or done.stdout:
        yield "systemd-analyze: " + done.stdout.strip()


def check_manifest(text):
    import yaml
    pod = yaml.safe_load(text)
    if (pod["apiVersion"], pod["kind"]) != ("v1", "Pod") or not pod["metadata"]["name"]:
        yield "this is no pod"
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    for container in pod["spec"]["containers"]:
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        for path, name in mounts.items():
            if name not in volumes:
                yield "%s mounts %s, which is no volume" % (container["name"], name)
        queues = [value["value"] for value in container.get("env", []) if value["name"] == "IPQ_DIR"]
        queues += [arg[len("--dir="):] for arg in container.get("args", []) if arg.startswith("--dir=")]
        if not queues or any(path not in mounts for path in queues):
            yield "%s has its queues in %s, which is not mounted" % (container["name"], queues)


def main(kind, *pages):
    language, check = {"units": ("ini", check_unit), "manifests": ("yaml", check_manifest)}[kind]
    found = list(blocks(pages, language))
    print("%d %s" % (len(found), kind))
    failures = ["%s: %s" % (page, what) for page, text in found for what in check(text)]
    if len(found) < 2:
        failures.append("only %d found" % len(found))
    if failures:
        sys.exit("\n".join("FAILED: " + failure for failure in failures))


if __name__ == "__main__":
    main(*sys.argv[1:])
