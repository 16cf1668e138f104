"""Recipes run in the tests' own process, and stopped there."""

import importlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES, HERE = ROOT / "recipes", Path(__file__).parent


class Toy:
    """Runs of tests/recipes/toy.py in this process; `runner`, `report` and `folder` are the files of recipes/."""

    def __init__(self, monkeypatch):
        monkeypatch.syspath_prepend(str(RECIPES))
        monkeypatch.syspath_prepend(str(HERE))
        # The program sets it.
        monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
        self.runner, self.folder, self.recipe = (
            importlib.import_module(name) for name in ("runner", "run_folder", "toy")
        )
        self.monkeypatch = monkeypatch

    @property
    def report(self):
        return importlib.import_module("report")

    def __call__(self, *arguments):
        """Run it; returns the game."""
        return self.runner.run(self.recipe.toy, self.recipe.__doc__, self.recipe.SETTINGS, command=list(arguments))

    def stop(self, number, epoch, *arguments):
        """Run it with a signal after the second batch of an epoch (from 0); returns how it ended."""
        progress = self.report.Progress
        after_batch = progress.on_train_batch_end

        def on_train_batch_end(self, batch, logs=None):
            if (self.epoch, batch) == (epoch, 1):
                os.kill(os.getpid(), number)
            after_batch(self, batch, logs)

        with self.monkeypatch.context() as patch:
            patch.setattr(progress, "on_train_batch_end", on_train_batch_end)
            with pytest.raises(self.runner.Ended) as ended:
                self(*arguments)
        return ended.value

    def mistake(self, *arguments):
        """The sentence with which it refuses."""
        with pytest.raises(self.runner.Mistake) as mistake:
            self(*arguments)
        assert "\n" not in str(mistake.value)
        return str(mistake.value)


def start(folder, script, *arguments):
    """A script in a process of its own, which sees this checkout."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(RECIPES)]), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(script), *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process, timeout=240):
    """Exit code, stdout and stderr."""
    out, error = process.communicate(timeout=timeout)
    return process.returncode, out, error


def wait_for(process, text):
    for line in process.stdout:
        if line.startswith(text):
            return
    raise AssertionError(f"{text!r} never came: {process.stderr.read()}")


def contents(folder):
    """Every file below a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
