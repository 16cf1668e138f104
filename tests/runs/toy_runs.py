"""A small recipe run in the tests' own process, and stopped there."""

import os
import signal
import warnings

import pytest
import toy as recipe

from kgan.runs import Ended, Mistake, run


class Toy:
    """Runs of tests/runs/toy.py in this process."""

    def __init__(self, monkeypatch):
        # The program sets it.
        monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
        self.recipe, self.monkeypatch = recipe, monkeypatch

    def __call__(self, *arguments):
        """Run it; returns the game."""
        return run(recipe.toy, recipe.__doc__, recipe.SETTINGS, command=list(arguments))

    def stop(self, number, epoch, *arguments):
        """Run it with a signal after the second batch of an epoch (from 0); returns how it ended."""
        from kgan.runs.progress import Progress

        after_batch = Progress.on_train_batch_end

        def on_train_batch_end(self, batch, logs=None):
            if (self.epoch, batch) == (epoch, 1):
                os.kill(os.getpid(), number)
            after_batch(self, batch, logs)

        # Under `nohup` a run would not hear SIGHUP.
        before = signal.signal(number, signal.SIG_DFL)
        with self.monkeypatch.context() as patch:
            patch.setattr(Progress, "on_train_batch_end", on_train_batch_end)
            with pytest.raises(Ended) as ended:
                self(*arguments)
        signal.signal(number, before)
        return ended.value

    def mistake(self, *arguments):
        """The sentence with which it refuses."""
        with pytest.raises(Mistake) as mistake:
            self(*arguments)
        assert "\n" not in str(mistake.value)
        return str(mistake.value)
