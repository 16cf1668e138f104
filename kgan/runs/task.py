"""What a recipe is asked to do."""

import contextlib
import shlex
from pathlib import Path

from kgan.runs.data_sets import sample_shape, slug

# Options that do not belong to what a run computes.
ELSEWHERE = ("out", "data_dir", "saved_models", "resume", "backend", "no_diagnosis")


class Task:
    """What a recipe is asked to do.

    Attributes:
        recipe: its name.
        script: its file, as the command that repeats the run names it.
        options: the command line, complete: `dataset`, `size`, `epochs`, `batch_size`, `seed`, `precision`, `out`,
            ... and the recipe's own.
        data: `kgan.data.Batches`, or None for a data set that the recipe brings itself.
        scope: context in which the game is built, that of `--strategy`.
        rows: labels of the rows of sample grids, which a recipe of a conditional game sets; None for all others.
        measure: as in `kgan.runs.run`.
        validation: `Batches` that the metrics of the recipe's `compile` see after each epoch; None for fresh points
            of a mixture, or for nothing.
        held_out: `Batches` of a folder's images that are kept from training, or None.
        program: what was called, as the command that resumes the run names it; None in a notebook.
    """

    def __init__(self, recipe, options, data=None, script=None, program=None):
        self.recipe, self.options, self.data = recipe, options, data
        self.script, self.program = script or f"recipes/{recipe}.py", program
        self.scope, self.rows, self.measure = contextlib.nullcontext(), None, None
        self.validation, self.held_out = None, None

    @property
    def shape(self):
        """Shape of one sample: `(height, width, channels)` of an image, `(2,)` of a point; of named streams a dict of
        such.
        """
        return sample_shape(self.data)

    @property
    def points(self):
        """Whether the samples are points in the plane."""
        return isinstance(self.shape, tuple) and len(self.shape) == 1

    @property
    def classes(self):
        """How many classes the labels of the data tell."""
        return len(self.data.class_names)

    @property
    def steps(self):
        """Train steps of the whole run."""
        return self.options.epochs * len(self.data)

    @property
    def steps_per_execution(self):
        """For `compile`: 100 steps a call for points, whose steps are too short for a call each; PyTorch and
        TensorFlow's workers know only 1.
        """
        import keras

        together = self.points and keras.config.backend() != "torch" and self.options.strategy != "multiworker"
        return 100 if together else 1

    @property
    def out(self):
        return Path(self.options.out)

    @property
    def saved_model(self):
        return Path(self.options.saved_models) / f"{self.recipe}-{slug(self.options.dataset)}"

    def command(self):
        """The command that repeats this run, whatever the defaults are by then."""
        parts = ["python", self.script]
        for name, value in vars(self.options).items():
            if name not in ELSEWHERE and value is not None and value is not False:
                parts += [f"--{name.replace('_', '-')}"] if value is True else option(name, value)
        return shlex.join(parts)

    def resume_command(self):
        """The command that goes on with this run; in a notebook the call."""
        where = option("out", self.options.out)
        if self.program is None:
            return f"run(..., command={['--resume', *where]})"
        return shlex.join(["python", self.program, "--resume", *where])


def option(name, value):
    """An option and its value as arguments: two, or one where the value looks like an option itself."""
    flag, text = f"--{name.replace('_', '-')}", str(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]
