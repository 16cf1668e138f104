"""What a run shows while it trains."""

import time

import keras
import rich.progress

from kgan.runs.endings import Stopped
from kgan.runs.history import duration


class Progress(keras.callbacks.Callback):
    """A bar over the whole run with losses, speed and time left; where no terminal looks on, one line an epoch. Ends
    the run when asked to.

    Args:
        task: the run.
        request: whose `signal` says that somebody asked for the end.

    Attributes:
        epoch: the epoch that runs, from 0.
    """

    def __init__(self, task, request):
        super().__init__()
        self.task, self.request, self.steps, self.epoch = task, request, len(task.data), 0
        self.began = self.first_step = None
        self.console = rich.get_console()
        self.bar = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(bar_width=20),
            rich.progress.TaskProgressColumn(),
            rich.progress.TextColumn("{task.fields[numbers]}"),
            rich.progress.TimeRemainingColumn(),
            rich.progress.TextColumn("left"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.run = self.bar.add_task("starting", total=task.steps, numbers="")

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        if self.first_step is None:
            self.first_step = epoch * self.steps
            self.bar.reset(self.run, total=self.task.steps, completed=self.first_step, description="compiling")
            self.bar.start()

    def on_train_batch_end(self, batch, logs=None):
        # On JAX the last call of an epoch counts the full `steps_per_execution`.
        done = self.epoch * self.steps + min(batch + 1, self.steps)
        if self.began is None:
            # The first batch compiles: it says nothing about speed.
            self.began, self.first_step = time.perf_counter(), done
            self.bar.reset(self.run, total=self.task.steps, completed=done)
        self.bar.update(
            self.run,
            completed=done,
            description=f"epoch {self.epoch + 1}/{self.task.options.epochs}",
            numbers=f"{brief(logs)}  {self.speed(done):,.0f}/s",
        )
        if self.request.signal:
            raise Stopped

    def on_epoch_end(self, epoch, logs=None):
        done = (epoch + 1) * self.steps
        if not self.console.is_terminal:
            speed = self.speed(done)
            left = duration((self.task.steps - done) * self.task.options.batch_size / speed) if speed else "?"
            print(
                f"epoch {epoch + 1}/{self.task.options.epochs}  {brief(logs)}  {speed:,.0f}/s  {left} left", flush=True
            )

    def speed(self, done):
        """Samples a second since the first batch."""
        return (done - self.first_step) * self.task.options.batch_size / max(time.perf_counter() - self.began, 1e-9)

    def close(self):
        self.bar.stop()


def brief(logs):
    """Losses in a few letters."""
    return "  ".join(
        f"{name.replace('discriminator', 'D').replace('generator', 'G').replace('_', ' ')} {float(value):.3f}"
        for name, value in logs.items()
    )
