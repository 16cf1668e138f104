"""What all recipes share: the command line, the data, training that can be stopped and resumed, and what a run leaves behind.

A recipe gives `run` a function that builds its compiled game, and its settings per data set; it imports Keras inside that function, so that `--help` and a
mistyped option are answered at once and TensorFlow starts in silence.
"""

import argparse
import contextlib
import difflib
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
import warnings
from pathlib import Path

IMAGES = ("digits", "glyphs")
MIXTURES = ("ring", "grid", "swiss_roll", "wgan_gp_ring", "wgan_gp_grid")
FOLDER_SIZE = 64
VALIDATION_POINTS = 2500
# What shares batches out, and the backend that knows it.
STRATEGIES = {"mirrored": "tensorflow", "multiworker": "tensorflow", "data_parallel": "jax"}
FREE = ("epochs", "out", "data_dir", "saved_models", "strategy", "resume")


class Mistake(Exception):
    """Something the user can mend; ends the program with one line and exit code 2."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM, raised between two batches."""


class Task:
    """What a recipe is asked to do.

    Attributes:
        recipe: its name.
        options: the command line, complete: `dataset`, `size`, `epochs`, `batch_size`, `seed`, `precision`, `out`, ... and the recipe's own.
        data: `kgan.data.Batches`, or None for a data set that the recipe brings itself.
        scope: context in which the game is built, that of `--strategy`.
        rows: labels of the rows of sample grids, which a recipe of a conditional game sets; None for all others.
        measure: as in `run`.
        validation: `Batches` that the metrics of the recipe's `compile` see after each epoch; None for fresh points of a mixture, or for nothing.
    """

    def __init__(self, recipe, options, data=None):
        self.recipe, self.options, self.data, self.rows, self.measure, self.validation = recipe, options, data, None, None, None
        self.scope = contextlib.nullcontext()

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
        """For `compile`: 100 steps a call for points, whose steps are too short for a call each; PyTorch and TensorFlow's workers know only 1."""
        import keras

        return 100 if self.points and keras.config.backend() != "torch" and self.options.strategy != "multiworker" else 1

    @property
    def out(self):
        return Path(self.options.out)

    @property
    def saved_model(self):
        return Path(self.options.saved_models) / f"{self.recipe}-{slug(self.options.dataset)}"


def run(build, promise, settings, arguments=None, own=None, labels=False, measure=None):
    """Run a recipe from the command line.

    Args:
        build: function of a `Task` to a compiled game. Its file's name is the recipe's.
        promise: text that `--help` opens with.
        settings: dict of data set to its `epochs`, `batch_size` and, where it has a choice, `size`. The first is the recipe's default; `"images"` and
            `"points"` stand for all others of their kind, and a recipe without one of them does not take that kind.
        arguments: function that adds the recipe's own options, their defaults included, to an `argparse` parser.
        own: dict of data sets that the recipe brings itself to a function of the `Task`, which does all the work.
        labels: whether the game learns from labels.
        measure: function of the `Task` and the trained game to `{"scores": {name: float}, "floors": {name: float}}`: what this recipe shows beside what
            all do.
    """
    recipe = Path(build.__code__.co_filename).stem
    try:
        options = command_line(recipe, promise, settings, arguments, own or {})
        task = Task(recipe, options)
        task.measure = measure
        prepare(options, own or {})
        if options.strategy and options.dataset in (own or {}):
            raise Mistake(f"--strategy does not share out {options.dataset!r}: choose another --dataset")
        task.scope = strategy_scope(options)
        if options.dataset in (own or {}):
            start_files(task)
            own[options.dataset](task)
        else:
            task.data = load(options, labels)
            train(task, build)
    except Mistake as mistake:
        print(f"{recipe}: {' '.join(str(mistake).split())}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"{recipe}: stopped at once.", file=sys.stderr)
        sys.exit(130)


# ---- the command line ----------------------------------------------------------------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message):
        raise Mistake(f"{message} (see --help)")


def command_line(recipe, promise, settings, arguments, own):
    """The options, complete and checked; with `--resume` those of the run in `--out`."""
    parser = make_parser(recipe, promise, settings)
    if arguments is not None:
        arguments(parser)
    own_options = {action.dest: action.default for action in parser._actions if action.default not in (None, argparse.SUPPRESS)}
    parser.set_defaults(**dict.fromkeys(own_options))
    options = parser.parse_args()
    default = next(iter(settings))
    if options.out is None:
        options.out = f"runs/{recipe}" if options.dataset in (None, default) else f"runs/{recipe}-{slug(options.dataset)}"
    out = Path(options.out)
    if options.resume:
        continue_from(options, out, recipe)
    elif not (out / "run.json").exists() and any((out / name).exists() for name in ("checkpoint", "samples")):
        raise Mistake(f"{str(out)!r} holds `checkpoint` or `samples` that no recipe wrote: choose another --out")
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
    return options


def make_parser(recipe, promise, settings):
    """The options of all recipes; None stands for a default that depends on the data set or on the run that is resumed."""
    epochs = ", ".join(f"{name}: {values['epochs']}" for name, values in settings.items() if "epochs" in values)
    parser = Parser(
        prog=f"python recipes/{recipe}.py", description=promise, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "--dataset",
        help=f"{', '.join(IMAGES)} (embedded images); {', '.join(MIXTURES)} (points); the name of any TFDS image data set; or a folder of images. "
        f"Default: {next(iter(settings))}",
    )
    parser.add_argument("--data-dir", metavar="DIR", help="where TFDS data sets lie or are downloaded to (default: TFDS's own choice)")
    parser.add_argument("--size", type=positive, help="height and width of the images, where the data set has a choice")
    parser.add_argument("--epochs", type=positive, help=f"of the whole run, resumed parts included (default by data set: {epochs})")
    parser.add_argument("--batch-size", type=positive)
    parser.add_argument("--seed", type=int, help="fixes weights, latents and the order of the data (default: 0)")
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        help="share each batch out: among the GPUs of this machine (mirrored, on TensorFlow) or of several (multiworker, which TF_CONFIG describes), or among "
        "JAX's devices (data_parallel; of several processes with KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and _PROCESS_ID). Each process has an --out "
        "of its own",
    )
    parser.add_argument("--precision", choices=("float32", "mixed_float16", "mixed_bfloat16"), help="what the networks compute in (default: float32)")
    parser.add_argument(
        "--out", metavar="DIR", help=f"where samples, history, loss curves and checkpoints go (default: runs/{recipe}, or runs/{recipe}-DATASET)"
    )
    parser.add_argument("--saved-models", metavar="DIR", help="where the trained generator and its card go (default: saved_models)")
    parser.add_argument(
        "--resume",
        action="store_true",
        default=None,
        help="go on with the run in --out, with its settings; only --epochs may change. Without it a run starts afresh and replaces what an earlier one left "
        "in --out; files that no run wrote are kept. Ctrl-C saves; the epoch that it cuts short is then run again as a whole",
    )
    return parser


