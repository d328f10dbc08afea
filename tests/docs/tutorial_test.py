# SPDX-License-Identifier: MIT
"""tutorial_test.py PAGE WORKER IPQ CPP_SUBSCRIBER JAVA_PUBLISHER WHEEL: types the tutorial.

Comments in the page say in which terminal a block is typed, and what a block was printed by. Each
command succeeds before the next is typed, but for those that go on. `./bazelw` runs what this test
has built already, and every program uses a directory of its own.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

BAZELW = """#!/bin/bash
case "$*" in
  "build --config=release //tools/ipq" | "build -c opt //bindings/python:wheel") ;;
  "run -c opt //examples/cpp:subscriber -- "*) shift 5; exec {cpp} --dir="$IPQ_DIR" "$@" ;;
  "run -c opt //examples/java:publisher -- "*) shift 5; exec {java} --dir="$IPQ_DIR" "$@" ;;
  *) echo "the test cannot build: $*" >&2; exit 1 ;;
esac
"""
# The queues of the test lie apart from those of the machine's users.
SITE = """import functools, os
try:
    import interprocess
    for name in ("Publisher", "Subscriber"):
        setattr(interprocess, name,
                functools.partial(getattr(interprocess, name), directory=os.environ["IPQ_DIR"]))
except ImportError:
    pass
"""
ENDED = "@ended "
PATIENCE_S = 120


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            sys.exit("FAILED: %s" % what())
        time.sleep(0.02)


class Terminal:
    def __init__(self, number, checkout, environment):
        self.number = number
        self.path = os.path.join(os.path.dirname(checkout), "terminal%s" % number)
        self.seen = 0
        self.typed = 0
        out = open(self.path, "wb")
        self.shell = subprocess.Popen(["bash"], cwd=checkout, env=environment,
                                      stdin=subprocess.PIPE, stdout=out, stderr=out)
        # A job of its own for each command, as where a person types.
        self.shell.stdin.write(b"set -m\n")

    def lines(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read().splitlines()

    def type(self, text, goes_on):
        for line in text.splitlines():
            self.typed += 1
            end = ENDED + str(self.typed)
            self.shell.stdin.write(b"%s\necho '%s' $?\n" % (line.encode(), end.encode()))
            self.shell.stdin.flush()
            if not goes_on:
                until(lambda: any(l.startswith(end + " ") for l in self.lines()),
                      lambda: "terminal %s: %s does not end: %s" % (self.number, line, self.lines()))
                if end + " 0" not in self.lines():
                    sys.exit("FAILED: terminal %s: %s: %s" % (self.number, line, self.lines()))

    def printed(self):
        return [line for line in self.lines()[self.seen:]
                if not line.startswith(ENDED) and "Killed" not in line]

    def expect(self, text):
        """That the lines of `text` are what was printed since the last block of this terminal."""
        def normal(line):
            return re.sub(r"process \d+", "process N", line.strip())
        wanted = [normal(line) for line in text.splitlines()]
        until(lambda: [normal(line) for line in self.printed()][:len(wanted)] == wanted,
              lambda: "terminal %s printed %s, not %s" % (self.number, self.printed(), wanted))
        if len(self.printed()) != len(wanted):
            sys.exit("FAILED: terminal %s printed %s" % (self.number, self.printed()))
        self.seen = len(self.lines())

    def interrupt(self):
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.shell.pid)],
                                  capture_output=True, text=True, check=True).stdout.split()
        for child in children:
            os.kill(int(child), signal.SIGINT)
        until(lambda: any(l.startswith(ENDED + str(self.typed)) for l in self.lines()),
              lambda: "terminal %s goes on after Ctrl-C" % self.number)


def blocks(page):
    """(words of the comment, text) for each comment; the text is that of the block behind it."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    for match in re.finditer(r"<!-- ((?:type|prints|interrupt)[^>]*) -->\n(?:```\w+\n(.*?)```)?",
                             text, re.S):
        yield match.group(1).split(), match.group(2) or ""
    left = re.sub(r"<!-- (type|prints)[^>]* -->\n```\w+\n.*?```", "", text, flags=re.S)
    if "```" in left:
        sys.exit("FAILED: a block that nobody types: " + left[left.index("```"):][:200])


def main(page, worker, ipq, cpp, java, wheel):
    base = os.environ["TEST_TMPDIR"]
    checkout = os.path.join(base, "checkout")
    packages = os.path.join(base, "packages")
    environment = dict(os.environ, IPQ_DIR=os.path.join(base, "queues"), PYTHONPATH=packages)
    os.makedirs(environment["IPQ_DIR"])
    write(os.path.join(checkout, "bazelw"),
          BAZELW.format(cpp=os.path.realpath(cpp), java=os.path.abspath(java)))
    write(os.path.join(packages, "sitecustomize.py"), SITE)
    os.makedirs(os.path.join(checkout, "bazel-bin/tools/ipq"))
    os.symlink(os.path.realpath(ipq), os.path.join(checkout, "bazel-bin/tools/ipq/ipq"))
    for source, folder in ((wheel, "bazel-bin/bindings/python"), (worker, "examples/recipes")):
        os.makedirs(os.path.join(checkout, folder))
        shutil.copy(source, os.path.join(checkout, folder))

    terminals = {number: Terminal(number, checkout, environment) for number in "12"}
    steps = 0
    try:
        for (verb, where, *rest), text in blocks(page):
            steps += 1
            for terminal in terminals.values() if where == "everywhere" else [terminals[where]]:
                if verb == "type":
                    terminal.type(text, goes_on=bool(rest))
                elif verb == "interrupt":
                    terminal.interrupt()
                else:
                    terminal.expect(text)
        for terminal in terminals.values():
            terminal.expect("")
    finally:
        for terminal in terminals.values():
            terminal.shell.kill()
    print("%d steps typed" % steps)
    if steps < 10:
        sys.exit("FAILED: only %d steps found" % steps)


if __name__ == "__main__":
    main(*sys.argv[1:])
