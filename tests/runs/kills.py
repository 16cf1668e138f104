"""Kill a recipe (SIGKILL) at its start over an older run, as it resumes, at an epoch's end and as it concludes; say
what was lost.

    PYTHONPATH=. python tests/runs/kills.py 300

Half of the kills come before a chosen file operation, one after the other, half at a random instant. Libraries are
imported once; each run is a fork.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import toy

import kgan.runs.conclusion
import kgan.runs.watching  # noqa: F401
from kgan.callbacks import checkpoint_files
from kgan.runs import Task, read_history
from kgan.runs import run as run_recipe
from kgan.runs.folder import read_record

OUT, MODEL = Path("runs/toy"), Path("saved_models/toy-ring")
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")
MINE = (
    "runs/toy/notes.txt",
    "runs/toy/samples/photo.jpg",
    "runs/toy/checkpoint/epoch-12/best.pt",
    "runs/toy/checkpoint/epoch-0001/notes.txt",
    "saved_models/another/thesis.txt",
)
SCENARIOS = {"start": ("--epochs", "2"), "resume": ("--resume", "--epochs", "4")}


def fork(function, *arguments):
    """Run a function in a process of its own; returns how that ended, as `os.waitstatus_to_exitcode` does."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            function(*arguments)
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(folder, arguments, operation=None, seconds=None, counted=None):
    """Run the recipe in `folder`, to be killed before its change number `operation`, or after `seconds`; `counted` is a
    file for the number of changes.
    """
    os.chdir(folder)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    changes = 0

    def watch(event, details):
        nonlocal changes
        writes = event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or writes:
            changes += 1
            if changes == operation:
                os.kill(os.getpid(), signal.SIGKILL)

    if seconds is not None:
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    sys.addaudithook(watch)
    run_recipe(toy.toy, toy.__doc__, toy.SETTINGS, command=list(arguments))
    if counted is not None:
        total = changes
        counted.write_text(str(total))


def prepare(folder):
    """A run of two epochs with files of a user among its own."""
    assert fork(run, folder, ("--epochs", "2")) == 0
    for name in MINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}")


def whole(out):
    """Epochs of the checkpoints of a run that are whole."""
    found = set()
    for path in checkpoint_files.found(out / "checkpoint") if (out / "checkpoint").is_dir() else ():
        with contextlib.suppress(checkpoint_files.Damaged):
            found.add(checkpoint_files.read_state(path)["epoch"])
    return found


def losses(folder, scenario):
    """What the kill of a run lost, in sentences."""
    texts = {path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 100}
    lost = [f"{name} is gone" for name in MINE if f"mine: {name}".encode() not in texts]
    runs = [folder / OUT, folder / "runs/toy.1"]
    if scenario == "start" and not any({1, 2} <= whole(out) for out in runs):
        lost.append("a whole checkpoint of the older run is gone")
    if scenario == "resume" and max(whole(runs[0]), default=0) < 2:
        lost.append("the newest checkpoint is gone")
    for out in runs:
        if (out / "history.csv").exists():
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                read_history(Task("toy", argparse.Namespace(out=str(out))))
            lost += [str(warning.message) for warning in said]
        if (out / "run.json").exists() and read_record(out) is None:
            lost.append(f"the record of {out} is damaged")
    models = [folder / MODEL, folder / f"{MODEL}.1"]
    served = [path for path in models if (path / "saved_model.pb").exists() or list(path.glob("*.keras"))]
    if not any((path / "README.md").exists() and (path / "samples.png").exists() for path in served):
        lost.append("no whole model is left")
    return lost


def main(trials, seed=0):
    """Kill and look, `trials` times; returns every loss, as text."""
    chance, found, last = random.Random(seed), [], time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        template = place / "template"
        template.mkdir()
        prepare(template)
        spans = {}
        for scenario, arguments in SCENARIOS.items():
            trial, began = shutil.copytree(template, place / scenario), time.monotonic()
            assert fork(run, trial, arguments, None, None, place / "count") == 0
            spans[scenario] = int((place / "count").read_text()), time.monotonic() - began
            assert not losses(trial, scenario), losses(trial, scenario)
        print(f"changes and seconds of a run: {spans}", flush=True)
        killed = 0
        for number in range(trials):
            scenario = list(SCENARIOS)[number % 2]
            (changes, seconds), arguments = spans[scenario], SCENARIOS[scenario]
            trial = shutil.copytree(template, place / "trial")
            if number % 4 < 2:
                when = {"operation": 1 + (number // 4 * 4 * changes // trials) % changes}
            else:
                when = {"seconds": chance.random() * seconds}
            code = fork(lambda: run(trial, arguments, **when))  # noqa: B023
            killed += code == -signal.SIGKILL
            lost = losses(trial, scenario)
            # And it goes on: a tenth of them to the end.
            if number % 10 == 0:
                again = ("--resume",) if read_record(trial / OUT) else SCENARIOS["start"]
                lost += ["it does not go on"] if fork(run, trial, again) else []
                lost += losses(trial, "start" if scenario == "start" else "resume")
            found += [f"{scenario}, {when}, exit code {code}: {loss}" for loss in lost]
            for loss in lost:
                print(f"{scenario}, {when}, exit code {code}: {loss}", flush=True)
            shutil.rmtree(trial)
            if time.monotonic() - last > 60:
                last = time.monotonic()
                print(f"{number + 1} of {trials}", flush=True)
    print(f"{killed} of {trials} runs were killed, {len(found)} losses", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]))))