def positive(text):
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def settings_for(dataset, settings, recipe, own):
    """The recipe's settings for a data set."""
    kind = "points" if dataset in MIXTURES else "images"
    if dataset in settings or kind in settings or dataset in own:
        return settings.get(dataset, settings.get(kind, {}))
    raise Mistake(f"this recipe has no players for {kind}, which {dataset!r} has; it takes {', '.join(settings)}")


def continue_from(options, out, recipe):
    """Fill `options` in from the run in `out`."""
    try:
        stored = json.loads((out / "run.json").read_text())
    except (OSError, ValueError):
        raise Mistake(f"there is no run to resume in {str(out)!r}: start one without --resume") from None
    if stored.pop("recipe") != recipe:
        raise Mistake(f"{str(out)!r} holds a run of another recipe")
    for name, value in stored.items():
        given = getattr(options, name, None)
        if given is not None and given != value and name not in FREE:
            raise Mistake(
                f"the run in {str(out)!r} has --{name.replace('_', '-')} {value}, not {given}: leave the option out to resume, or start afresh without --resume"
            )
        if given is None:
            setattr(options, name, value)


def slug(dataset):
    """A data set's name as part of a file name: of a folder its own name."""
    name = Path(dataset).expanduser().resolve().name if is_folder(dataset) else dataset
    return "".join(letter if letter.isalnum() or letter in "_-." else "-" for letter in name)


def is_folder(dataset):
    return dataset.startswith((".", "/", "~")) or dataset.endswith("/") or (dataset not in (*IMAGES, *MIXTURES) and Path(dataset).is_dir())


# ---- data and set-up -----------------------------------------------------------------------------------------------------------------------------------


def prepare(options, brought):
    """Everything that comes before networks: folders that can be written, a Keras that starts in silence, the seed and the precision."""
    for folder in (options.out, options.saved_models):
        check_writable(Path(folder))
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
        raise Mistake(f"{error}: `pip install -e {shlex.quote(str(Path(__file__).resolve().parents[1]))}` installs kgan and what it needs") from error
    backend = keras.config.backend()
    if getattr(options, "backend", backend) != backend:
        raise Mistake(f"the run in {str(options.out)!r} is on Keras' backend {options.backend!r}, not {backend!r}: set KERAS_BACKEND={options.backend}")
    options.backend = backend
    warnings.formatwarning = lambda message, *_, **__: f"warning: {' '.join(str(message).split())}\n"
    keras.config.set_dtype_policy(options.precision)
    keras.utils.set_random_seed(options.seed)


def strategy_scope(options):
    """The context in which a game is built that `--strategy` shares out; none without it."""
    if options.strategy is None:
        return contextlib.nullcontext()
    if STRATEGIES[options.strategy] != options.backend:
        raise Mistake(f"--strategy {options.strategy} needs KERAS_BACKEND={STRATEGIES[options.strategy]}, not {options.backend}")
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
        sentence = "--strategy multiworker reads from the environment variable TF_CONFIG who the workers are, and which this one is"
        raise Mistake(f"{sentence}: see README.md, `Several devices`") from error
    return tf.distribute.MultiWorkerMirroredStrategy().scope()


