# SPDX-License-Identifier: MIT

"""Message queues in shared memory, for the programs of one machine.

    with interprocess.Publisher("greetings") as publisher:
        publisher.put(b"hello")

    with interprocess.Subscriber("greetings") as subscriber:
        print(subscriber.get())  # waits

Each message goes to exactly one subscriber. The first program that opens a queue makes it.

Waiting: `timeout` is in seconds, None waits for ever and 0 tries once; Timeout is raised when it is
over. `stop` is a Stop that another thread may set; Cancelled is raised then. The interpreter's lock
is free while a call waits, and Ctrl-C ends it within a twentieth of a second.

Threads: any thread may use any object; close() ends the calls that wait. After a fork, a child
opens endpoints of its own: those of its parent raise NotUsable there. For asyncio see
interprocess.aio.
"""

import enum
import os
from typing import NamedTuple

from . import _interprocess
from ._errors import (
    AlreadyExists,
    BufferTooSmall,
    Cancelled,
    DataLoss,
    Error,
    Full,
    InvalidArgument,
    NotFound,
    NotUsable,
    PermissionDenied,
    Timeout,
    Unavailable,
    Unsupported,
)
from ._interprocess import Stop

__version__ = _interprocess.version()

__all__ = [
    "Access",
    "AlreadyExists",
    "BorrowedMessage",
    "BufferTooSmall",
    "Cancelled",
    "Counters",
    "DataLoss",
    "Error",
    "Full",
    "InvalidArgument",
    "MessageInfo",
    "Mode",
    "NotFound",
    "NotUsable",
    "PermissionDenied",
    "Protocol",
    "Publisher",
    "QueueEntry",
    "Reservation",
    "Stop",
    "Subscriber",
    "Timeout",
    "Unavailable",
    "Unsupported",
    "list_queues",
    "remove_queue",
]


class Protocol(enum.IntEnum):
    """The wire format. Processes that share a queue use the same one."""

    NATIVE = 0
    CLOUDTOID_V2 = 2
    CLOUDTOID_V3 = 3
    CLOUDTOID_V2_FORK = 4


class Mode(enum.IntEnum):
    """What opening does when there is a queue of that name, and when there is none."""

    OPEN_OR_CREATE = 0
    OPEN_EXISTING = 1
    CREATE_NEW = 2


class Access(enum.IntEnum):
    """Which users may open a queue that is made now."""

    OWNER = 0
    GROUP = 1
    EVERYONE = 2


class MessageInfo(NamedTuple):
    """What is known of a message beside its bytes."""

    size: int
    position: int
    earlier_deliveries: int
    redelivered: bool


class Counters(NamedTuple):
    """What an endpoint has counted since it was opened."""

    messages: int  # put, or taken; a message that was borrowed and given back was taken
    bytes: int
    full_or_empty: int  # how often it came upon a full queue (publisher) or an empty one (subscriber)
    waits: int  # calls that waited
    redelivered: int  # of `messages`: those marked redelivered


class QueueEntry(NamedTuple):
    """A queue of a directory. `error` says why the file cannot be used, and is "" if it can."""

    name: str
    path: str
    capacity: int
    error: str


class _InPlace:
    """A context manager around memory in the queue. Its view ends with it."""

    def __init__(self, raw):
        self._raw = raw
        self._view = memoryview(raw)
        self._size = len(self._view)

    @property
    def data(self):
        """The bytes, in the queue itself. ValueError is raised by what uses them afterwards."""
        return self._view

    def __enter__(self):
        return self


class BorrowedMessage(_InPlace):
    """A message that is lent: nobody else gets it, and it is not gone.

    Leaving the `with` acknowledges it, and gives it back if an exception leaves. If the process
    dies, another subscriber gets it, marked redelivered. Views that were made of `data` must be
    released before: BufferError is raised otherwise, and the message stays lent.
    """

    @property
    def info(self):
        """What is known of the message: a MessageInfo."""
        return MessageInfo(*self._raw.info)

    def acknowledge(self):
        """Takes the message off the queue. NotUsable if that, or giving back, was done before."""
        self._view.release()
        self._raw.acknowledge()

    def give_back(self):
        """Puts the message back for any subscriber. Does nothing the second time."""
        self._view.release()
        self._raw.give_back()

    def __exit__(self, kind, error, traceback):
        if self._raw.is_open:
            if kind is None:
                self.acknowledge()
            else:
                self.give_back()


