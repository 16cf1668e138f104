"""What all recipes share: the command line, the data, and training that can be stopped and resumed.

A recipe gives `run` a function that builds its compiled game, and its settings per data set; it imports Keras inside
that function, so that `--help` and a mistyped option are answered at once and TensorFlow starts in silence.
"""

import argparse
import contextlib
import difflib
import hashlib
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
import warnings
from pathlib import Path

from endings import Ended, Mistake, Stopped
from run_folder import check_free, check_model_folder, hold, make_room, read_record, write_record

IMAGES = ("digits", "glyphs")
MIXTURES = ("ring", "grid", "swiss_roll", "wgan_gp_ring", "wgan_gp_grid")
FOLDER_SIZE = 64
VALIDATION_POINTS = 2500
# What shares batches out, and the backend that knows it.
STRATEGIES = {"mirrored": "tensorflow", "multiworker": "tensorflow", "data_parallel": "jax"}
FREE = ("epochs", "out", "data_dir", "saved_models", "strategy", "resume")


class Task:
    """What a recipe is asked to do.

    Attributes:
        recipe: its name.
        options: the command line, complete: `dataset`, `size`, `epochs`, `batch_size`, `seed`, `precision`, `out`,
            ... and the recipe's own.
        data: `kgan.data.Batches`, or None for a data set that the recipe brings itself.
        scope: context in which the game is built, that of `--strategy`.
        rows: labels of the rows of sample grids, which a recipe of a conditional game sets; None for all others.
        measure: as in `run`.
        validation: `Batches` that the metrics of the recipe's `compile` see after each epoch; None for fresh points
            of a mixture, or for nothing.
        held_out: `Batches` of a folder's images that `--validation-share` keeps from training, or None.
        program: what was called, as the command that resumes the run names it.
    """

    def __init__(self, recipe, options, data=None):
        self.recipe, self.options, self.data, self.program = recipe, options, data, sys.argv[0]
        self.scope, self.rows, self.measure = contextlib.nullcontext(), None, None
        self.validation, self.held_out = None, None

    @property
    def shape(self):
        """Shape of one sample: `(height, width, channels)` of an image, `(2,)` of a point."""
        return self.data.images.shape[1:]

    @property
    def points(self):
        """Whether the samples are points in the plane."""
        return len(self.shape) == 1

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

        return (
            100 if self.points and keras.config.backend() != "torch" and self.options.strategy != "multiworker" else 1
        )

    @property
    def out(self):
        return Path(self.options.out)

    @property
    def saved_model(self):
        return Path(self.options.saved_models) / f"{self.recipe}-{slug(self.options.dataset)}"


def run(build, promise, settings, arguments=None, own=None, labels=False, measure=None, command=None):
    """Run a recipe from the command line, or from Python.

    Args:
        build: function of a `Task` to a compiled game. Its file's name is the recipe's.
        promise: text that `--help` opens with.
        settings: dict of data set to its `epochs`, `batch_size` and, where it has a choice, `size`. The first is the
            recipe's default; `"images"` and `"points"` stand for all others of their kind, and a recipe without one of
            them does not take that kind.
        arguments: function that adds the recipe's own options, their defaults included, to an `argparse` parser.
        own: dict of data sets that the recipe brings itself to a function of the `Task`, which does all the work.
        labels: whether the game learns from labels.
        measure: function of the `Task` and the trained game to `{"scores": {name: float}, "floors": {name: float}}`:
            what this recipe shows beside what all do.
        command: list of command-line arguments, from Python. None: those of the process, which `run` then ends with an
            exit code where the run does not end well.

    Returns:
        the trained game; None of a data set of the recipe's own.

    Raises:
        Mistake, Ended: with a `command`: something to mend; a run that was stopped or whose players diverged.

    Example:

    >>> run(dcgan.dcgan, dcgan.__doc__, dcgan.SETTINGS, command=["--epochs", "2"])
    """
    program = Path(build.__code__.co_filename)
    recipe = program.stem
    if command is None:
        warnings.formatwarning = lambda message, *_, **__: f"warning: {' '.join(str(message).split())}\n"
    try:
        options = command_line(recipe, promise, settings, arguments, own or {}, command)
        task = Task(recipe, options)
        task.measure, task.program = measure, sys.argv[0] if command is None else str(program)
        return carry_out(task, build, own or {}, labels)
    except (Mistake, Ended, KeyboardInterrupt) as end:
        if command is not None:
            raise
        sys.exit(say(recipe, end))


