# SPDX-License-Identifier: MIT

"""What the tests of the package have in common: queues of their own, in each of the protocols."""

import itertools
import os
import shutil
import tempfile
import threading
import time
import unittest

import interprocess
from interprocess import Protocol

CAPACITY = 4096
# By the names of not_applicable.txt.
PROTOCOLS = {
    "native": Protocol.NATIVE,
    "cloudtoid2": Protocol.CLOUDTOID_V2,
    "cloudtoid3": Protocol.CLOUDTOID_V3,
    "cloudtoid2-fork": Protocol.CLOUDTOID_V2_FORK,
}
PATIENCE = 60  # seconds, for what would otherwise never end
CONFORMANCE = "tests/conformance"
NUMBERS = itertools.count()


def text(size, seed=0):
    """Bytes that tell a message from others."""
    return bytes((seed * 31 + i * 7 + i // 251) % 256 for i in range(size))


class QueueTestCase(unittest.TestCase):
    protocol = Protocol.NATIVE

    def setUp(self):
        self.directory = self.new_directory()
        self.name = f"python{os.getpid()}-{next(NUMBERS)}"
        self.addCleanup(self.remove_semaphore)

    def new_directory(self):
        directory = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        return directory

    def remove_semaphore(self):
        """Nobody else removes the fork's."""
        path = f"/dev/shm/sem.ct.ip.{self.name}"
        if os.path.exists(path):
            os.remove(path)

    def options(self, **more):
        return {
            "directory": self.directory,
            "capacity": CAPACITY,
            "protocol": self.protocol,
            **more,
        }

    def publisher(self, **more):
        endpoint = interprocess.Publisher(self.name, **self.options(**more))
        self.addCleanup(endpoint.close)
        return endpoint

    def subscriber(self, **more):
        endpoint = interprocess.Subscriber(self.name, **self.options(**more))
        self.addCleanup(endpoint.close)
        return endpoint

    def pair(self, **more):
        return self.publisher(**more), self.subscriber(**more)

    def largest(self):
        """The largest message that an empty queue takes."""
        return CAPACITY - (0 if self.protocol == Protocol.NATIVE else 8)

    def has_queue(self):
        try:
            self.subscriber(mode=interprocess.Mode.OPEN_EXISTING).close()
        except interprocess.NotFound:
            return False
        return True

    def eventually(self, condition):
        """Whether the condition holds, now or soon."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.001)
        return True

    def begins_to_wait(self, endpoint):
        return self.eventually(lambda: endpoint.counters().waits > 0)

    def in_thread(self, call):
        """Runs `call`; joining what this returns raises what it raised, and returns its result."""
        return _Thread(call)


class _Thread:
    def __init__(self, call):
        self._call = call
        self._result = self._error = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self._result = self._call()
        except BaseException as error:
            self._error = error

    def join(self):
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result


def _not_applicable():
    """The reasons, by the number of the case and the protocol's name."""
    reasons = {}
    with open(f"{CONFORMANCE}/not_applicable.txt", encoding="utf-8") as lines:
        for line in lines:
            number, name, reason = line.strip().split(" ", 2)
            reasons[number, name] = reason
    return reasons


def for_all_protocols(case):
    """Test classes of `case`, by name: one for each protocol, which skips what it cannot show."""
    reasons = _not_applicable()
    classes = {}
    for name, protocol in PROTOCOLS.items():
        members = {"protocol": protocol}
        for test in dir(case):
            reason = reasons.get((test[5:9], name))
            if test.startswith("test_") and reason is not None:
                members[test] = unittest.skip(f"not of {name}: {reason}")(getattr(case, test))
        class_name = f"{case.__name__}_{protocol.name}"
        classes[class_name] = type(class_name, (case, QueueTestCase), members)
    return classes
