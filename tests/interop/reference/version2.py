# SPDX-License-Identifier: MIT

"""Version 2 of the format, as slowly and plainly as it can be written."""

import fcntl
import os
import time

from memory import Memory, Ring, Semaphore, record_size

_HEADER = 32
_READ, _WRITE, _LOCK = 0, 8, 16
_TEN_SECONDS = 10 * 10_000_000


def ticks():
    return time.time_ns() // 100 + 621_355_968_000_000_000


class Queue:
    """One endpoint. `directory` is the "path" of the options."""

    def __init__(self, directory, name, capacity):
        folder = os.path.join(directory, ".cloudtoid/interprocess/mmf")
        os.makedirs(folder, exist_ok=True)
        self.capacity = capacity
        self._path = os.path.join(folder, name + ".qu")
        self._semaphore_name = "ct.ip." + name
        self._folder = os.open(folder, os.O_RDONLY)
        fcntl.flock(self._folder, fcntl.LOCK_EX)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)  # no process is attached
            os.ftruncate(self._file, _HEADER + capacity)
        except BlockingIOError:
            pass
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self.memory = Memory(self._path, _HEADER + capacity)
        self._semaphore = Semaphore(self._semaphore_name)
        fcntl.flock(self._folder, fcntl.LOCK_UN)
        self.ring = Ring(self.memory, _HEADER, capacity)
        self._unready = None

    def close(self):
        fcntl.flock(self._folder, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(self._path)
            Semaphore.unlink(self._semaphore_name)
        except BlockingIOError:
            pass
        os.close(self._file)
        os.close(self._folder)

    def _used(self, read, write):
        return (write - read) % (2 * self.capacity)

    def try_enqueue(self, body, before_commit=None):
        size = record_size(len(body))
        while True:
            write = self.memory.load(_WRITE)  # before the read offset
            read = self.memory.load(_READ)
            if self._used(read, write) + size > self.capacity:
                return False
            if self.memory.compare_exchange(_WRITE, write, (write + size) % (2 * self.capacity)):
                break
        if before_commit is not None:
            before_commit()
        self.ring.publish(write, body)
        self._semaphore.post()
        return True

    def try_dequeue(self, before_clearing=None):
        """The body, or None."""
        lock = self.memory.load(_LOCK)
        now = ticks()
        if lock != 0 and now - lock <= _TEN_SECONDS:
            return None
        if not self.memory.compare_exchange(_LOCK, lock, now):
            return None
        try:
            read = self.memory.load(_READ)
            write = self.memory.load(_WRITE)
            if read == write:
                return None
            if not self.ring.change_state(read, 2, 1):
                return self._give_up_after_ten_seconds(read, write)
            length = self.ring.length(read)
            body = self.ring.body(read, length)
            if before_clearing is not None:
                before_clearing()
            if self.memory.load(_LOCK) != now:
                return None  # it took too long: it is another's
            self.ring.clear(read, record_size(length))
            self.memory.store(_READ, (read + record_size(length)) % (2 * self.capacity))
            return body
        finally:
            self.memory.compare_exchange(_LOCK, now, 0)

    def _give_up_after_ten_seconds(self, read, write):
        if self._unready is None or self._unready[0] != read:
            self._unready = (read, write, time.monotonic())
        elif time.monotonic() - self._unready[2] > 10:
            self.memory.store(_READ, self._unready[1])  # all up to there is lost
            self._unready = None
        return None

    def dequeue(self, timeout):
        deadline = time.time() + timeout
        while True:
            body = self.try_dequeue()
            if body is not None or time.time() > deadline:
                return body
            self._semaphore.wait(min(deadline, time.time() + 0.005))