def say(recipe, end):
    """Say in a line or two how a run ended that did not end well; returns the exit code."""
    if isinstance(end, Ended):
        print(end, file=sys.stderr)
        return end.code
    sentence = " ".join(str(end).split()) if isinstance(end, Mistake) else "stopped at once."
    print(f"{recipe}: {sentence}", file=sys.stderr)
    return 2 if isinstance(end, Mistake) else 130


def carry_out(task, build, own, labels):
    """Do what the options ask for, in a folder that no other run has."""
    options = task.options
    brought = options.dataset in own
    check_writable(task.out)
    check_writable(Path(options.saved_models))
    with contextlib.ExitStack() as held:
        lock = hold(task.out)
        held.callback(lambda: lock.release())
        prepare(options, own)
        if options.strategy and brought:
            raise Mistake(f"--strategy does not share out {options.dataset!r}: choose another --dataset")
        task.scope = strategy_scope(options)
        if not brought:
            task.data, task.held_out = load(options, labels)
            gan = built(task, build)
        if not options.resume:
            lock = make_room(task, lock)
        write_record(task)
        return own[options.dataset](task) if brought else train(task, gan)


# ---- the command line ----


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message):
        raise Mistake(f"{message} (see --help)")


def command_line(recipe, promise, settings, arguments, own, command=None):
    """The options, complete and checked; with `--resume` those of the run in `--out`."""
    parser = make_parser(recipe, promise, settings)
    if arguments is not None:
        arguments(parser)
    own_options = {
        action.dest: action.default for action in parser._actions if action.default not in (None, argparse.SUPPRESS)
    }
    parser.set_defaults(**dict.fromkeys(own_options))
    options = parser.parse_args(command)
    default = next(iter(settings))
    if options.out is None:
        options.out = (
            f"runs/{recipe}" if options.dataset in (None, default) else f"runs/{recipe}-{slug(options.dataset)}"
        )
    out = Path(options.out)
    if options.resume:
        continue_from(options, out, recipe)
    else:
        check_free(out, recipe)
    options.dataset = options.dataset or default
    chosen = settings_for(options.dataset, settings, recipe, own)
    standard = {"seed": 0, "precision": "float32", "saved_models": "saved_models", **own_options, **chosen}
    for name, value in standard.items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    if options.dataset in MIXTURES and options.size is not None:
        raise Mistake(f"--size is for images; {options.dataset!r} has points")
    if is_folder(options.dataset) and not Path(options.dataset).expanduser().is_dir():
        raise Mistake(f"there is no folder {options.dataset!r} to read images from")
    of_folders = [name for name in ("channels", "validation_share") if getattr(options, name) is not None]
    if of_folders and not is_folder(options.dataset):
        raise Mistake(
            f"--{of_folders[0].replace('_', '-')} is for folders of images, not for {options.dataset!r}: leave it out"
        )
    if options.dataset not in own:
        check_model_folder(Task(recipe, options).saved_model)
    return options


def make_parser(recipe, promise, settings):
    """The options of all recipes; None stands for a default that depends on the data
    set or on the run that is resumed.
    """
    epochs = ", ".join(f"{name}: {values['epochs']}" for name, values in settings.items() if "epochs" in values)
    parser = Parser(
        prog=f"python recipes/{recipe}.py",
        description=promise,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--dataset",
        help=f"{', '.join(IMAGES)} (embedded images); {', '.join(MIXTURES)} (points); the name of any TFDS "
        "image data set; or a folder of images. "
        f"Default: {next(iter(settings))}",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="where TFDS data sets lie or are downloaded to (default: TFDS's own choice)"
    )
    parser.add_argument("--size", type=positive, help="height and width of the images, where the data set has a choice")
    parser.add_argument(
        "--channels", type=int, choices=(1, 3), help="of the images of a folder: grey or RGB (default: 3)"
    )
    parser.add_argument(
        "--validation-share",
        type=share,
        metavar="SHARE",
        help="of a folder's images to keep from training, chosen by --seed, for what a recipe measures (default: 0)",
    )
    parser.add_argument(
        "--epochs", type=positive, help=f"of the whole run, resumed parts included (default by data set: {epochs})"
    )
    parser.add_argument("--batch-size", type=positive)
    parser.add_argument("--seed", type=int, help="fixes weights, latents and the order of the data (default: 0)")
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        help="share each batch out: among the GPUs of this machine (mirrored, on TensorFlow) or of several "
        "(multiworker, which TF_CONFIG describes), or among "
        "JAX's devices (data_parallel; of several processes with KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and "
        "_PROCESS_ID). Each process has an --out "
        "of its own",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="what the networks compute in (default: float32)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        help=f"where samples, history, curves and checkpoints go (default: runs/{recipe} or runs/{recipe}-DATASET)",
    )
    parser.add_argument(
        "--saved-models", metavar="DIR", help="where the trained generator and its card go (default: saved_models)"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        default=None,
        help="go on with the run in --out, with its settings; only --epochs may change. Without it a run starts "
        "afresh, and an earlier one in --out moves aside, to OUT.1. Ctrl-C saves; the epoch it cuts short is run again",
    )
    return parser


