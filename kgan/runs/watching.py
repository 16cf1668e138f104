"""What watches a run: its history, its samples, its diagnosis, its page, its checkpoint."""

import time

import keras
import numpy as np

from kgan import callbacks
from kgan.callbacks.subjects import OF_SAMPLES
from kgan.kinds import CoupledModel, LatentModel
from kgan.runs.data_sets import is_folder, sample_count
from kgan.runs.endings import or_warn
from kgan.runs.history import read_history, write_history
from kgan.runs.loading import test_split
from kgan.runs.page import write_page

PICTURES, CHECKPOINTS, LOOKS = 40, 20, 20  # in a run, about
SHOWN = 8  # rows of a sheet
LOOKED_AT, LEAST = 256, 16  # samples at a look, and how many real ones that takes at least


class History(keras.callbacks.Callback):
    """Writes `history.csv`, one row an epoch. A resumed run drops the rows of epochs that it runs again."""

    def __init__(self, task):
        super().__init__()
        self.task = task
        self.rows = read_history(task) if task.options.resume else []

    def on_epoch_begin(self, epoch, logs=None):
        self.rows = [row for row in self.rows if row["epoch"] <= epoch]
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        speed = {
            "seconds": round(seconds, 2),
            "samples_per_second": round(sample_count(self.task.data) / seconds, 1),
        }
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}, **speed})
        or_warn(write_history, self.task, self.rows)


class Page(keras.callbacks.Callback):
    """Writes the run's page, `index.html`, as often as there is a checkpoint."""

    def __init__(self, task, watcher):
        super().__init__()
        self.task, self.watcher, self.every = task, watcher, cadence(task, CHECKPOINTS)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            or_warn(write_page, self.task, self.watcher)


def make_callbacks(task, gan):
    """What watches the training, the checkpoint last. What it tells of is written before it, so that a kill between the
    two leaves no gap.
    """
    checkpoint = callbacks.Checkpoint(task.out / "checkpoint", every=cadence(task, CHECKPOINTS), boundary=True)
    watcher = diagnosis(task, gan)
    looks = [] if watcher is None else [watcher]
    return [callbacks.NaNGuard(), History(task), sampler(task, gan), *looks, Page(task, watcher), checkpoint]


def cadence(task, times):
    """Epochs between two of what is to happen about so many times in a run."""
    return max(1, task.options.epochs // times)


def sampler(task, gan):
    """What draws the samples of a game, or what it makes of samples."""
    folder, every = task.out / "samples", cadence(task, PICTURES)
    if isinstance(gan, CoupledModel):
        return callbacks.Sheet(folder, gan.random_latents(SHOWN, np.random.default_rng(0)), every=every)
    if isinstance(gan, OF_SAMPLES):
        return callbacks.Sheet(folder, shown(task, gan), every=every)
    if task.points:
        return callbacks.SampleCloud(folder, every=every, centres=task.data.centres)
    names = None if task.rows is None else [task.data.class_names[row] for row in task.rows]
    return callbacks.SampleGrid(folder, every=every, labels=task.rows, names=names)


def shown(task, gan):
    """What a sheet shows: samples held out of training where there are such, else the first ones; labels are none of
    them, where a game has no pairs.
    """
    data = test_split(task) if not is_folder(task.options.dataset) else task.held_out or task.data
    rows = min([SHOWN, *(len(array) for array in data.streams.values())])
    parts = [data.scale(array[:rows]) for array in data.streams.values()]
    return data.pack(parts) if gan.pairs or isinstance(data.images, dict) else parts[0]


def diagnosis(task, gan):
    """What looks for trouble, at most `LOOKS` times; None where nobody wants it or where it cannot: in games without
    latents, where `--strategy` shares batches out, with fewer than 16 real samples, and where these are all alike.
    """
    options = task.options
    wanted = not options.no_diagnosis and options.strategy is None
    if not wanted or not isinstance(gan, LatentModel) or sample_count(task.data) < LEAST:
        return None
    every = -(-options.epochs // LOOKS)
    watcher = callbacks.Diagnosis(task.out, task.data, every=every, samples=LOOKED_AT, picture=False)
    return watcher if np.ptp(watcher.reference, axis=0).any() else None
