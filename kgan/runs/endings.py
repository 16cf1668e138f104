"""How a run ends otherwise than well."""

import sys
import warnings


class Mistake(Exception):
    """Something the user can mend; ends the program with one line and exit code 2."""


class Stopped(Exception):
    """Ctrl-C, SIGTERM or SIGHUP, raised between two batches."""


class Ended(Exception):
    """A run that ended before its last epoch, with its state saved; the message says how to go on.

    Attributes:
        code: exit code of the program.
    """

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code


def say(recipe, end):
    """Say in a line or two how a run ended that did not end well; returns the exit code."""
    if isinstance(end, Ended):
        print(end, file=sys.stderr)
        return end.code
    sentence = " ".join(str(end).split()) if isinstance(end, Mistake) else "stopped at once."
    print(f"{recipe}: {sentence}", file=sys.stderr)
    return 2 if isinstance(end, Mistake) else 130


def or_warn(function, *arguments):
    """What `function` returns; None and a warning where the disk does not let it write: what goes beside a run does not
    end it.
    """
    try:
        return function(*arguments)
    except OSError as error:
        warnings.warn(f"{error}: the run goes on without", RuntimeWarning, stacklevel=2)
