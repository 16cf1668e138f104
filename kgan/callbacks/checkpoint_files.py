"""How a checkpoint lies on disk: written whole or not at all, and recognised when it is damaged.

`epoch-0012/` holds `model.weights.h5` and `state.json`. A directory whose name starts with a dot is unfinished or condemned. `epoch-0012.replaced` is the
old checkpoint of an epoch while a new one takes its place, as good as any other.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil

WEIGHTS, STATE = "model.weights.h5", "state.json"
UNFINISHED, CONDEMNED, REPLACED = ".writing-", ".deleted-", ".replaced"


class Damaged(ValueError):
    """A checkpoint that is incomplete or not what was written; the message says why."""


def found(directory):
    """Paths of all checkpoints in `directory`, oldest first, damaged ones among them."""
    names = {path: re.fullmatch(rf"epoch-(\d+)({re.escape(REPLACED)})?", path.name) for path in pathlib.Path(directory).iterdir()}
    kept = {path: (int(match[1]), match[2] is None) for path, match in names.items() if match}
    return sorted(kept, key=kept.get)


def write(directory, epoch, weights, state):
    """Write the checkpoint of `epoch`: `weights` (bytes) and `state` (a dict for JSON). Whatever stops this leaves all checkpoints as they were.

    Returns:
        its path.
    """
    final = directory / f"epoch-{epoch:04d}"
    unfinished = directory / f"{UNFINISHED}{final.name}"
    state = {"epoch": epoch, **state}
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        _write_file(unfinished / WEIGHTS, weights)
        _write_file(unfinished / STATE, json.dumps({**state, "sha256": _digest(weights, state)}, indent=1).encode())
        _flush_directory(unfinished)
        if final.exists():
            replaced = final.with_name(final.name + REPLACED)
            delete(replaced)
            os.rename(final, replaced)
        os.rename(unfinished, final)
        _flush_directory(directory)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return final


def read_state(path):
    """The `state` of the checkpoint at `path`, weights and all checked against what was written.

    Raises:
        Damaged: it is not as it was written.
    """
    try:
        state = json.loads((path / STATE).read_bytes())
        weights = (path / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        raise Damaged(f"{pathlib.Path(error.filename).name} is missing") from error
    except (OSError, ValueError) as error:
        raise Damaged(f"it cannot be read: {error}") from error
    if not isinstance(state, dict) or state.pop("sha256", None) != _digest(weights, state):
        raise Damaged("its contents are not what was written")
    return state


def delete(path):
    """Delete the checkpoint at `path`, if there is one, such that no half of it is ever taken for a checkpoint."""
    condemned = path.with_name(f"{CONDEMNED}{path.name}")
    shutil.rmtree(condemned, ignore_errors=True)
    if path.exists():
        os.rename(path, condemned)
        shutil.rmtree(condemned)


def tidy(directory):
    """Delete what a killed process left unfinished or half deleted in `directory`."""
    for path in directory.iterdir():
        if path.name.startswith((f"{UNFINISHED}epoch-", f"{CONDEMNED}epoch-")):
            shutil.rmtree(path, ignore_errors=True)


def _digest(weights, state):
    digest = hashlib.sha256(weights)
    digest.update(json.dumps(state, sort_keys=True).encode())
    return digest.hexdigest()


def _write_file(path, content):
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_directory(path):
    """Make renames in a directory outlast a power cut; only POSIX systems let a directory be opened for that."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
