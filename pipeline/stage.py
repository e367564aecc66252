"""How a stage starts: paths from its command line, one clear line when the input is bad."""

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import told_in_one_line
from pipeline.undisturbed import undisturbed

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it: 128 and the signal's number


def run(main: Callable[..., None]) -> None:
    """Call ``main`` with one path per parameter: ``main(raw, table)`` takes ``--raw PATH --table PATH``.

    Exits with status 1 and one line on standard error when ``main`` raises ``BadInputError``, when something that it
    reads changed meanwhile, or when the disk is full or closed to us; with status 130 and one line after Ctrl-C.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(main))
    for name in inspect.signature(main).parameters:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="PATH")
    with told_in_one_line():
        try:
            arguments = vars(parser.parse_args())
            with undisturbed():
                main(**arguments)
        except KeyboardInterrupt:
            print("stopped: run it again to go on; what the cache keeps is not done twice", file=sys.stderr)
            raise SystemExit(INTERRUPTED) from None
