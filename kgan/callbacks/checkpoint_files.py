"""How a checkpoint lies on disk: written whole or not at all, and recognised when it is damaged.

`epoch-0012/` holds `model.weights.h5` and `state.json`. `.writing-epoch-0012` is unfinished, `.deleted-epoch-0012`
condemned. `epoch-0012.replaced` is the old checkpoint of an epoch while a new one takes its place, as good as any
other.

Nothing else is touched: a directory of another name (`epoch-12`), one that holds neither of the two files, a symbolic
link, and within a checkpoint whatever is neither of the two.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import warnings

from kgan.callbacks.directories import flush_directory, move_aside

WEIGHTS, STATE = "model.weights.h5", "state.json"
UNFINISHED, CONDEMNED, REPLACED = ".writing-", ".deleted-", ".replaced"


class Damaged(ValueError):
    """A checkpoint that is incomplete or not what was written; the message says why."""


def found(directory):
    """Paths of all checkpoints in `directory`, oldest first, damaged ones among them."""
    kept = {path: place for path in pathlib.Path(directory).iterdir() if (place := _place(path)) is not None}
    return sorted(kept, key=kept.get)


def _place(path):
    """Where a checkpoint stands in the order: its epoch, and whether it is no replaced one; None for whatever is no
    checkpoint.
    """
    match = re.fullmatch(rf"epoch-(\d{{4}}|[1-9]\d{{4,}})({re.escape(REPLACED)})?", path.name)
    if match is None or path.is_symlink() or not any((path / name).is_file() for name in (WEIGHTS, STATE)):
        return None
    return int(match[1]), match[2] is None


def is_ours(path):
    """Whether `Checkpoint` wrote the checkpoint at `path`, damaged as it may be: its state says so, and is of the epoch
    in its name.
    """
    try:
        content = (path / STATE).read_bytes()
    except OSError:
        return False
    try:
        state = json.loads(content)
    except ValueError:
        return b'"kgan"' in content
    return isinstance(state, dict) and "kgan" in state and state.get("epoch") == (_place(path) or (None,))[0]


def write(directory, epoch, weights, state):
    """Write the checkpoint of `epoch`: `weights` (bytes) and `state` (a dict for JSON). Whatever stops this leaves all
    checkpoints as they were.

    What has the checkpoint's name and is none is moved aside, with a warning.

    Returns:
        its path.
    """
    final = directory / f"epoch-{epoch:04d}"
    unfinished = directory / f"{UNFINISHED}{final.name}"
    state = {"epoch": epoch, **state}
    try:
        remove(unfinished)
        unfinished.mkdir()
        _write_file(unfinished / WEIGHTS, weights)
        _write_file(unfinished / STATE, json.dumps({**state, "sha256": _digest(weights, state)}, indent=1).encode())
        flush_directory(unfinished)
        if os.path.lexists(final):
            replaced = final.with_name(final.name + REPLACED)
            if is_ours(final) and not final.is_symlink():
                delete(replaced)
                os.rename(final, replaced)
            else:
                aside = move_aside(final)
                warnings.warn(f"{final} is no checkpoint of this epoch; it is kept as {aside}.", stacklevel=3)
        os.rename(unfinished, final)
        flush_directory(directory)
    finally:
        with contextlib.suppress(OSError):
            remove(unfinished)
    return final


def read_state(path):
    """The `state` of the checkpoint at `path`, weights and all checked against what was written.

    Raises:
        Damaged: it is not as it was written, or is not of the epoch that its name says.
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
    if (state["epoch"],) != _place(path)[:1]:
        raise Damaged(f"it is of epoch {state['epoch']}, whatever its name says")
    return state


def delete(path):
    """Delete the checkpoint at `path`, if there is one, such that no half of it is ever taken for a checkpoint; one
    that we did not write is kept.
    """
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not is_ours(path):
        move_aside(path)
        return
    condemned = path.with_name(f"{CONDEMNED}{path.name}")
    remove(condemned)
    os.rename(path, condemned)
    remove(condemned)


def tidy(directory):
    """Delete what a killed process left unfinished or half deleted in `directory`."""
    for path in directory.iterdir():
        if path.name.startswith((f"{UNFINISHED}epoch-", f"{CONDEMNED}epoch-")):
            with contextlib.suppress(OSError):
                remove(path)


def remove(path):
    """Delete the two files of a checkpoint at `path` and the directory, if there is one; where something else is in it,
    it moves out of the way instead.
    """
    if not path.is_dir() or path.is_symlink():
        return
    for name in (STATE, WEIGHTS):
        (path / name).unlink(missing_ok=True)
    if any(path.iterdir()):
        move_aside(path, path.name.removeprefix(UNFINISHED).removeprefix(CONDEMNED))
    else:
        path.rmdir()


def _digest(weights, state):
    digest = hashlib.sha256(weights)
    digest.update(json.dumps(state, sort_keys=True).encode())
    return digest.hexdigest()


def _write_file(path, content):
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
