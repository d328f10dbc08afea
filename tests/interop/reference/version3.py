# SPDX-License-Identifier: MIT

"""Version 3 of the format, as slowly and plainly as it can be written."""

import fcntl
import os
import shutil
import time

from memory import Memory, Ring, Semaphore, record_size

_HEADER = 262_400
_READ, _WRITE, _OWNER, _PENDING, _LAST_ID, _GATE = 0, 8, 16, 24, 28, 128
_SLOTS, _SLOT_SIZE, _SLOT_COUNT = 256, 128, 2048


class Queue:
    """One participant, of either role: the reference takes a publisher's slot for both."""

    def __init__(self, directory, name, capacity):
        base = os.path.join(directory, ".cloudtoid/interprocess/v3")
        folder = os.path.join(base, "mmf")
        os.makedirs(folder, exist_ok=True)
        self.capacity = capacity
        self._path = os.path.join(folder, name + ".qu")
        self._leases = os.path.join(base, "readers", name)
        self._semaphore_name = "ct3ip." + name
        self._folder = os.open(folder, os.O_RDONLY)
        fcntl.flock(self._folder, fcntl.LOCK_EX)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Semaphore.unlink(self._semaphore_name)  # no process is attached
            shutil.rmtree(self._leases, ignore_errors=True)
            os.ftruncate(self._file, 0)
            os.ftruncate(self._file, _HEADER + capacity)
        except BlockingIOError:
            pass
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self.memory = Memory(self._path, _HEADER + capacity)
        self._semaphore = Semaphore(self._semaphore_name)
        self.id = self.memory.add(_LAST_ID, 1) + 1
        os.makedirs(self._leases, exist_ok=True)
        self._lease = os.open(self._lease_path(self.id), os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(self._folder, fcntl.LOCK_UN)
        self.ring = Ring(self.memory, _HEADER, capacity)
        self._slot = next(
            slot for slot in range(_SLOTS, _SLOTS + _SLOT_SIZE * _SLOT_COUNT, _SLOT_SIZE)
            if self.memory.compare_exchange(slot, 0, self.id))
        self.memory.store(self._slot + 8, 0, 32)
        self._opened = time.monotonic()
        self._unfinished = None

    def close(self):
        self.memory.store(self._slot, 0)
        os.unlink(self._lease_path(self.id))
        os.close(self._lease)
        fcntl.flock(self._folder, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Semaphore.unlink(self._semaphore_name)
            shutil.rmtree(self._leases, ignore_errors=True)
            os.unlink(self._path)
        except BlockingIOError:
            pass
        os.close(self._file)
        os.close(self._folder)

    def _lease_path(self, participant):
        return os.path.join(self._leases, str(participant))

    def _is_dead(self, participant):
        try:
            lease = os.open(self._lease_path(participant), os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(self._lease_path(participant))
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(lease)

    def _notify(self):
        if self.memory.exchange(_PENDING, 1, 32) == 0:
            self._semaphore.post()

    def try_enqueue(self, body, before_commit=None):
        size = record_size(len(body))
        self.memory.add(self._slot + 8, 1)
        try:
            if self.memory.load(_GATE, 32) != 0:
                return False
            while True:
                read = self.memory.load(_READ)  # before the write offset
                write = self.memory.load(_WRITE)
                if size > self.capacity - (write - read):
                    return False
                if self.memory.compare_exchange(_WRITE, write, write + size):
                    break
            if before_commit is not None:
                before_commit()
            self.ring.publish(write, body)
            self._notify()
            return True
        finally:
            self.memory.add(self._slot + 8, -1)

    def try_dequeue(self, before_clearing=None):
        """The body, or None."""
        owner = self.memory.load(_OWNER)
        if owner != 0:
            self._replace_if_dead(owner)
            return None
        if self.memory.load(_READ) == self.memory.load(_WRITE):
            return None
        if not self.memory.compare_exchange(_OWNER, 0, self.id):
            return None
        try:
            read = self.memory.load(_READ)
            write = self.memory.load(_WRITE)
            if read == write:
                return None
            if not self.ring.change_state(read, 2, 1):
                return self._recover_after_ten_seconds(read, write)
            length = self.ring.length(read)
            body = self.ring.body(read, length)
            if before_clearing is not None:
                before_clearing()
            self.ring.clear(read, record_size(length))
            self.memory.store(_READ, read + record_size(length))
            return body
        finally:
            self.memory.compare_exchange(_OWNER, self.id, 0)

    def _replace_if_dead(self, owner):
        if time.monotonic() - self._opened < 10 or owner == self.id or not self._is_dead(owner):
            return
        if self.memory.compare_exchange(_OWNER, owner, self.id):
            self.memory.store(_GATE, 0, 32)
            self.memory.compare_exchange(_OWNER, self.id, 0)

    def _recover_after_ten_seconds(self, read, write):
        if self._unfinished is None or self._unfinished[0] != read:
            self._unfinished = (read, write, time.monotonic())
        elif time.monotonic() - self._unfinished[2] > 10:
            tail = self._unfinished[1]
            self.memory.store(_GATE, 1, 32)
            active = [slot for slot in range(_SLOTS, _SLOTS + _SLOT_SIZE * _SLOT_COUNT, _SLOT_SIZE)
                      if self.memory.load(slot + 8, 32) != 0]
            if all(self._is_dead(self.memory.load(slot)) for slot in active):
                self.ring.clear(read, tail - read)
                self.memory.store(_READ, tail)
                self._unfinished = None
            else:
                self._unfinished = (read, tail, time.monotonic())
            self.memory.store(_GATE, 0, 32)
        return None

    def dequeue(self, timeout):
        deadline = time.time() + timeout
        permit = False
        while True:
            body = self.try_dequeue()
            if body is not None or time.time() > deadline:
                if permit and self.memory.load(_READ) != self.memory.load(_WRITE):
                    self._notify()
                return body
            if self._semaphore.wait(min(deadline, time.time() + 0.005)):
                permit = True
                self.memory.exchange(_PENDING, 0, 32)