def check_writable(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
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
    """Hold back what libraries write to stderr, below Python too, while they are imported; it is shown if that fails otherwise than by an ImportError."""
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
    """The data set that the options name."""
    from kgan import data

    name, size = options.dataset, options.size
    common = {"batch_size": options.batch_size, "seed": options.seed}
    sized = common if size is None else {**common, "size": size}
    try:
        if labels and (name in (*MIXTURES, "stacked_mnist") or is_folder(name)):
            raise Mistake(f"this recipe learns from labels, and {name!r} has none: take {' or '.join(IMAGES)}, or a TFDS data set of classes")
        if name in MIXTURES:
            return data.mixture(name, **common)
        if name == "stacked_mnist":
            return data.stacked_mnist(data_dir=options.data_dir, **common)
        sized |= {"labels": True} if labels else {}
        if name in IMAGES:
            return getattr(data, name)(**sized)
        if is_folder(name):
            return data.image_folder(Path(name).expanduser(), **{"size": FOLDER_SIZE, **sized})
        return data.load(name, data_dir=options.data_dir, **sized)
    except (ValueError, OSError, ImportError) as error:
        nearest = difflib.get_close_matches(name, (*IMAGES, *MIXTURES), 1, 0.75)
        raise Mistake(f"{error} Embedded is {nearest[0]!r}." if nearest and nearest[0] != name else str(error)) from error


# ---- training ------------------------------------------------------------------------------------------------------------------------------------------


def train(task, build):
    """Build the game, train it, and write down what came of it."""
    import report

    try:
        with task.scope:
            gan = build(task)
    except ValueError as error:
        raise Mistake(error) from error
    start_files(task)
    with asked_to_stop() as request:
        progress = report.Progress(task, request)
        callbacks = make_callbacks(task)
        try:
            fit(task, gan, [progress, *callbacks])
        except Stopped:
            save(callbacks[-1], progress.epoch)
        finally:
            progress.close()
    report.loss_curves(task)
    if request.signal:
        print(f"Stopped in epoch {progress.epoch + 1} of {task.options.epochs} and saved. Go on with\n  {resume_command(task)}", file=sys.stderr)
        sys.exit(128 + request.signal)
    if gan.stop_training:
        print(f"The players diverged. The last good state is in {callbacks[-1].directory}; try another --seed, or lower learning rates.", file=sys.stderr)
        sys.exit(1)
    report.conclude(task, gan)


def fit(task, gan, callbacks):
    """Train; what the user can mend becomes a `Mistake`. A recipe that compiles with metrics gets them after each epoch, for points on fresh ones."""
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


def save(checkpoint, epoch):
    """Save a run that was asked to stop: the epoch that is cut short runs again as a whole."""
    try:
        checkpoint.save(epoch)
    except (OSError, ValueError) as error:
        raise Mistake(f"stopped, but this state could not be saved ({error}); earlier checkpoints in {str(checkpoint.directory)!r} are whole") from error


def start_files(task):
    """Write down what the run in `--out` is; a run that starts afresh first clears away what an earlier one wrote."""
    record = task.out / "run.json"
    if not task.options.resume:
        if record.exists():
            for name in ("samples", "checkpoint"):
                shutil.rmtree(task.out / name, ignore_errors=True)
            for name in ("history.csv", "losses.png", "scores.json"):
                (task.out / name).unlink(missing_ok=True)
    kept = {name: value for name, value in vars(task.options).items() if name not in ("resume", "out")}
    record.write_text(json.dumps({"recipe": task.recipe, **kept}, indent=2))


def make_callbacks(task):
    """What watches the training, the checkpoint last. The history is written before it, so that a kill between the two leaves no gap."""
    import report

    from kgan import callbacks

    epochs = task.options.epochs
    checkpoint = callbacks.Checkpoint(task.out / "checkpoint", every=max(1, epochs // 20))
    if task.points:
        samples = callbacks.SampleCloud(task.out / "samples", every=max(1, epochs // 40), centres=task.data.centres)
    else:
        samples = callbacks.SampleGrid(task.out / "samples", every=max(1, epochs // 40), labels=task.rows)
    return [callbacks.NaNGuard(), report.History(task), samples, checkpoint]


def resume_command(task):
    return shlex.join(["python", sys.argv[0], "--resume", "--out", task.options.out])


class Request:
    """The signal that asked to stop, or None."""

    signal = None

    def ask(self, number, frame):
        self.signal = number
        signal.signal(number, signal.default_int_handler)
        os.write(2, b"\nFinishing this batch, then saving; once more stops at once.\n")


@contextlib.contextmanager
def asked_to_stop():
    """Turn the first Ctrl-C or SIGTERM into a `Request`; the second one interrupts."""
    request = Request()
    before = {number: signal.signal(number, request.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
