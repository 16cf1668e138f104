"""Directories that callbacks write into."""

import os
import pathlib
import tempfile


def writable(directory, owner):
    """`directory` as a path, created where it is missing, after a byte was written into it for a trial.

    Raises:
        OSError: it cannot be created or written; the message names `owner`.
    """
    path = pathlib.Path(directory)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as trial:
            trial.write(b"\0")
    except OSError as error:
        raise OSError(f"{owner} cannot write into {str(path)!r} ({error.strerror or error}): give it a directory that can be created and written.") from error
    return path


def replace(path, write):
    """Put what `write(file)` writes at `path`, at once and whole; returns `path`."""
    unfinished = path.with_name(f".{path.name}")
    try:
        with open(unfinished, "wb") as file:
            write(file)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
