"""What a run says while it trains and what it leaves behind: a progress bar, `history.csv`, loss curves, the exported
model and its card.
"""

import csv
import io
import os
import re
import shutil
import time
import warnings

import keras
import rich.progress
from card import MEASURED, card, duration, train_on_words
from endings import Mistake, Stopped
from lock import Lock
from matplotlib.figure import Figure
from run_folder import put_model
from runner import resume_command
from scores import scores

from kgan.callbacks.directories import UNFINISHED, replace, replace_text


class History(keras.callbacks.Callback):
    """Writes `history.csv`, one row an epoch. A resumed run drops the rows of epochs that it runs again."""

    def __init__(self, task):
        super().__init__()
        self.path, self.samples = task.out / "history.csv", len(task.data.images)
        self.rows = read_history(task) if task.options.resume else []

    def on_epoch_begin(self, epoch, logs=None):
        self.rows = [row for row in self.rows if row["epoch"] <= epoch]
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        speed = {"seconds": round(seconds, 2), "samples_per_second": round(self.samples / seconds, 1)}
        self.rows.append({"epoch": epoch + 1, **{name: float(value) for name, value in logs.items()}, **speed})
        or_warn(self.write)

    def write(self):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, dict.fromkeys(name for row in reversed(self.rows) for name in row))
        writer.writeheader()
        writer.writerows(self.rows)
        replace_text(self.path, text.getvalue())


def or_warn(function, *arguments):
    """What `function` returns; None and a warning where the disk does not let it write: what goes beside a run does not
    end it.
    """
    try:
        return function(*arguments)
    except OSError as error:
        warnings.warn(f"{error}: the run goes on without", RuntimeWarning, stacklevel=2)


def read_history(task):
    """Rows of `history.csv` as dicts of numbers; none where there is no such file. Rows that are damaged are left out,
    with a warning.
    """
    path, rows = task.out / "history.csv", []
    if not path.exists():
        return rows
    lines = path.read_text(errors="replace").replace("\0", "").splitlines()
    for number, row in enumerate(csv.DictReader(lines, restkey="rest", restval="cut"), 2):
        try:
            values = {
                name: int(value) if name == "epoch" else float(value) for name, value in row.items() if value != ""
            }
            rows.append({"epoch": values["epoch"], "seconds": values["seconds"], **values})
        except (ValueError, TypeError, KeyError):
            warnings.warn(f"Line {number} of {path} is damaged and left out.", stacklevel=2)
    return rows


class Progress(keras.callbacks.Callback):
    """A bar over the whole run with losses, speed and time left; where no terminal looks on, one line an epoch. Ends
    the run when asked to.

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
    return "  ".join(
        f"{name.replace('discriminator', 'D').replace('generator', 'G').replace('_', ' ')} {float(value):.3f}"
        for name, value in logs.items()
    )


def loss_curves(task):
    """Draw `losses.png`: the players' losses above, all else that `fit` logged below."""
    rows = read_history(task)
    if not rows:
        return
    names = [name for name in rows[-1] if name not in MEASURED]
    groups = [
        group
        for group in ([n for n in names if n.endswith("_loss")], [n for n in names if not n.endswith("_loss")])
        if group
    ]
    figure = Figure(figsize=(7, 3 * len(groups)), layout="constrained")
    for axes, group in zip(figure.subplots(len(groups), squeeze=False)[:, 0], groups):
        for name in group:
            axes.plot(
                [row["epoch"] for row in rows],
                [row.get(name, float("nan")) for row in rows],
                label=name.replace("_", " "),
            )
        axes.set_xlabel("epoch")
        axes.legend()
        axes.grid(alpha=0.3)
    replace(task.out / "losses.png", lambda file: figure.savefig(file, format="png", dpi=100))


def conclude(task, gan):
    """Save the game, export the generator with its card and say where everything is."""
    game, rows = save_game(gan, task.out / "model.keras"), read_history(task)
    facts = or_warn(scores, task, gan, rows) or {}
    try:
        exported = export(task, gan, facts, rows)
    except OSError as error:
        raise Mistake(
            f"trained, but the model could not be written to {str(task.saved_model)!r} ({error}): make room and write "
            f"it with `{resume_command(task)}`"
        ) from error
    print(f"\nTrained for {duration(sum(row['seconds'] for row in rows))}.")
    for name, value in facts.items():
        print(f"  {name:39} {value}")
    print(f"  samples       {last_picture(task)}, {task.out / 'samples' / 'film.gif'}")
    print(f"  losses        {task.out / 'losses.png'}, {task.out / 'history.csv'}")
    print(f"  model         {exported}")
    if game is not None:
        print(f"  whole game    {game}  (keras.saving.load_model)")
        print(f"                {train_on_words(gan).rstrip(':')}: see {task.saved_model / 'README.md'}")


def save_game(gan, path):
    """Save the whole game, from which training goes on, at once and whole; returns the path,
    or None where that failed.
    """
    unfinished = path.with_name(f".{path.stem}{UNFINISHED}.keras")
    try:
        gan.save(unfinished)
        with open(unfinished, "rb") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        return path
    except (OSError, NotImplementedError, TypeError, ValueError) as error:
        warnings.warn(f"The whole game could not be saved as {path}: {error}", RuntimeWarning, stacklevel=2)
        return None
    finally:
        unfinished.unlink(missing_ok=True)


def export(task, gan, facts, rows):
    """Put the generator with its card where trained models are, in place of an earlier one; what was put there in
    words.
    """
    target = task.saved_model
    target.parent.mkdir(parents=True, exist_ok=True)
    with Lock(target.with_name(f".{target.name}.kgan-lock"), wait=True):
        unfinished = target.with_name(f".{target.name}{UNFINISHED}")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            form, words = export_generator(gan, unfinished, target.name)
            pictures = copy_pictures(task, unfinished)
            replace_text(unfinished / "README.md", card(task, gan, facts, rows, form, pictures))
            older = put_model(unfinished, target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    if older is not None:
        print(f"What was in {target} is now in {older}.")
    return f"{target if form == 'SavedModel' else target / form}  ({words})"


def export_generator(gan, folder, name):
    """Export a SavedModel, or where that cannot be done the whole game: "SavedModel" or the name of a file, and what it
    is in words.
    """
    backend = keras.config.backend()
    try:
        gan.export(folder)
        return "SavedModel", "SavedModel"
    except OSError:
        raise
    except Exception as error:  # of TensorFlow, or of what takes a backend's model there
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if backend == "tensorflow":
            raise (OSError(reason) if is_of_the_disk(error) else error) from None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = f"{name}.keras"
    gan.save(folder / file)
    return file, f"no SavedModel from {backend}: {reason}"


def is_of_the_disk(error):
    """Whether an error is one that TensorFlow raises where it cannot write."""
    from tensorflow import errors

    return isinstance(error, errors.OpError)


def copy_pictures(task, folder):
    """Put the last samples and what the recipe drew of its own beside the card; the names of all."""
    last, own = last_picture(task), sorted(task.out.glob("*.png"))
    chosen = ({"samples.png": last} if last is not None else {}) | {
        path.name: path for path in own if path.name != "losses.png"
    }
    for name, path in chosen.items():
        or_warn(shutil.copyfile, path, folder / name)
    return [name for name in chosen if (folder / name).exists()]


def last_picture(task):
    """The picture of the latest epoch in `samples`."""
    numbered = {
        path: int(match[1])
        for path in (task.out / "samples").glob("*.png")
        if (match := re.fullmatch(r"epoch-(\d+)\.png", path.name))
    }
    return max(numbered, key=numbered.get, default=None)
