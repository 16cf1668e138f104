"""A lock that its process cannot forget to give back."""

import contextlib
import os
import warnings
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt


class Held(Exception):
    """Another process has the lock; the message says which."""


class Lock:
    """A lock on the file at `path`, held from here on until `release`; the system takes it back from a process that
    ends, even by `kill -9`.

    Args:
        path: of the file, which is created. It holds the number of the process, for people to read.
        wait: whether to wait for another process that has the lock.

    Raises:
        Held: another process has it, and `wait` is False.
        OSError: the file cannot be created.
    """

    def __init__(self, path, wait=False):
        self.path = Path(path)
        while True:
            self.file = open(self.path, "a+b")
            try:
                _lock(self.file, wait)
            except (BlockingIOError, PermissionError):
                self.file.seek(0)
                holder = self.file.read(20).decode("ascii", "replace").strip()
                self.file.close()
                raise Held(f"process {holder}" if holder.isdecimal() else "another process") from None
            except OSError as error:  # a file system without locks
                warnings.warn(
                    f"{str(self.path)!r} cannot be locked ({error.strerror}): see to it that no other run writes "
                    "there.",
                    stacklevel=2,
                )
            # The one that had the lock before may have deleted the file, or moved it away, between these two calls.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self.file.fileno()), os.stat(self.path)):
                    break
            self.file.close()
        self.file.truncate(0)
        self.file.write(str(os.getpid()).encode())
        self.file.flush()

    def release(self):
        """Give the lock back and delete its file."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


def _lock(file, wait):
    if os.name == "nt":
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
