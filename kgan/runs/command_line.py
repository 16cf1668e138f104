"""The options of all recipes, complete and checked."""

import argparse
from pathlib import Path

from kgan.runs.data_sets import NAMES, check_options, kind_of, slug
from kgan.runs.endings import Mistake
from kgan.runs.folder import check_free, read_record
from kgan.runs.model_folder import check_model_folder
from kgan.runs.task import Task

# What shares batches out, and the backend that knows it.
STRATEGIES = {"mirrored": "tensorflow", "multiworker": "tensorflow", "data_parallel": "jax"}
# What may change when a run is resumed.
FREE = ("epochs", "out", "data_dir", "saved_models", "strategy", "resume", "no_diagnosis")


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message):
        raise Mistake(f"{message} (see --help)")


def command_line(recipe, promise, settings, arguments, own, command=None, script=None, takes="images"):
    """The options, complete and checked; with `--resume` those of the run in `--out`.

    Args:
        recipe: its name.
        promise, settings, arguments, own, command, takes: as in `kgan.runs.run`.
        script: its file, as messages name it.

    Raises:
        Mistake: something that the user can mend.
    """
    parser = make_parser(recipe, promise, settings, script or f"recipes/{recipe}.py")
    if takes == "pairs":
        add_options_of_pairs(parser)
    elif takes.endswith("domains"):
        add_options_of_domains(parser)
    if arguments is not None:
        arguments(parser)
    defaults = own_defaults(parser)
    options = parser.parse_args(command)
    default = next(iter(settings))
    if options.out is None:
        at = options.dataset in (None, default)
        options.out = f"runs/{recipe}" if at else f"runs/{recipe}-{slug(options.dataset)}"
    out = Path(options.out)
    if options.resume:
        continue_from(options, out, recipe)
    else:
        check_free(out, recipe)
    options.dataset = options.dataset or default
    chosen = settings_for(options.dataset, settings, own)
    standard = {"seed": 0, "precision": "float32", "saved_models": "saved_models", **defaults, **chosen}
    if getattr(options, "target", None) is not None:
        standard.pop("kind", None)  # what a single set is changed by
    for name, value in standard.items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    check_options(options)
    if options.dataset not in own:
        check_model_folder(Task(recipe, options).saved_model)
    return options


def add_options_of_pairs(parser):
    """Where the other side lies, or how it is made."""
    parser.add_argument(
        "--blocks",
        type=positive,
        metavar="PIXELS",
        help="of a set of images: the sources are means of blocks of so many pixels a side",
    )
    parser.add_argument(
        "--target", metavar="DIR", help="a second folder, of targets, which have the names of their sources"
    )
    sides = "which half of a picture is the source, where both sides are in one (default: left)"
    parser.add_argument("--side", choices=("left", "right"), default="left", help=sides)


def add_options_of_domains(parser):
    """What the domains are, where the data set is not several folders."""
    parser.add_argument(
        "--kind",
        help="what the domains differ in: of glyph_domains slant, weight, style or print; of any other set of images, "
        "whose one half is changed, edges, negatives or colours",
    )
    where = "a second folder, of the other domain's images; or, beside digits, the file usps.h5"
    parser.add_argument("--target", metavar="DIR", help=where)


def own_defaults(parser):
    """Defaults of the options, which are taken from the parser, so that one can see what was given."""
    defaults = {
        action.dest: action.default for action in parser._actions if action.default not in (None, argparse.SUPPRESS)
    }
    parser.set_defaults(**dict.fromkeys(defaults))
    return defaults


def make_parser(recipe, promise, settings, script):
    """The options of all recipes; None stands for a default that depends on the data set or on the run that is
    resumed.
    """
    parser = Parser(
        prog=f"python {script}",
        description=promise,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options_of_data(parser, next(iter(settings)))
    options_of_training(parser, settings)
    options_of_folders(parser, recipe)
    return parser


def options_of_data(parser, default):
    parser.add_argument("--dataset", help=f"{NAMES}. Default: {default}")
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
        "--held-out",
        metavar="DIR",
        help="a folder like --dataset, whose images a recipe measures on, in place of a share",
    )


def options_of_training(parser, settings):
    epochs = ", ".join(f"{name}: {values['epochs']}" for name, values in settings.items() if "epochs" in values)
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
        "_PROCESS_ID). Each process has an --out of its own",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="what the networks compute in (default: float32)",
    )
    parser.add_argument(
        "--no-diagnosis",
        action="store_true",
        default=None,
        help="do not look for collapse, dropped modes and a discriminator that has won, twenty times in a run (with "
        "--strategy nobody does)",
    )


def options_of_folders(parser, recipe):
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="where the run's page, samples, history, curves and checkpoints go "
        f"(default: runs/{recipe} or runs/{recipe}-DATASET)",
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


def positive(text):
    """A whole number above 0, for `type=` of an option."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def share(text):
    """A number from 0 up to, but not including, 1, for `type=` of an option."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share, a number from 0 to less than 1")
    return value


def settings_for(dataset, settings, own):
    """The recipe's settings for a data set."""
    kind = kind_of(dataset)
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
