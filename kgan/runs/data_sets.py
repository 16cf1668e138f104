"""Data by name: which names there are, and what they read."""

import difflib
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
    of_usps = target is not None and target.endswith(H5)
    if of_usps and not Path(target).expanduser().is_file():
        raise Mistake(f"there is no file {target!r} to read digits from")
    if target is not None and not is_folder(name) and not of_usps:
        raise Mistake(f"--target is the folder beside a --dataset that is one, too, not beside {name!r}: leave it out")
    if target is not None and not of_usps and not Path(target).expanduser().is_dir():
        raise Mistake(f"there is no folder {target!r} to read images from")
    if side != "left" and (target is not None or not is_folder(name)):
        raise Mistake("--side is for a folder of pictures that hold both sides: leave it out")
    of_folders = [option for option in ("channels", "validation_share") if getattr(options, option) is not None]
    if of_folders and not is_folder(name):
        raise Mistake(f"--{of_folders[0].replace('_', '-')} is for folders of images, not for {name!r}: leave it out")


def load(options, takes="images"):
    """The data set that the options name, and what `--validation-share` keeps from training, or None.

    Args:
        options: with `dataset`, `size`, `channels`, `batch_size`, `seed`, `data_dir`, `validation_share`; of pairs and
            domains `target` too, a second folder.
        takes: what a batch is: "images", "labels" (images with labels), "pairs", "domains", "derived domains" (halves
            of a set of images) or "labelled domains".

    Raises:
        Mistake: there is no such data set, or it is not what the options say.
    """
    name = options.dataset
    try:
        data = TRANSLATIONS[takes](options) if takes in TRANSLATIONS else read(options, takes == "labels")
        return split(data, options.validation_share, options.seed) if options.validation_share else (data, None)
    except (ValueError, OSError, ImportError) as error:
        nearest = difflib.get_close_matches(name, (*IMAGES, *MIXTURES, *PAIRS, *DOMAINS), 1, 0.75)
        hint = f" Embedded is {nearest[0]!r}." if nearest and nearest[0] != name else ""
        if name.isidentifier() and is_folder(name):
            hint = f" (--dataset {name} is the folder here, not TFDS's set: that is read where there is no such folder)"
        raise Mistake(f"{error}{hint}") from error


def read(options, labels):
    """All samples of the data set that the options name."""
    from kgan import data

    name, size = options.dataset, options.size
    common = {"batch_size": options.batch_size, "seed": options.seed}
    if labels and name in (*MIXTURES, "stacked_mnist"):
        raise Mistake(
            f"this recipe learns from labels, and {name!r} has none: take {' or '.join(IMAGES)}, a TFDS data set of "
            "classes, or a folder of a folder a class"
        )
    if name in MIXTURES:
        return data.mixture(name, **common)
    if name == "stacked_mnist":
        return data.stacked_mnist(data_dir=options.data_dir, **common)
    common |= ({} if size is None else {"size": size}) | ({"labels": True} if labels else {})
    if name in IMAGES:
        return getattr(data, name)(**common)
    if is_folder(name):
        of_folder = {"size": FOLDER_SIZE, "channels": options.channels or 3}
        return data.image_folder(Path(name).expanduser(), **{**of_folder, **common})
    return data.load(name, data_dir=options.data_dir, **common)


def read_pairs(options):
    """Sources and targets: the embedded set, a folder of pictures side by side, or two folders of equal file names."""
    from kgan import data

    common = {"batch_size": options.batch_size, "seed": options.seed}
    if options.dataset in PAIRS:
        return data.glyph_pairs(**common, **({} if options.size is None else {"size": options.size}))
    if not is_folder(options.dataset):
        raise Mistake(
            f"this recipe learns from pairs, which {options.dataset!r} does not have: take {PAIRS[0]}, a folder of "
            "pictures that hold source and target side by side, or two folders, the second as --target"
        )
    of_folder = {"size": options.size or FOLDER_SIZE, "channels": options.channels or 3, "side": options.side}
    target = None if options.target is None else Path(options.target).expanduser()
    return data.paired_folder(Path(options.dataset).expanduser(), target_directory=target, **of_folder, **common)


def read_domains(options):
    """Two domains: the embedded set, or two folders."""
    from kgan import data

    common = {"batch_size": options.batch_size, "seed": options.seed}
    if options.dataset in DOMAINS:
        return data.glyph_domains(**common, **({} if options.size is None else {"size": options.size}))
    if options.target is None or not is_folder(options.dataset):
        raise Mistake(
            f"this recipe learns from two domains: take {DOMAINS[0]}, or two folders of images, the second as --target"
        )
    of_folder = {"size": options.size or FOLDER_SIZE, "channels": options.channels or 3}
    folders = {"a": options.dataset, "b": options.target}
    sets = {name: data.image_folder(Path(folder).expanduser(), **of_folder) for name, folder in folders.items()}
    return data.domains(**sets, **common)


