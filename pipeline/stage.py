"""How a stage starts: paths from its command line, one clear line when the input is bad."""

import argparse
import errno
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import BadInputError

# What the disk may refuse, and what to do about it; any other OSError is our own mistake and keeps its traceback.
ADVICE = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room in your quota on that disk",
    errno.EACCES: "allow reading and writing there",
    errno.EPERM: "allow reading and writing there",
    errno.EROFS: "allow writing there",
}


def run(main: Callable[..., None]) -> None:
    """Call ``main`` with one path per parameter: ``main(raw, table)`` takes ``--raw PATH --table PATH``.

    Exits with status 1 and one line on standard error when ``main`` raises :class:`BadInputError`, or when the disk is
    full or closed to us.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(main))
    for name in inspect.signature(main).parameters:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="PATH")
    try:
        main(**vars(parser.parse_args()))
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