class Reservation(_InPlace):
    """Room for one message, to be filled in place.

    Leaving the `with` commits all of it, and aborts if an exception leaves. Do not hold it for
    long: its place in the queue stays taken.
    """

    def commit(self, size=None):
        """Makes the first `size` bytes a message; None: all that was reserved."""
        self._view.release()
        try:
            self._raw.commit(self._size if size is None else size)
        finally:
            if self._raw.is_open:
                self._view = memoryview(self._raw)

    def abort(self):
        """Gives the room back. Does nothing the second time."""
        self._view.release()
        self._raw.abort()

    def __exit__(self, kind, error, traceback):
        if self._raw.is_open:
            if kind is None:
                self.commit()
            else:
                self.abort()


def _options(keywords):
    if keywords.get("directory") is not None:
        keywords["directory"] = os.fsdecode(keywords["directory"])
    return keywords


class _Endpoint:
    """What publishers and subscribers have in common."""

    def __init__(self, name, **options):
        super().__init__(name, **_options(options))

    def counters(self):
        """What this endpoint has counted since it was opened: Counters."""
        return Counters(*self._counters())

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.close()


class Publisher(_Endpoint, _interprocess.Publisher):
    """Puts messages into a queue. Arguments as in _OPTIONS below.

    put(data, timeout=None, stop=None) waits for room; try_put(data) returns False if there is none.
    `data` is bytes or anything with the buffer protocol. put_many(messages, timeout=None, stop=None)
    waits until the first one has room, puts in order what finds room then, and returns how many
    went in; try_put_many(messages) does not wait, and returns 0 if there is no room. If one of them
    is larger than max_message_size, none goes in. depth() says about how many messages wait.
    """

    def reserve(self, size, timeout=None, stop=None):
        """Room for `size` bytes in the queue itself: a Reservation."""
        return Reservation(self._reserve(size, timeout, stop))


class Subscriber(_Endpoint, _interprocess.Subscriber):
    """Takes messages from a queue. Arguments as in _OPTIONS below.

    get(timeout=None, stop=None) waits for a message and returns its bytes; try_get() returns None
    if there is none. get_into(buffer, timeout=None, stop=None) and try_get_into(buffer) copy it to
    the front of a writable buffer and return its size; BufferTooSmall leaves it in the queue.
    get_many(limit, timeout=None, stop=None) waits for the first message, and returns a list of those
    that are there then, at most `limit`; try_get_many(limit) does not wait. depth() says about how
    many messages wait. Iterating takes messages for ever, waiting for each.
    """

    def borrow(self, timeout=None, stop=None):
        """Lends the next message, in place: a BorrowedMessage."""
        return BorrowedMessage(self._borrow(timeout, stop))

    def __iter__(self):
        while True:
            yield self.get()


_OPTIONS = """

Options, all by keyword and with the defaults of interprocess.h: directory (a path), capacity
(bytes), protocol (Protocol), mode (Mode), access (Access), account, max_participants,
keep_undelivered, reserve_space, across_sessions, one_publisher, one_subscriber.
"""
Publisher.__doc__ += _OPTIONS
Subscriber.__doc__ += _OPTIONS


def list_queues(directory=None, protocol=Protocol.NATIVE):
    """The queues of a directory, sorted by name: a list of QueueEntry."""
    folder = None if directory is None else os.fsdecode(directory)
    return [QueueEntry(*entry) for entry in _interprocess.list_queues(folder, protocol)]


def remove_queue(name, directory=None, protocol=Protocol.NATIVE):
    """Removes the queue of that name with all its messages, whoever uses it."""
    folder = None if directory is None else os.fsdecode(directory)
    _interprocess.remove_queue(name, folder, protocol)
