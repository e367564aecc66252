"""How a stage starts: paths from its command line, one clear line when the input is bad."""

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import BadInputError


def run(main: Callable[..., None]) -> None:
    """Call ``main`` with one path per parameter: ``main(raw, table)`` takes ``--raw PATH --table PATH``.

    Exits with status 1 and one line on standard error when ``main`` raises :class:`BadInputError`.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(main))
    for name in inspect.signature(main).parameters:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="PATH")
    try:
        main(**vars(parser.parse_args()))
    except BadInputError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error
