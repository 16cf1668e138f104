"""The card of an exported model: what it is, the command that made it, and how it is used."""

import inspect
import platform
import sys

import keras

import kgan
from kgan.runs.data_sets import distinct
from kgan.runs.history import MEASURED, duration
from kgan.runs.machine import cores

WAYS = ("metrics", "ema_decay", "run_eagerly", "steps_per_execution", "jit_compile")


def card(task, gan, facts, rows, form, pictures):
    """The text of the exported model's README.md.

    Args:
        task, gan: the run and its trained game.
        facts: lines of text about the samples, by name.
        rows: the history, one dict an epoch.
        form: what was exported: "SavedModel", or the name of a `.keras` file.
        pictures: names of the pictures beside the card.
    """
    table = facts_of_the_run(task, gan, rows) | facts
    # (In a table even the code of a command must not have a bare bar.)
    cells = (
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        for row in table.items()
    )
    shown = [f"![{picture.removesuffix('.png')}]({picture})" for picture in pictures]
    return "\n".join(
        [f"# {task.saved_model.name}", "", "| | |", "|---|---|", *cells, "", *usage(task, gan, form), *shown, ""]
    )


def facts_of_the_run(task, gan, rows):
    """What a card says of any run, by name."""
    options, backend = task.options, keras.config.backend()
    parameters = {name: getattr(gan, name).count_params() for names in gan.players.values() for name in names}
    last = {name: f"{value:.4f}" for name, value in rows[-1].items() if name not in MEASURED} if rows else {}
    versions = (
        f"Keras {keras.__version__}, {backend} {sys.modules[backend].__version__}, Python {platform.python_version()}"
    )
    return {
        "game": type(gan).__name__,
        "data": f"{options.dataset}, {distinct(task.data):,} samples of shape {task.shape}",
        **classes(task),
        "command": f"`{task.command()}`",
        "seed": options.seed,
        "training": f"{options.epochs} epochs of {len(task.data)} batches of {options.batch_size}, {options.precision}",
        "wall time": f"{duration(sum(row['seconds'] for row in rows))} on {cores()} ({platform.machine()})",
        "software": f"kgan {kgan.__version__}, {versions}",
        "parameters": ", ".join(f"{name} {count:,}" for name, count in parameters.items()),
        "moving average": f"decay {gan.ema_decay}" if gan.ema_decay is not None else "none",
        **latent(gan),
        "last epoch": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in last.items()),
    }


def classes(task):
    """The row of a conditional game that says what each label stands for."""
    named = [] if task.rows is None else [f"{label} {task.data.class_names[label]}" for label in task.rows]
    return {"classes": ", ".join(named)} if named else {}


def latent(gan):
    """The row of a game of latents that says what these are."""
    return {"latent": gan.prior.words()} if draws(gan) else {}


def draws(gan):
    """Whether a game makes its samples of latents."""
    return isinstance(gan, (kgan.kinds.LatentModel, kgan.kinds.CoupledModel))


def serving_code(task, gan, form):
    """Code that draws samples from what was exported, as lines."""
    drawn, given = draws(gan), "images"
    if isinstance(gan, kgan.kinds.CompletionModel):
        given = "[images, masks]"
    if form != "SavedModel":
        samples = "gan.generate(64)" if drawn else f"gan.predict({given})"
        return ["import keras", "import kgan", f"gan = keras.saving.load_model({form!r})", f"samples = {samples}"]
    inputs = gan.prior.expression(64) if drawn else given
    if isinstance(gan, kgan.kinds.ConditionalModel):
        inputs = f"[{inputs}, tf.range(64) % {gan.classes}]"
    return [f"served = tf.saved_model.load({task.saved_model.name!r})", f"samples = served.serve({inputs})"]


def usage(task, gan, form):
    """Code that draws samples from what was exported, and code that trains the game on, as lines of Markdown."""
    code = serving_code(task, gan, form)
    game = task.out / "model.keras"
    return [
        *("```python", *code, "```", ""),
        f"The whole game, optimizers and averages included, is in `{game}` of the run. {train_on_words(gan)}".strip(),
        *(
            "",
            "```python",
            "import keras",
            "import kgan",
            f"gan = keras.saving.load_model({str(game)!r})",
            compile_line(gan),
            "```",
            "",
        ),
    ]


def train_on_words(gan):
    """Why a game must be compiled anew to be trained on, or nothing."""
    if any(rate < 1e-7 for rate in final_rates(gan)):
        return "Its learning rate has fallen to 0 and is restored with it, so it is compiled anew to be trained on:"
    return "To train it on with other rates:"


def final_rates(gan):
    return [
        float(keras.ops.convert_to_numpy(getattr(gan, f"{player}_optimizer").learning_rate)) for player in gan.players
    ]


def compile_line(gan):
    """The line that compiles a game as it is, but with constant rates."""
    classes = [kind for kind in reversed(type(gan).__mro__) if "compile" in vars(kind)]
    defaults = {name: given for kind in classes for name, given in inspect.signature(kind.compile).parameters.items()}
    arguments = [f"{player}_optimizer={optimizer_code(getattr(gan, f'{player}_optimizer'))}" for player in gan.players]
    for name in gan.get_compile_config():
        value = gan.scheduled(getattr(gan, name, None), next(iter(gan.players)))
        if name in WAYS or name.endswith("_optimizer"):
            continue
        if isinstance(getattr(gan, name), keras.optimizers.schedules.LearningRateSchedule):
            value = float(f"{float(keras.ops.convert_to_numpy(value)):.4g}")
        default = defaults[name].default if name in defaults else None
        if isinstance(value, (int, float, str, tuple)) and value != default:
            arguments.append(f"{name}={value!r}")
    return f"gan.compile({', '.join(arguments)})"


def optimizer_code(optimizer):
    """An expression for an optimizer of this kind with a rate of 1e-4."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    defaults, config = inspect.signature(type(optimizer).__init__).parameters, optimizer.get_config()
    own = {
        name: config[name]
        for name in ("beta_1", "beta_2", "rho", "momentum")
        if name in config and config[name] != defaults[name].default
    }
    arguments = ["1e-4", *(f"{name}={value!r}" for name, value in own.items())]
    return f"keras.optimizers.{type(optimizer).__name__}({', '.join(arguments)})"
