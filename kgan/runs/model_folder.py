"""Where trained models lie: what was put there is replaced by its like, and what no recipe wrote is kept."""

import contextlib
import os
import re

from kgan.runs.endings import Mistake


def stranger(folder, name):
    """What in the `folder` of an exported model called `name` is no recipe's, as a path; None where all of it may be
    replaced.
    """
    inside = sorted(folder.rglob("*"))
    try:
        card = (folder / "README.md").read_text()
    except (OSError, ValueError):
        card = ""
    if not re.match(rf"# {re.escape(name)}\n", card) or "\n| software | kgan " not in card:
        return inside[0] if inside else None
    pictures = re.findall(r"\]\(([^/()]+\.png)\)", card)
    model = ("saved_model.pb", "fingerprint.pb", "assets", "variables", "variables/variables.index")
    ours = {"README.md", *model, f"{name}.keras", *pictures}

    def written(path):
        path = path.relative_to(folder).as_posix()
        return path in ours or re.fullmatch(r"variables/variables\.data-\d{5}-of-\d{5}", path)

    return next((path for path in inside if path.is_symlink() or not written(path)), None)


def check_model_folder(model):
    """Raise where the trained model cannot take the place of what is at `model`."""
    cure = "choose another --saved-models"
    if model.is_symlink() or model.exists() and not model.is_dir():
        raise Mistake(
            f"the trained model goes to {str(model)!r}, where a file or a symbolic link is: move it, or {cure}"
        )
    found = stranger(model, model.name) if model.is_dir() else None
    if found is not None:
        raise Mistake(
            f"the trained model is to replace {str(model)!r}, but {str(found)!r} was not written by a recipe: move "
            f"it, or {cure}"
        )


def put_model(unfinished, model):
    """Put the finished folder `unfinished` at `model`; what was there is deleted if a recipe wrote all of it, and else
    kept.

    Returns:
        where the older one is kept, or None.
    """
    from kgan.callbacks.directories import flush_directory, move_aside

    aside = move_aside(model) if os.path.lexists(model) else None
    unfinished.rename(model)
    flush_directory(model.parent)
    if aside is None or aside.is_symlink() or not aside.is_dir():
        return aside
    inside = sorted(aside.rglob("*"), reverse=True)
    if stranger(aside, model.name) is not None:
        return aside
    with contextlib.suppress(OSError):  # of a folder in which something has been put meanwhile
        for path in (*inside, aside):
            path.rmdir() if path.is_dir() else path.unlink()
        return None
    return aside
