"""Data by name: which names there are, and which options go with them."""

import hashlib
from pathlib import Path

from kgan.runs.endings import Mistake

IMAGES = ("digits", "glyphs")
MIXTURES = ("ring", "grid", "swiss_roll", "wgan_gp_ring", "wgan_gp_grid")
# Embedded sets of sources and targets, and of domains.
PAIRS, DOMAINS = ("glyph_pairs",), ("glyph_domains",)
FOLDER_SIZE = 64
H5 = ".h5"  # of the file with USPS' digits
# Of these there is a judge.
JUDGED = ("digits", "mnist", "fashion_mnist")
NAMES = (
    f"{', '.join(IMAGES)} (embedded images); {', '.join(MIXTURES)} (points); the name of any TFDS image data set; or a "
    "folder of images"
)


def kind_of(name):
    """What a data set has, as recipes name it in their settings: "points", "images", "pairs" or "domains"."""
    kinds = {"points": MIXTURES, "pairs": PAIRS, "domains": DOMAINS}
    return next((kind for kind, names in kinds.items() if name in names), "images")


def is_embedded(name):
    """Whether a data set comes with kgan."""
    return name in (*IMAGES, *MIXTURES, *PAIRS, *DOMAINS)


def is_folder(name):
    """Whether a data set is named by the path of a folder."""
    return name.startswith((".", "/", "~")) or name.endswith("/") or (not is_embedded(name) and Path(name).is_dir())


def slug(name):
    """A data set's name as part of a file name: of a folder its own name and six digits of its path, which another
    folder of that name does not share.
    """
    if is_folder(name):
        path = Path(name).expanduser().resolve()
        name = f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}"
    return "".join(letter if letter.isalnum() or letter in "_-." else "-" for letter in name)


def check_options(options):
    """Raise a `Mistake` where an option does not go with the data set."""
    name = options.dataset
    if kind_of(name) == "points" and options.size is not None:
        raise Mistake(f"--size is for images; {name!r} has points")
    if is_folder(name) and not Path(name).expanduser().is_dir():
        raise Mistake(f"there is no folder {name!r} to read images from")
    target, side = getattr(options, "target", None), getattr(options, "side", "left")
    if target is not None and getattr(options, "kind", None) is not None:
        raise Mistake("--kind is of halves of one set, and --target is a second one: leave one of them out")
    of_usps = target is not None and target.endswith(H5)
    if of_usps and not Path(target).expanduser().is_file():
        raise Mistake(f"there is no file {target!r} to read digits from")
    if target is not None and not is_folder(name) and not of_usps:
        raise Mistake(f"--target is the folder beside a --dataset that is one, too, not beside {name!r}: leave it out")
    if target is not None and not of_usps and not Path(target).expanduser().is_dir():
        raise Mistake(f"there is no folder {target!r} to read images from")
    if getattr(options, "blocks", None) is not None and (name in PAIRS or target is not None):
        raise Mistake("--blocks makes the sources of one set of images, and these have theirs: leave it out")
    if side != "left" and (target is not None or not is_folder(name)):
        raise Mistake("--side is for a folder of pictures that hold both sides: leave it out")
    of_folders = ("channels", "validation_share", "held_out")
    of_folders = [option for option in of_folders if getattr(options, option) is not None]
    if of_folders and not is_folder(name):
        raise Mistake(f"--{of_folders[0].replace('_', '-')} is for folders of images, not for {name!r}: leave it out")
    if options.held_out is not None and options.validation_share:
        raise Mistake("--held-out and --validation-share both say what to measure on: leave one of them out")
    if options.held_out is not None and target is not None:
        raise Mistake("--held-out is like a --dataset that holds everything, not beside --target: leave it out")
    if options.held_out is not None and not Path(options.held_out).expanduser().is_dir():
        raise Mistake(f"there is no folder {options.held_out!r} to read images from")


def sample_shape(data):
    """Shape of one sample of the data: `(height, width, channels)` of an image, `(2,)` of a point; of named streams a
    dict of such.
    """
    if isinstance(data.images, dict):
        return {name: array.shape[1:] for name, array in data.images.items()}
    return data.images.shape[1:]


def sample_count(data):
    """How many samples an epoch has."""
    return data.count


def distinct(data):
    """How many of the samples, from the first on, are different ones: a recipe that repeats some puts the repetitions
    behind them.
    """
    return getattr(data, "distinct", sample_count(data))
