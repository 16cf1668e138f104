"""How a run ends otherwise than well."""


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
