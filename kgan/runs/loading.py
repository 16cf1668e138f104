"""Data by name, read: to train, and to measure by."""

import argparse
import difflib
from pathlib import Path

from kgan.runs.data_sets import (
    DOMAINS,
    FOLDER_SIZE,
    H5,
    IMAGES,
    JUDGED,
    MIXTURES,
    PAIRS,
    is_folder,
    slug,
)
from kgan.runs.endings import Mistake


def load(options, takes="images"):
    """The data set that the options name, and what is kept from training by `--validation-share` or `--held-out`, or
    None.

    Args:
        options: with `dataset`, `size`, `channels`, `batch_size`, `seed`, `data_dir`, `validation_share`, `held_out`;
            of pairs `blocks` and `target`, of domains `kind` and `target`.
        takes: as in `kgan.runs.run`.

    Raises:
        Mistake: there is no such data set, or it is not what the options say.
    """
    name = options.dataset
    try:
        data = read_as(options, takes)
        if options.validation_share:
            return split(data, options.validation_share, options.seed)
        return data, None if options.held_out is None else held_out_beside(data, options, takes)
    except (ValueError, OSError, ImportError) as error:
        nearest = difflib.get_close_matches(name, (*IMAGES, *MIXTURES, *PAIRS, *DOMAINS), 1, 0.75)
        hint = f" Embedded is {nearest[0]!r}." if nearest and nearest[0] != name else ""
        if name.isidentifier() and is_folder(name):
            hint = f" (--dataset {name} is the folder here, not TFDS's set: that is read where there is no such folder)"
        raise Mistake(f"{error}{hint}") from error


def read_as(options, takes):
    """The data set that the options name, as a recipe takes it."""
    if takes == "pairs":
        return read_pairs(options)
    return read_domains(options, takes) if takes.endswith("domains") else read(options, takes == "labels")


def held_out_beside(data, options, takes):
    """The images of `--held-out`, of which there are the classes that the data have."""
    if isinstance(data.images, dict):
        raise Mistake("--held-out holds samples of one set back, not of domains: leave it out")
    found = read_as(argparse.Namespace(**{**vars(options), "dataset": options.held_out}), takes)
    if found.class_names != data.class_names:
        raise Mistake(f"{options.held_out!r} has other classes than {options.dataset!r}: name its folders as there")
    return found


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
        return data.glyph_pairs(**common, **given(options, "size"))
    if options.blocks is not None:
        images = read(options, options.dataset in (*IMAGES, *JUDGED))
        return data.downscaled(images, options.blocks, "box", **common, blocks=True)
    if not is_folder(options.dataset):
        raise Mistake(
            f"this recipe learns from pairs, which {options.dataset!r} does not have: take {PAIRS[0]}; a folder of "
            "pictures that hold source and target side by side; two folders, the second as --target; or --blocks 7, "
            "images of which the means of so large blocks are left"
        )
    of_folder = {"size": options.size or FOLDER_SIZE, "channels": options.channels or 3, "side": options.side}
    target = None if options.target is None else Path(options.target).expanduser()
    return data.paired_folder(Path(options.dataset).expanduser(), target_directory=target, **of_folder, **common)


def read_domains(options, takes):
    """Domains: of the embedded set, the halves of one set of images, printed and handwritten digits, or of folders.

    Raises:
        Mistake: none are named, or more of them than two, where it must be two.
    """
    from kgan import data

    common = {"batch_size": options.batch_size, "seed": options.seed}
    name, labelled = options.dataset, takes == "labelled domains"
    common |= {"labels": True} if labelled else {}
    if name in DOMAINS:
        found = data.glyph_domains(**common, **given(options, "size", "kind"))
    elif options.kind is not None:
        found = data.derived_domains(read(options, labelled or name in (*IMAGES, *JUDGED)), options.kind, **common)
    elif labelled and name == "digits" and options.target is None:
        found = data.domains(**printed_and_written(options.size or 28, "train", options.seed), **common)
    else:
        found = data.domains(**sets_of(options, takes), **common)
    if takes != "several domains" and len(found.images) != 2:
        raise Mistake(
            f"this recipe goes between two domains, but there are {len(found.images)}, {', '.join(found.images)}: take "
            "combogan.py for them, or name two"
        )
    return found


def sets_of(options, takes):
    """Dict of domain to its images, read from folders, or from a data set and the file of USPS."""
    from kgan import data

    name, labels = options.dataset, takes == "labelled domains"
    of_folder = {"size": options.size or FOLDER_SIZE, "channels": options.channels or 3}
    if options.target is not None and options.target.endswith(H5):
        first = read(options, labels=True)
        return {slug(name): first, "usps": usps_beside(first, options, "train")}
    if not is_folder(name):
        raise Mistake(
            f"this recipe learns from domains, and {name!r} is one set: take {DOMAINS[0]}; a folder of a folder a "
            "domain; two folders, the second as --target; --kind edges, negatives or colours, which halves of a set "
            "differ in; or, as the --target of digits, the file usps.h5"
        )
    if options.target is not None:
        folders = {"a": options.dataset, "b": options.target}
        folders = {domain: Path(folder).expanduser() for domain, folder in folders.items()}
    else:
        root = Path(name).expanduser()
        folders = {path.name: path for path in sorted(root.iterdir()) if path.is_dir() and path.name[0] != "."}
        if len(folders) < 2:
            raise Mistake(
                f"this recipe learns from domains, but {name!r} has {len(folders)} folders: give it a folder a domain, "
                "or name a second one as --target"
            )
    return {domain: data.image_folder(folder, labels=labels, **of_folder) for domain, folder in folders.items()}


def given(options, *names):
    """The options of these names that have a value, for a function of `kgan.data` that has defaults of its own."""
    values = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def printed_and_written(size, split, seed):
    """Digits as fonts have them, and as hands write them, with labels."""
    from kgan import data

    printed = data.glyphs(5000 if split == "train" else 1000, size, "0123456789", seed, labels=True, split=split)
    return {"printed": printed, "written": data.digits(size, split, labels=True)}


def usps_beside(first, options, split):
    """USPS' digits at the size of another set of them."""
    from kgan import data

    return data.usps(Path(options.target).expanduser(), split, size=first.images.shape[1], labels=True)


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
    """The test split of the task's data, at its size, with labels; of a folder what is held back."""
    from kgan import data

    if getattr(task, "held_out", None) is not None:
        return task.held_out
    options = task.options
    if is_folder(options.dataset):
        raise ValueError("This recipe measures on images held out of training: give `--validation-share 0.1`.")
    name, seed, shapes = options.dataset, options.seed, task.shape
    size = (next(iter(shapes.values())) if isinstance(shapes, dict) else shapes)[0]
    if name in PAIRS:
        return data.glyph_pairs(1000, size, split="test", seed=seed)
    if name in DOMAINS:
        return data.glyph_domains(1000, size, split="test", seed=seed, counterparts=True, **given(options, "kind"))
    if name == "digits":
        test = data.digits(size, "test", labels=True)
    elif name == "glyphs":
        test = data.glyphs(size=size, split="test", labels=True, seed=seed)
    else:
        test = data.load(name, "test", size, labels=True, data_dir=options.data_dir)
    if getattr(options, "blocks", None) is not None:
        return data.downscaled(test, options.blocks, "box", blocks=True)
    if not isinstance(shapes, dict):
        return test
    if "printed" in shapes:
        return data.domains(**printed_and_written(size, "test", seed))
    if options.kind is not None:
        return data.derived_domains(test, options.kind, seed=seed)
    return data.domains(**{slug(name): test, "usps": usps_beside(test, options, "test")})