def positive(text):
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def share(text):
    """A number from 0 up to, but not including, 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share, a number from 0 to less than 1")
    return value


def settings_for(dataset, settings, recipe, own):
    """The recipe's settings for a data set."""
    kind = "points" if dataset in MIXTURES else "images"
    if dataset in settings or kind in settings or dataset in own:
        return settings.get(dataset, settings.get(kind, {}))
    raise Mistake(f"this recipe has no players for {kind}, which {dataset!r} has; it takes {', '.join(settings)}")


def continue_from(options, out, recipe):
    """Fill `options` in from the run in `out`."""
    stored = read_record(out)
    if stored is None and (out / "run.json").exists():
        raise Mistake(f"{str(out / 'run.json')!r} is not the record of a run, or damaged: start one in another --out")
    if stored is None:
        raise Mistake(f"there is no run to resume in {str(out)!r}: start one without --resume")
    if stored["recipe"] != recipe:
        raise Mistake(f"{str(out)!r} holds a run of the recipe {stored['recipe']!r}: choose another --out")
    stored = {name: value for name, value in stored.items() if name not in ("kgan", "recipe", "commits")}
    for name, value in stored.items():
        given = getattr(options, name, None)
        if given is not None and given != value and name not in FREE:
            raise Mistake(
                f"the run in {str(out)!r} has --{name.replace('_', '-')} {value}, not {given}: leave the option out "
                "to resume, or start afresh without --resume"
            )
        if given is None:
            setattr(options, name, value)


def slug(dataset):
    """A data set's name as part of a file name: of a folder its own name and six digits of its path, which another
    folder of that name does not share.
    """
    name = dataset
    if is_folder(dataset):
        path = Path(dataset).expanduser().resolve()
        name = f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}"
    return "".join(letter if letter.isalnum() or letter in "_-." else "-" for letter in name)


def is_folder(dataset):
    """Whether a data set is named by the path of a folder."""
    return (
        dataset.startswith((".", "/", "~"))
        or dataset.endswith("/")
        or (dataset not in (*IMAGES, *MIXTURES) and Path(dataset).is_dir())
    )


# ---- data and set-up ----


