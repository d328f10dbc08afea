# SPDX-License-Identifier: MIT

"""The exceptions of this package. Each is an Error, and what Python has for such a thing."""


class Error(Exception):
    """What the library refuses or cannot do. `code` is its number in interprocess.h."""

    code = 0


class Cancelled(Error):
    """A Stop that the call was given was set."""


class InvalidArgument(Error, ValueError):
    """An argument or option that no queue takes."""


class Timeout(Error, TimeoutError):
    """The time is over, and nothing was done."""


class NotFound(Error, FileNotFoundError):
    """There is no such queue, directory or account."""


class AlreadyExists(Error, FileExistsError):
    """A queue was to be made, and there is one."""


class PermissionDenied(Error, PermissionError):
    """The system refuses it."""


class Full(Error):
    """No room, space or memory; or too many participants."""


class NotUsable(Error, RuntimeError):
    """Closed, of a forked process's parent, without its name, or of other options than the queue."""


class BufferTooSmall(Error, BufferError):
    """The buffer has no room for the message, which stays and has `needed` bytes."""

    needed = 0


class Unsupported(Error, NotImplementedError):
    """The protocol or the system cannot do it."""


class Unavailable(Error):
    """There is no message now, or another process holds a lock."""


class DataLoss(Error):
    """The file is damaged or is no queue."""


_CLASSES = {
    1: Cancelled,
    3: InvalidArgument,
    4: Timeout,
    5: NotFound,
    6: AlreadyExists,
    7: PermissionDenied,
    8: Full,
    9: NotUsable,
    11: BufferTooSmall,
    12: Unsupported,
    14: Unavailable,
    15: DataLoss,
}


def raise_error(code, text, needed):
    error = _CLASSES.get(code, Error)(text)
    error.code = code
    if code == 11:
        error.needed = needed
    raise error
