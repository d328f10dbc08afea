# SPDX-License-Identifier: MIT

"""Shared memory for the reference peers: a mapped file, its numbers, and a named semaphore."""

import ctypes
import mmap
import os
import struct

_atomic = ctypes.CDLL("libatomic.so.1")
_SEQ_CST = 5
_NUMBER = {32: ctypes.c_int32, 64: ctypes.c_int64}


def _function(name, bits, result):
    function = getattr(_atomic, f"__atomic_{name}_{bits // 8}")
    function.restype = result
    return function


_LOAD = {bits: _function("load", bits, number) for bits, number in _NUMBER.items()}
_STORE = {bits: _function("store", bits, None) for bits in _NUMBER}
_EXCHANGE = {bits: _function("exchange", bits, number) for bits, number in _NUMBER.items()}
_ADD = {bits: _function("fetch_add", bits, number) for bits, number in _NUMBER.items()}
_COMPARE = {bits: _function("compare_exchange", bits, ctypes.c_bool) for bits in _NUMBER}


class Memory:
    """A file of exactly `size` bytes, mapped. All atomic accesses are sequentially consistent."""

    def __init__(self, path, size):
        with open(path, "r+b") as file:
            if os.fstat(file.fileno()).st_size != size:
                raise ValueError(f"{path} has {os.fstat(file.fileno()).st_size} bytes, not {size}")
            self._map = mmap.mmap(file.fileno(), size)
        self._keep = ctypes.c_char.from_buffer(self._map)
        self._base = ctypes.addressof(self._keep)

    def _at(self, offset):
        return ctypes.c_void_p(self._base + offset)

    def load(self, offset, bits=64):
        return _LOAD[bits](self._at(offset), _SEQ_CST)

    def store(self, offset, value, bits=64):
        _STORE[bits](self._at(offset), _NUMBER[bits](value), _SEQ_CST)

    def exchange(self, offset, value, bits=64):
        """Returns what was there before."""
        return _EXCHANGE[bits](self._at(offset), _NUMBER[bits](value), _SEQ_CST)

    def add(self, offset, value, bits=32):
        """Returns what was there before."""
        return _ADD[bits](self._at(offset), _NUMBER[bits](value), _SEQ_CST)

    def compare_exchange(self, offset, expected, value, bits=64):
        """True if `expected` was there."""
        seen = _NUMBER[bits](expected)
        return _COMPARE[bits](self._at(offset), ctypes.byref(seen), _NUMBER[bits](value), _SEQ_CST,
                              _SEQ_CST)

    def read(self, offset, size):
        return self._map[offset:offset + size]

    def write(self, offset, data):
        self._map[offset:offset + len(data)] = data


class Ring:
    """The records, which are the same in both versions."""

    def __init__(self, memory, start, capacity):
        self.memory = memory
        self.start = start
        self.capacity = capacity

    def state(self, position):
        return self.memory.load(self.start + position % self.capacity, 32)

    def change_state(self, position, before, after):
        return self.memory.compare_exchange(self.start + position % self.capacity, before, after, 32)

    def length(self, position):
        return self.memory.load(self.start + position % self.capacity + 4, 32)

    def publish(self, position, body):
        """Body, then length, then state 2."""
        header = self.start + position % self.capacity
        self._put(position + 8, body)
        self.memory.store(header + 4, len(body), 32)
        self.memory.store(header, 2, 32)

    def body(self, position, length):
        return self._get(position + 8, length)

    def clear(self, position, size):
        self._put(position, bytes(size))

    def _put(self, position, data):
        at = position % self.capacity
        first = min(len(data), self.capacity - at)
        self.memory.write(self.start + at, data[:first])
        self.memory.write(self.start, data[first:])

    def _get(self, position, size):
        at = position % self.capacity
        first = min(size, self.capacity - at)
        return self.memory.read(self.start + at, first) + self.memory.read(self.start, size - first)


def record_size(length):
    return (8 + length + 7) & ~7


class Semaphore:
    """A named POSIX semaphore, mode 0777 less the umask, made with the value 0."""

    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.sem_open.restype = ctypes.c_void_p

    class _Timespec(ctypes.Structure):
        _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]

    def __init__(self, name):
        self._handle = self._libc.sem_open(
            b"/" + name.encode(), os.O_CREAT, ctypes.c_uint(0o777), ctypes.c_uint(0))
        if not self._handle:
            raise OSError(ctypes.get_errno(), f"sem_open {name}")

    @classmethod
    def unlink(cls, name):
        cls._libc.sem_unlink(b"/" + name.encode())

    def post(self):
        self._libc.sem_post(ctypes.c_void_p(self._handle))

    def wait(self, deadline):
        """True if a permit was had before the wall clock's `deadline`, in seconds."""
        when = self._Timespec(int(deadline), int(deadline % 1 * 1e9))
        return self._libc.sem_timedwait(ctypes.c_void_p(self._handle), ctypes.byref(when)) == 0


assert struct.pack("=i", 1) == b"\x01\x00\x00\x00", "the formats are little-endian"