def prepare(options, brought):
    """Everything that comes before networks: a Keras that starts in silence, the seed and the precision."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with silence():
            import keras

            import kgan  # noqa: F401

            if keras.config.backend() != "tensorflow":
                # Keras imports it during `fit` wherever it is installed.
                with contextlib.suppress(ImportError):
                    import tensorflow  # noqa: F401
            if not (options.dataset in (*IMAGES, *MIXTURES, *brought) or is_folder(options.dataset)):
                import tensorflow_datasets  # noqa: F401
    except ImportError as error:
        raise Mistake(
            f"{error}: `pip install -e {shlex.quote(str(Path(__file__).resolve().parents[1]))}` installs kgan and "
            "what it needs"
        ) from error
    backend = keras.config.backend()
    if getattr(options, "backend", backend) != backend:
        raise Mistake(
            f"the run in {str(options.out)!r} is on Keras' backend {options.backend!r}, not {backend!r}: set "
            f"KERAS_BACKEND={options.backend}"
        )
    options.backend = backend
    if options.precision == "mixed_bfloat16" and not keras.distribution.list_devices("gpu") and slow_in_bfloat16():
        sentence = "this processor has no instructions for bfloat16: float32 is faster, on one of its kind three times"
        warnings.warn(sentence, stacklevel=2)
    keras.config.set_dtype_policy(options.precision)
    keras.utils.set_random_seed(options.seed)


def slow_in_bfloat16(processor="/proc/cpuinfo"):
    """Whether the processor computes in bfloat16 without instructions for it; False where that is not known."""
    try:
        lines = [line.partition(":") for line in Path(processor).read_text().splitlines()]
    except OSError:
        return False
    flags = next((set(after.split()) for name, _, after in lines if name.strip() in ("flags", "Features")), None)
    return flags is not None and not flags & {"avx512_bf16", "amx_bf16", "bf16"}


def strategy_scope(options):
    """The context in which a game is built that `--strategy` shares out; none without it."""
    if options.strategy is None:
        return contextlib.nullcontext()
    if STRATEGIES[options.strategy] != options.backend:
        raise Mistake(
            f"--strategy {options.strategy} needs KERAS_BACKEND={STRATEGIES[options.strategy]}, not {options.backend}"
        )
    import keras

    if options.strategy == "data_parallel":
        if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
            keras.distribution.initialize()
        # kgan hands each process its share itself.
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
        return contextlib.nullcontext()
    import tensorflow as tf

    if options.strategy == "mirrored":
        return tf.distribute.MirroredStrategy().scope()
    try:
        config = json.loads(os.environ.get("TF_CONFIG", ""))
        config["cluster"][config["task"]["type"]][config["task"]["index"]]
    except (ValueError, LookupError, TypeError) as error:
        raise Mistake(
            "--strategy multiworker reads from the environment variable TF_CONFIG who the workers are, and which this "
            "one is: see README.md, `Several devices`"
        ) from error
    return tf.distribute.MultiWorkerMirroredStrategy().scope()


def check_writable(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0")
    except OSError as error:
        raise Mistake(f"cannot write to {str(folder)!r}: {error.strerror}") from error


def available_cores():
    """How many processor cores a run may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def cores():
    """The same in words, beside those that the machine has."""
    count = available_cores()
    return f"{count} cores" if count == os.cpu_count() else f"{count} of {os.cpu_count()} cores"


@contextlib.contextmanager
def silence():
    """Hold back what libraries write to stderr, below Python too, while they are imported; it is shown if that fails
    otherwise than by an ImportError.
    """
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(shown, 2)
            os.close(shown)
            if not isinstance(sys.exc_info()[1], (ImportError, type(None))):
                held.seek(0)
                os.write(2, held.read())


def load(options, labels=False):
    """The data set that the options name, and what `--validation-share` keeps from training, or None."""
    name = options.dataset
    try:
        data = read(options, labels)
        return split(data, options.validation_share, options.seed) if options.validation_share else (data, None)
    except (ValueError, OSError, ImportError) as error:
        nearest = difflib.get_close_matches(name, (*IMAGES, *MIXTURES), 1, 0.75)
        hint = f" Embedded is {nearest[0]!r}." if nearest and nearest[0] != name else ""
        if name.isidentifier() and is_folder(name):
            hint = f" (--dataset {name} is the folder here, not TFDS's set: that is read where there is no such folder)"
        raise Mistake(f"{error}{hint}") from error


def read(options, labels):
    """All samples of the data set that the options name."""
    from kgan import data

    name, size = options.dataset, options.size
    common = {"batch_size": options.batch_size, "seed": options.seed}
    sized = common if size is None else {**common, "size": size}
    if labels and name in (*MIXTURES, "stacked_mnist"):
        raise Mistake(
            f"this recipe learns from labels, and {name!r} has none: take {' or '.join(IMAGES)}, a TFDS data set of "
            "classes, or a folder of a folder a class"
        )
    if name in MIXTURES:
        return data.mixture(name, **common)
    if name == "stacked_mnist":
        return data.stacked_mnist(data_dir=options.data_dir, **common)
    sized |= {"labels": True} if labels else {}
    if name in IMAGES:
        return getattr(data, name)(**sized)
    if is_folder(name):
        return data.image_folder(
            Path(name).expanduser(), **{"size": FOLDER_SIZE, "channels": options.channels or 3, **sized}
        )
    return data.load(name, data_dir=options.data_dir, **sized)


def split(data, held_share, seed):
    """Two `Batches`: all but a share of the samples, and that share, at least one; of labelled ones the same share of
    each class, rounded down.
    """
    import numpy as np

    from kgan.data import Batches

    order = np.random.default_rng(seed).permutation(len(data.images))
    groups = (
        [order]
        if data.labels is None
        else [order[data.labels[order] == label] for label in range(len(data.class_names))]
    )
    held = np.sort(np.concatenate([group[: int(held_share * len(group))] for group in groups]))
    if not len(held):
        raise ValueError(
            f"--validation-share {held_share:g} of these images is not one image: ask for more, or leave it out."
        )
    parts = np.setdiff1d(order, held), held
    labels = [None if data.labels is None else data.labels[part] for part in parts]
    return tuple(
        Batches(data.images[part], told, batch_size=data.batch_size, seed=seed, class_names=data.class_names)
        for part, told in zip(parts, labels)
    )