def read_derived_domains(options):
    """Halves of a set of images, one as it is, one as `--kind` says; or two domains that are there."""
    from kgan import data

    if options.dataset in DOMAINS or options.target is not None:
        return read_domains(options)
    return data.derived_domains(read(options, labels=False), options.kind, seed=options.seed)


def read_labelled_domains(options):
    """Two domains with the labels that they have: an embedded set of characters, or digits beside printed ones; two
    folders of a folder a class; or digits beside the file of USPS.
    """
    from kgan import data

    common = {"batch_size": options.batch_size, "seed": options.seed}
    if options.dataset in DOMAINS:
        own = {} if options.size is None else {"size": options.size}
        return data.glyph_domains(labels=True, **common, **own)
    if options.dataset == "digits" and options.target is None:
        return data.domains(labels=True, **printed_and_written(options.size or 28, "train", options.seed), **common)
    if options.target is None:
        raise Mistake(
            f"this recipe learns from two domains: take digits or {DOMAINS[0]}; or, as --target, a second folder, or "
            "beside mnist the file usps.h5"
        )
    if not options.target.endswith(H5):
        of_folder = {"size": options.size or FOLDER_SIZE, "channels": options.channels or 3, "labels": True}
        folders = {"a": options.dataset, "b": options.target}
        sets = {name: data.image_folder(Path(folder).expanduser(), **of_folder) for name, folder in folders.items()}
        return data.domains(labels=True, **sets, **common)
    first = read(options, labels=True)
    sets = {slug(options.dataset): first, "usps": usps_beside(first, options, "train")}
    return data.domains(labels=True, **sets, **common)


def printed_and_written(size, split, seed):
    """Digits as fonts have them, and as hands write them, with labels."""
    from kgan import data

    printed = data.glyphs(5000 if split == "train" else 1000, size, "0123456789", seed, labels=True, split=split)
    return {"printed": printed, "written": data.digits(size, split, labels=True)}


def usps_beside(first, options, split):
    """USPS' digits at the size of another set of them."""
    from kgan import data

    return data.usps(Path(options.target).expanduser(), split, size=first.images.shape[1], labels=True)


TRANSLATIONS = {
    "pairs": read_pairs,
    "domains": read_domains,
    "derived domains": read_derived_domains,
    "labelled domains": read_labelled_domains,
}


def split(data, held_share, seed):
    """Two `Batches`: all but a share of the samples, and that share, at least one; of labelled ones the same share of
    each class, rounded down.
    """
    import numpy as np

    from kgan.data import Batches

    if isinstance(data.images, dict):
        raise ValueError("--validation-share holds samples of one set back, not of domains: leave it out.")
    order = np.random.default_rng(seed).permutation(len(data.images))
    groups = [order]
    if data.class_names is not None and data.labels is not None:
        groups = [order[data.labels[order] == label] for label in range(len(data.class_names))]
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


def test_split(task):
    """The test split of the task's data, at its size, with labels; of a folder what `--validation-share` holds back."""
    from kgan import data

    if getattr(task, "held_out", None) is not None:
        return task.held_out
    if is_folder(task.options.dataset):
        raise ValueError("This recipe measures on images held out of training: give `--validation-share 0.1`.")
    name, seed = task.options.dataset, task.options.seed
    if name in PAIRS:
        return data.glyph_pairs(1000, task.data.images.shape[1], split="test", seed=seed)
    if name in DOMAINS:
        size = next(iter(task.data.images.values())).shape[1]
        return data.glyph_domains(1000, size, split="test", seed=seed, counterparts=True)
    shapes = task.shape
    size = (next(iter(shapes.values())) if isinstance(shapes, dict) else shapes)[0]
    if name == "digits":
        test = data.digits(size, "test", labels=True)
    elif name == "glyphs":
        test = data.glyphs(size=size, split="test", labels=True, seed=seed)
    else:
        test = data.load(name, "test", size, labels=True, data_dir=task.options.data_dir)
    if isinstance(shapes, dict) and "printed" in shapes:
        return data.domains(**printed_and_written(size, "test", seed))
    if isinstance(shapes, dict) and getattr(task.options, "target", None) is not None:
        return data.domains(**{slug(name): test, "usps": usps_beside(test, task.options, "test")})
    return test


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
