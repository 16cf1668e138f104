"""Directories that callbacks write into, and files that are written whole or not at all."""

import os
import pathlib
import tempfile

# Only this package writes files of such names: a killed process may leave one, and the next one takes its place.
UNFINISHED = ".kgan-unfinished"


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
        raise OSError(
            f"{owner} cannot write into {str(path)!r} ({error.strerror or error}): give it a directory that can be "
            "created and written."
        ) from error
    return path


def replace(path, write):
    """Put what `write(file)` writes at `path`, at once and whole; returns `path`.

    It is written beside it, flushed to the disk and renamed: whatever stops this, the file that was there before is
    there still, as it was.
    """
    path = pathlib.Path(path)
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        unfinished.unlink(missing_ok=True)
        with open(unfinished, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def replace_text(path, text):
    """The same for a text, in UTF-8."""
    return replace(path, lambda file: file.write(text.encode()))


def move_aside(path, name=None):
    """Rename what is at `path` to the first free one of `<name>.1`, `<name>.2`, ... beside it (by default its own
    name); returns the new path.
    """
    name, number = name or path.name, 1
    while os.path.lexists(path.with_name(f"{name}.{number}")):
        number += 1
    return path.rename(path.with_name(f"{name}.{number}"))


def flush_directory(path):
    """Make renames in a directory outlast a power cut; only POSIX systems let a directory be opened for that."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