# ---- training ----


def built(task, build):
    """The game, compiled."""
    try:
        with task.scope:
            return build(task)
    except ValueError as error:
        raise Mistake(error) from error


def train(task, gan):
    """Train the game, write down what came of it, and return it."""
    import report

    with asked_to_stop() as request:
        progress = report.Progress(task, request)
        callbacks = make_callbacks(task)
        try:
            fit(task, gan, [progress, *callbacks])
        except Stopped:
            save(callbacks[-1])
        finally:
            progress.close()
    report.or_warn(report.loss_curves, task)
    if request.signal:
        raise Ended(
            f"Stopped in epoch {progress.epoch + 1} of {task.options.epochs} and saved. Go on with\n  "
            f"{resume_command(task)}",
            128 + request.signal,
        )
    if gan.stop_training:
        raise Ended(
            f"The players diverged. The last good state is in {callbacks[-1].directory}; try another --seed, or lower "
            "learning rates.",
            1,
        )
    report.conclude(task, gan)
    return gan


def fit(task, gan, callbacks):
    """Train; what the user can mend becomes a `Mistake`. A recipe that compiles with metrics gets them after each
    epoch, for points on fresh ones.
    """
    from kgan.data import mixture

    unseen = task.validation
    if unseen is None and gan.evaluation_metrics and task.points:
        unseen = mixture(task.options.dataset, VALIDATION_POINTS, seed=task.options.seed + 1)
    try:
        gan.fit(task.data, epochs=task.options.epochs, verbose=0, callbacks=callbacks, validation_data=unseen)
    except OSError as error:
        raise Mistake(error) from error
    except lost_worker(task.options) as error:
        raise Mistake("another worker is gone; this one stops: start all of them again with --resume") from error
    except ValueError as error:
        # kgan's own refusals are one sentence; anything else is a bug and keeps its traceback.
        if "\n" in str(error):
            raise
        raise Mistake(error) from error


def lost_worker(options):
    """What TensorFlow raises when another worker no longer answers."""
    if options.strategy != "multiworker":
        return ()
    from tensorflow import errors

    return errors.UnavailableError, errors.AbortedError


def save(checkpoint):
    """Save a run that was asked to stop, as it was at the end of its last whole epoch: the one that is cut short runs
    again.
    """
    try:
        checkpoint.save_boundary()
    except (OSError, ValueError) as error:
        raise Mistake(
            f"stopped, but this state could not be saved ({error}); earlier checkpoints in "
            f"{str(checkpoint.directory)!r} are whole"
        ) from error


def make_callbacks(task):
    """What watches the training, the checkpoint last. The history is written before it, so that a kill between the two
    leaves no gap.
    """
    import report

    from kgan import callbacks

    epochs = task.options.epochs
    checkpoint = callbacks.Checkpoint(task.out / "checkpoint", every=max(1, epochs // 20), boundary=True)
    if task.points:
        samples = callbacks.SampleCloud(task.out / "samples", every=max(1, epochs // 40), centres=task.data.centres)
    else:
        names = None if task.rows is None else [task.data.class_names[row] for row in task.rows]
        samples = callbacks.SampleGrid(task.out / "samples", every=max(1, epochs // 40), labels=task.rows, names=names)
    return [callbacks.NaNGuard(), report.History(task), samples, checkpoint]


def resume_command(task):
    return shlex.join(["python", task.program, "--resume", *option("out", task.options.out)])


def option(name, value):
    """An option and its value as arguments: two, or one where the value looks like an option itself."""
    flag, text = f"--{name.replace('_', '-')}", str(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]


class Request:
    """The signal that asked to stop, or None."""

    signal = None

    def ask(self, number, frame):
        self.signal = number
        signal.signal(number, signal.default_int_handler)
        os.write(2, b"\nFinishing this batch, then saving; once more stops at once.\n")


@contextlib.contextmanager
def asked_to_stop():
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a `Request`; the second one interrupts. Only the main thread hears
    signals.
    """
    request, before = Request(), {}
    if threading.current_thread() is threading.main_thread():
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
        # One that is ignored stays so: that is how `nohup` keeps a run alive.
        wanted = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, request.ask) for number in wanted}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
