"""Folders of pictures that belong together two by two, as training data."""

from pathlib import Path

from kgan.data.image_folder import FORMATS, image_files, kept, read_each, report
from kgan.data.resizing import height_and_width
from kgan.engine.batches import Batches

TURNED = (5, 6, 7, 8)  # EXIF orientations in which height and width change places
ORIENTATION = 0x0112


def paired_folder(
    directory,
    size=64,
    target_directory=None,
    channels=3,
    side="left",
    batch_size=16,
    seed=0,
    jitter=0,
    flip=False,
):
    """Sources and their targets, held in memory as uint8: from pictures that hold both side by side (as the data sets
    of Pix2Pix do), or from two folders whose files have the same names.

    Pictures are read, turned, scaled and cropped as in `image_folder`, both of a pair alike. A pair of which one cannot
    be read is skipped with a warning that names the file.

    Args:
        directory: the folder of the pictures, or that of the sources; folders below it are read, too.
        size: height and width in pixels of a source and of a target: an integer or `(height, width)`.
        target_directory: the folder of the targets: for each source a file of the same name and sub-folder, whatever
            its suffix. None where one picture holds both.
        channels: 3 (RGB) or 1 (grey), or one for each, `(source's, target's)`.
        side: `"left"` or `"right"`: on which side of a picture the source is (of `facades`, labels to photographs,
            `"right"`). Of no meaning with a `target_directory`.
        batch_size: pairs a batch (the paper's is 1 to 10).
        seed: fixes the order of the batches.
        jitter, flip: as in `Batches`; source and target move together.

    Returns:
        `Batches` whose `images` are the sources and whose `labels` are the targets, uint8 `(n, height, width,
        channels)`; a batch is `(sources, targets)`, float32 in [-1, 1].

    Raises:
        FileNotFoundError: a folder that is not there.
        ValueError: a folder without a readable pair; a picture too narrow for two, or of an odd width; a source without
            a target or a target without a source; a pair of which one is wider for its height than the other; another
            `size`, `channels` or `side`.

    Example:

    >>> train = kgan.data.paired_folder("facades/train", size=32)
    >>> sources, targets = train[0]
    >>> sources.shape, targets.shape
    ((16, 32, 32, 3), (16, 32, 32, 3))
    """
    size, sides = height_and_width(size), tuple(channels) if isinstance(channels, (tuple, list)) else (channels,) * 2
    if len(sides) != 2 or any(one not in (1, 3) for one in sides):
        raise ValueError(f"`channels` must be 3 (RGB) or 1 (grey), or one for each of a pair, not {channels!r}.")
    if side not in ("left", "right"):
        raise ValueError(f"`side` of the source must be 'left' or 'right', not {side!r}.")
    roots = [Path(folder) for folder in (directory, target_directory) if folder is not None]
    for root in roots:
        if not root.is_dir():
            raise FileNotFoundError(f"There is no folder {str(root)!r} to read pairs from.")
    sources, targets = paired_arrays(roots, size, sides, side)
    return Batches(sources, targets, batch_size=batch_size, seed=seed, jitter=jitter, flip=flip)


def paired_arrays(roots, size, channels, side):
    """Two uint8 arrays of the pairs in one folder or in two."""
    listed = [image_files(root) for root in roots]
    for root, files in zip(roots, listed):
        if not files:
            raise ValueError(f"The folder {str(root)!r} has no image ({', '.join(FORMATS)}).")
    if len(roots) == 2:
        files, parts = matched(roots, listed), (None, None)
        check_alike(*files)
    else:
        files, parts = listed * 2, ("left", "right") if side == "left" else ("right", "left")
        check_halves(files[0])
    arrays, faults = zip(*(read_each(*one, part) for *one, part in zip(files, (size, size), channels, parts)))
    worst = [(own[0], mine) if mine else (own[1], other) for *own, mine, other in zip(*files, *faults)]
    good = report(*zip(*worst))
    if not good:
        raise ValueError(f"The folder {str(roots[0])!r} has no pair that can be read ({', '.join(FORMATS)}).")
    return [kept(images, good) for images in arrays]


def matched(roots, listed):
    """The files of both folders, in the order of their names, each with its partner."""
    named = []
    for root, files in zip(roots, listed):
        names = {}
        for file in files:
            other = names.setdefault(file.relative_to(root).with_suffix(""), file)
            if other != file:
                raise ValueError(
                    f"{str(other)!r} and {str(file)!r} have one name: which is of the pair? Move one away."
                )
        named.append(names)
    for mine, others, root in ((*named, roots[1]), (*named[::-1], roots[0])):
        if alone := sorted(set(mine) - set(others)):
            raise ValueError(
                f"{str(mine[alone[0]])!r} has no partner {str(root / alone[0])!r} of any suffix ({len(named[0])} "
                f"sources, {len(named[1])} targets): add it, or move the file away."
            )
    order = sorted(named[0])
    return [[names[name] for name in order] for names in named]


def check_alike(sources, targets):
    """Raise where source and target would be cropped in different ways."""
    for source, target in zip(sources, targets):
        (width, height), (other_width, other_height) = one, other = dimensions(source), dimensions(target)
        # As near as whole pixels can be.
        if None not in (*one, *other) and abs(width * other_height - height * other_width) > max(*one, *other):
            raise ValueError(
                f"{str(source)!r} is {width} x {height} pixels and its target {other_width} x {other_height}: the "
                f"crops would not show the same, so give both one ratio of width to height."
            )


def check_halves(files):
    """Raise where a picture cannot hold two of one width."""
    for file in files:
        width, height = dimensions(file)
        if width is not None and (width % 2 or width <= height):
            raise ValueError(
                f"{str(file)!r} is {width} x {height} pixels, which are no two pictures side by side: give each "
                f"picture both sides, or name the folder of the targets, `target_directory`."
            )


def dimensions(file):
    """Width and height of the image in a file after its turn, both None where it cannot be read: reading says why."""
    from PIL import Image

    try:
        with Image.open(file, formats=[kind for kind in FORMATS if kind in Image.OPEN]) as image:
            turned = image.getexif().get(ORIENTATION) in TURNED
            return image.size[::-1] if turned else image.size
    except Exception:  # A decoder raises whatever its parser meets in a damaged file.
        return None, None
