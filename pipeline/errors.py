"""What users are told: one exception that they are meant to see, and how it ends a command."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# What the disk may refuse, and what to do about it; any other OSError is our own mistake and keeps its traceback.
ADVICE = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room in your quota on that disk",
    errno.EACCES: "allow reading and writing there",
    errno.EPERM: "allow reading and writing there",
    errno.EROFS: "allow writing there",
    errno.EEXIST: "a file is in the way of a folder: name another place",
    errno.ENOTDIR: "a file is in the way of a folder: name another place",
    errno.EISDIR: "a folder is in the way of a file: name a file in it",
    errno.ENAMETOOLONG: "name a shorter one",
}


class BadInputError(Exception):
    """Something that the user gave cannot be used.

    The message is one line: what was expected, what came, in which file or under which key, and what to do.
    Commands and stages print it without a traceback and exit with status 1.
    """


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End the program with status 1 and one line on standard error when the block raises :class:`BadInputError`.

    The same where the disk is full or closed to us, or a stated place cannot be written.
    """
    try:
        yield
    except BadInputError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    except OSError as error:
        if error.errno not in ADVICE:
            raise
        place = error.filename or "a temporary file"
        line = f"error: {place}: {os.strerror(error.errno)}; {ADVICE[error.errno]} and run it again"
        print(line, file=sys.stderr)
        raise SystemExit(1) from error
