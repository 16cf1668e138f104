"""What a run says while it trains and what it leaves behind: a progress bar, `history.csv`, loss curves, the exported model and its card."""

import csv
import os
import platform
import shlex
import shutil
import sys
import time

import keras
import rich.progress
from matplotlib.figure import Figure
from runner import Stopped, cores
from scores import distinct, scores

import kgan

MEASURED = ("epoch", "seconds", "samples_per_second")


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
        partial = self.path.with_suffix(".partial")
        with partial.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.rows[-1])
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(partial, self.path)


def read_history(task):
    """Rows of `history.csv` as dicts of numbers; none where there is no such file."""
    path = task.out / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{name: int(value) if name == "epoch" else float(value) for name, value in row.items()} for row in csv.DictReader(file)]


class Progress(keras.callbacks.Callback):
    """A bar over the whole run with losses, speed and time left; where no terminal looks on, one line an epoch. Ends the run when asked to.

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
            self.run, completed=done, description=f"epoch {self.epoch + 1}/{self.task.options.epochs}", numbers=f"{brief(logs)}  {self.speed(done):,.0f}/s"
        )
        if self.request.signal:
            raise Stopped

    def on_epoch_end(self, epoch, logs=None):
        done = (epoch + 1) * self.steps
        if not self.console.is_terminal:
            speed = self.speed(done)
            left = duration((self.task.steps - done) * self.task.options.batch_size / speed) if speed else "?"
            print(f"epoch {epoch + 1}/{self.task.options.epochs}  {brief(logs)}  {speed:,.0f}/s  {left} left", flush=True)

    def speed(self, done):
        """Samples a second since the first batch."""
        return (done - self.first_step) * self.task.options.batch_size / max(time.perf_counter() - self.began, 1e-9)

    def close(self):
        self.bar.stop()


def brief(logs):
    return "  ".join(f"{name.replace('discriminator', 'D').replace('generator', 'G').replace('_', ' ')} {float(value):.3f}" for name, value in logs.items())


def duration(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def loss_curves(task):
    """Draw `losses.png`: the players' losses above, all else that `fit` logged below."""
    rows = read_history(task)
    if not rows:
        return
    names = [name for name in rows[0] if name not in MEASURED]
    groups = [group for group in ([n for n in names if n.endswith("_loss")], [n for n in names if not n.endswith("_loss")]) if group]
    figure = Figure(figsize=(7, 3 * len(groups)), layout="constrained")
    for axes, group in zip(figure.subplots(len(groups), squeeze=False)[:, 0], groups):
        for name in group:
            axes.plot([row["epoch"] for row in rows], [row[name] for row in rows], label=name.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(task.out / "losses.png", dpi=100)


# ---- the trained model ---------------------------------------------------------------------------------------------------------------------------------


def conclude(task, gan):
    """Export the generator with its card and say where everything is."""
    target, facts = task.saved_model, scores(task, gan, read_history(task))
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if keras.config.backend() == "tensorflow":
        gan.export(partial)
        exported = f"{target}  (SavedModel)"
    else:
        partial.mkdir(parents=True)
        gan.save(partial / f"{target.name}.keras")
        exported = f"{target / target.name}.keras  (a SavedModel needs TensorFlow; this run was on {keras.config.backend()})"
    picture = last_picture(task)
    if picture is not None:
        shutil.copyfile(picture, partial / "samples.png")
    (partial / "README.md").write_text(card(task, gan, facts))
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    seconds = sum(row["seconds"] for row in read_history(task))
    print(f"\nTrained for {duration(seconds)}.")
    for name, value in facts.items():
        print(f"  {name:39} {value}")
    print(f"  samples       {picture}, {task.out / 'samples' / 'film.gif'}")
    print(f"  losses        {task.out / 'losses.png'}, {task.out / 'history.csv'}")
    print(f"  model         {exported}")


def last_picture(task):
    """The latest picture in `samples`."""
    return max((task.out / "samples").glob("*.png"), key=lambda path: path.stat().st_mtime, default=None)


def command(task):
    """The command that repeats this run, whatever the defaults are by then."""
    left_out = ("out", "data_dir", "saved_models", "resume", "backend")
    parts = ["python", f"recipes/{task.recipe}.py"]
    for name, value in vars(task.options).items():
        if name not in left_out and value is not None and value is not False:
            parts += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return shlex.join(parts)


def card(task, gan, facts):
    """The text of the exported model's README.md."""
    rows, options, backend = read_history(task), task.options, keras.config.backend()
    seconds = duration(sum(row["seconds"] for row in rows))
    parameters = {name: getattr(gan, name).count_params() for names in gan.players.values() for name in names}
    last = {name: f"{value:.4f}" for name, value in rows[-1].items() if name not in MEASURED} if rows else {}
    table = {
        "game": type(gan).__name__,
        "data": f"{options.dataset}, {distinct(task.data):,} samples of shape {task.shape}",
        "command": f"`{command(task)}`",
        "seed": options.seed,
        "training": f"{options.epochs} epochs of {len(task.data)} batches of {options.batch_size}, {options.precision}",
        "wall time": f"{seconds} on {cores()} ({platform.machine()})",
        "software": f"kgan {kgan.__version__}, Keras {keras.__version__}, {backend} {sys.modules[backend].__version__}, Python {platform.python_version()}",
        "parameters": ", ".join(f"{name} {count:,}" for name, count in parameters.items()),
        "moving average": f"decay {gan.ema_decay}" if gan.ema_decay is not None else "none",
        "latent": law_of_latents(gan),
        "last epoch": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in last.items()),
        **facts,
    }
    lines = [f"# {task.saved_model.name}", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in table.items()), ""]
    if backend == "tensorflow":
        inputs = tensorflow_latents(gan)
        if isinstance(gan, kgan.engine.ConditionalModel):
            inputs = f"[{inputs}, tf.range(64) % {gan.classes}]"
        load, call = f"served = tf.saved_model.load({task.saved_model.name!r})", f"samples = served.serve({inputs})"
        lines += ["```python", load, call, "```", ""]
    return "\n".join([*lines, "![samples](samples.png)", ""])


def law_of_latents(gan):
    """What latents of the game are, in words."""
    if not isinstance(gan, kgan.InfoGAN):
        return f"{gan.latent_dim}, standard normal"
    codes = [*(f"{categories} one-hot" for categories in gan.categorical), *([f"{gan.continuous} uniform in [-1, 1]"] if gan.continuous else [])]
    return f"{gan.latent_dim}: {', '.join([f'{gan.noise_dim} standard normal', *codes])}"


def tensorflow_latents(gan):
    """An expression for 64 latents as the game draws them."""
    if not isinstance(gan, kgan.InfoGAN):
        return f"tf.random.normal([64, {gan.latent_dim}])"
    codes = [f"tf.one_hot(tf.random.uniform([64], 0, {categories}, tf.int32), {categories})" for categories in gan.categorical]
    numbers = [f"tf.random.uniform([64, {gan.continuous}], -1, 1)"] if gan.continuous else []
    return f"tf.concat([{', '.join([f'tf.random.normal([64, {gan.noise_dim}])', *codes, *numbers])}], 1)"
