"""The one exception that users are meant to see."""


class BadInputError(Exception):
    """Something that the user gave cannot be used.

    The message is one line: what was expected, what came, in which file or under which key, and what to do.
    Commands and stages print it without a traceback and exit with status 1.
    """
