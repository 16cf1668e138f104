"""Where a run writes: whose the files are that lie there, and how an earlier run makes room. What no recipe wrote is
neither deleted nor overwritten.
"""

import json
import math
import os
import subprocess
import tempfile
from pathlib import Path

from kgan.runs.endings import Mistake
from kgan.runs.lock import Held, Lock

ROOT = Path(__file__).resolve().parents[2]
RECORD, LOCK = "run.json", ".kgan-lock"
# What a recipe may write into its folder: these names, and files of these kinds.
FOLDERS, KINDS = ("checkpoint", "samples"), (".png", ".gif", ".csv", ".json", ".keras", ".html")


def read_record(out):
    """The record of the run in `out`, a dict; None where there is none, or a `run.json` of something else."""
    try:
        record = json.loads((out / RECORD).read_text())
    except (OSError, ValueError):
        return None
    known = isinstance(record, dict) and all(
        isinstance(record.get(name), str) for name in ("kgan", "recipe", "dataset")
    )
    return record if known else None


def write_record(task):
    """Write down what the run in `--out` is and which code runs it; a run that is resumed by other code has both."""
    import kgan
    from kgan.callbacks.directories import replace_text

    earlier = (read_record(task.out) or {}).get("commits", []) if task.options.resume else []
    options = {name: value for name, value in vars(task.options).items() if name not in ("resume", "out")}
    now = commit()
    record = {
        "kgan": kgan.__version__,
        "recipe": task.recipe,
        "commits": [*earlier, *([] if now in earlier[-1:] else [now])],
    }
    text = json.dumps(numbers({**record, **options}), indent=2, allow_nan=False)
    replace_text(task.out / RECORD, f"{text}\n")


def numbers(record):
    """The same with what JSON has no number for as text, which `float` reads: "inf", "-inf" and "nan"."""
    if isinstance(record, dict):
        return {name: numbers(value) for name, value in record.items()}
    return str(record) if isinstance(record, float) and not math.isfinite(record) else record


def check_free(out, recipe):
    """Raise where a new run of `recipe` cannot have the folder `out`: it may be empty, hold notes and logs, or a run of
    the same recipe, which moves aside.
    """
    if out.is_symlink():
        raise Mistake(f"{str(out)!r} is a symbolic link: give --out the folder itself, {str(out.resolve())!r}")
    if not out.is_dir():
        return
    record = read_record(out)
    if record is None:
        mine = sorted(
            path.name
            for path in out.iterdir()
            if path.name in FOLDERS or path.suffix in KINDS and not path.name.startswith(".")
        )
        if mine:
            raise Mistake(f"{str(out)!r} holds {mine[0]!r}, which no recipe wrote: choose another --out")
    elif record["recipe"] != recipe:
        raise Mistake(f"{str(out)!r} holds a run of the recipe {record['recipe']!r}: choose another --out")
    elif out.resolve() in (Path.cwd(), *Path.cwd().parents):
        raise Mistake(
            f"the run in {str(out)!r} cannot make room for a new one while you are in that folder: go elsewhere, or "
            "choose another --out"
        )


def check_writable(folder):
    """Create the folder where it is missing, and raise where nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0")
    except OSError as error:
        raise Mistake(f"cannot write to {str(folder)!r}: {error.strerror}") from error


def hold(out):
    """The lock of the folder `out`, which no two runs have at once."""
    try:
        return Lock(out / LOCK)
    except Held as holder:
        raise Mistake(
            f"another run ({holder}) writes into {str(out)!r}: choose another --out, or wait for its end"
        ) from None


def make_room(task, lock):
    """Move an earlier run in `--out` aside, whole, and say where it is; returns the lock of the folder that is then
    there.
    """
    check_free(task.out, task.recipe)
    if read_record(task.out) is None:
        return lock
    from kgan.callbacks.directories import move_aside

    if os.name == "nt":  # where the folder of an open file cannot be renamed
        lock.release()
    try:
        aside = move_aside(task.out)
        task.out.mkdir()
    except OSError as error:
        raise Mistake(
            f"the run in {str(task.out)!r} cannot be moved aside ({error.strerror}): choose another --out"
        ) from error
    print(f"The run that was in {task.out} is now in {aside}.", flush=True)
    fresh = hold(task.out)
    lock.path = aside / LOCK
    lock.release()
    return fresh


def commit():
    """The commit of the code that runs, marked where code differs from it; "unknown" outside a checkout of kgan."""
    if not (ROOT / ".git").exists():
        return "unknown"

    def git(*arguments):
        try:
            return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        except OSError:
            return ""

    return (git("rev-parse", "--short", "HEAD") or "unknown") + (
        "-dirty" if git("status", "--porcelain", "kgan", "recipes") else ""
    )
