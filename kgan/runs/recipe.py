"""Running a recipe: from its command line, from Python, from a notebook."""

import contextlib
import sys
import warnings
from pathlib import Path

from kgan.runs.command_line import command_line
from kgan.runs.endings import Ended, Mistake, say
from kgan.runs.folder import ROOT, check_writable, hold, make_room, write_record
from kgan.runs.loading import load
from kgan.runs.setting_up import set_up, strategy_scope
from kgan.runs.task import Task
from kgan.runs.training import built, train


def run(build, promise, settings, arguments=None, own=None, takes="images", measure=None, command=None):
    """Run a recipe from the command line, or from Python.

    Args:
        build: function of a `Task` to a compiled game. Its file's name is the recipe's; in a notebook its own.
        promise: text that `--help` opens with.
        settings: dict of data set to its `epochs`, `batch_size` and, where it has a choice, `size`, `kind` or
            `blocks`. The first is the recipe's default; `"images"` and `"points"` stand for all others of their kind,
            and a recipe without one of them does not take that kind. Folders of pairs or domains are `"images"`.
        arguments: function that adds the recipe's own options, their defaults included, to an `argparse` parser.
        own: dict of data sets that the recipe brings itself to a function of the `Task`, which does all the work.
        takes: what the game learns from: "images" (or points), "labels" (images with labels), "pairs" (sources with
            targets; `--side`, `--target`), or two "domains", "several domains", or two "labelled domains" (`--kind`,
            `--target`).
        measure: function of the `Task` and the trained game to `{"scores": {name: float}, "floors": {name: float}}`:
            what this recipe shows beside what all do.
        command: list of command-line arguments, from Python. None: those of the process, which `run` then ends with an
            exit code where the run does not end well.

    Returns:
        the trained game; None of a data set of the recipe's own.

    Raises:
        Mistake, Ended: with a `command`: something to mend; a run that was stopped or whose players diverged.

    Example, of a game of one's own in a notebook:

    >>> def mine(task):
    ...     players = kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1)
    ...     gan = kgan.WGANGP(*players)
    ...     gan.compile(steps_per_execution=task.steps_per_execution)
    ...     return gan
    >>> settings = {"ring": {"epochs": 2, "batch_size": 256}}
    >>> gan = kgan.runs.run(mine, "WGAN-GP on a ring.", settings, command=["--seed", "1"])  # see runs/mine/index.html
    """
    recipe, script, program = names_of(Path(build.__code__.co_filename), build.__name__)
    if command is None:
        program = sys.argv[0]
        warnings.formatwarning = lambda message, *_, **__: f"warning: {' '.join(str(message).split())}\n"
    try:
        options = command_line(recipe, promise, settings, arguments, own or {}, command, script, takes)
        task = Task(recipe, options, script=script, program=program)
        task.measure = measure
        return carry_out(task, build, own or {}, takes)
    except (Mistake, Ended, KeyboardInterrupt) as end:
        if command is not None:
            raise
        sys.exit(say(recipe, end))


def names_of(file, function):
    """The name of the recipe whose `function` is in `file`, the file as the command that repeats a run names it, and
    as one that resumes it does: None of a notebook's cell, which is in no file.
    """
    if not file.exists():
        return function, f"{function}.py", None
    inside = file.resolve().is_relative_to(ROOT)
    return file.stem, file.resolve().relative_to(ROOT).as_posix() if inside else file.name, str(file)


def carry_out(task, build, own, takes):
    """Do what the options ask for, in a folder that no other run has."""
    options = task.options
    brought = options.dataset in own
    check_writable(task.out)
    check_writable(Path(options.saved_models))
    with contextlib.ExitStack() as held:
        lock = hold(task.out)
        held.callback(lambda: lock.release())
        set_up(options, own)
        if options.strategy and brought:
            raise Mistake(f"--strategy does not share out {options.dataset!r}: choose another --dataset")
        task.scope = strategy_scope(options)
        if not brought:
            task.data, task.held_out = load(options, takes)
            gan = built(task, build)
        if not options.resume:
            lock = make_room(task, lock)
        write_record(task)
        return own[options.dataset](task) if brought else train(task, gan)
