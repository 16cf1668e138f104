"""A folder of image files as training data."""

import contextlib
import os
import threading
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from kgan.data.resizing import crop_and_resize, height_and_width
from kgan.engine.batches import Batches

# What Pillow decodes itself and knows by its first bytes: EPS, for one, would start Ghostscript.
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000")
LARGE = 2**24  # pixels; of images above that one at a time is decoded, so that memory does not grow with the threads
ALONE = threading.Lock()


def image_folder(path, size, labels=False, channels=3, batch_size=64, seed=0, class_names=None):
    """All images in a folder and the folders below it, in the order of their sorted paths, held in memory as uint8.

    An image is turned as its EXIF orientation says, composited on white where it is transparent, scaled until its
    shorter side fits and cropped at its centre. Of an animation the first frame is taken. Symbolic links are followed.
    Hidden files and folders are passed over; files of other kinds are counted in a warning; a file that cannot be read
    is skipped with a warning that names it.

    Args:
        path: the folder. Read is what Pillow knows as PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF, PPM (PGM, PBM) or
            JPEG 2000, by the usual suffixes (`.png .jpg .jpeg .jfif .webp .tif .tiff .pgm ...`) in any case.
        size: height and width in pixels: an integer or `(height, width)`.
        labels: whether a batch is `(images, labels)`. The classes are the folders directly below `path`, in sorted
            order, those without an image among them.
        channels: 3 (RGB) or 1 (grey, by the ITU-R 601 luma).
        batch_size: images a batch.
        seed: fixes the order of the batches.
        class_names: with `labels`, names of the folders in the order of their numbers, by default those that are there.
            Give a test set the `class_names` of the training set: a class has then the same number in both.

    Returns:
        `Batches` whose `images` are uint8 `(n, height, width, channels)`; a batch is float32 in [-1, 1]. With `labels`
        they are int64 `(n,)` and `class_names` has the names of the folders.

    Raises:
        FileNotFoundError: `path` is no folder.
        ValueError: no readable image, a size or a number of channels other than these; with `labels`, an image that
            lies in no sub-folder or a folder that is not in `class_names`; `class_names` without `labels`.

    Example:

    >>> train = kgan.data.image_folder("photos", size=64)
    >>> train[0].shape
    (64, 64, 64, 3)
    """
    size, root = height_and_width(size), Path(path)
    if channels not in (1, 3):
        raise ValueError(f"`channels` must be 3 (RGB) or 1 (grey), not {channels!r}.")
    if class_names is not None and not labels:
        raise ValueError("`class_names` number the labels, but none were asked for: add `labels=True`.")
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {str(root)!r} to read images from.")
    files = image_files(root)
    if labels:
        class_names = checked_classes(root, files, class_names)
    files, images = read_all(files, size, channels)
    if not files:
        raise ValueError(f"The folder {str(root)!r} has no readable image ({', '.join(FORMATS)}).")
    if not labels:
        return Batches(images, batch_size=batch_size, seed=seed)
    numbers = {name: number for number, name in enumerate(class_names)}
    classes = np.array([numbers[class_of(file, root)] for file in files], "int64")
    if without := [name for name in class_names if not (classes == numbers[name]).any() and (root / name).is_dir()]:
        warnings.warn(f"{str(root)!r} has no image of {', '.join(map(repr, without))}.", stacklevel=2)
    return Batches(images, classes, batch_size=batch_size, seed=seed, class_names=class_names)


def checked_classes(root, files, class_names):
    """Names of the classes in the order of their numbers, which hold every one of the files."""
    loose = next((file for file in files if file.parent == root), None)
    if loose is not None:
        raise ValueError(
            f"The classes are the sub-folders of {str(root)!r}, but {loose.name!r} lies in none: "
            "move it into one, or ask for `labels=False`."
        )
    present = sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if class_names is None:
        return present
    class_names = list(class_names)
    if len(set(class_names)) < len(class_names):
        raise ValueError(f"`class_names` must name each class once, not {class_names}.")
    if unknown := sorted(set(present) - set(class_names)):
        raise ValueError(
            f"The folder {str(root / unknown[0])!r} is none of the classes {', '.join(map(repr, class_names))}: "
            f"move it away, or add {unknown[0]!r} to the `class_names` of all sets."
        )
    return class_names


def class_of(file, root):
    """Name of the folder directly below `root` that a file lies in."""
    return file.relative_to(root).parts[0]


def image_files(root):
    """Paths of the image files below a folder, sorted; files of other kinds are counted in a warning."""
    from PIL import Image

    suffixes = {suffix for suffix, kind in Image.registered_extensions().items() if kind in FORMATS}
    files = list(visible_files(root, {root.resolve()}))
    others = Counter(file.suffix.lower() or "no suffix" for file in files if file.suffix.lower() not in suffixes)
    if others:
        count = others.total()
        warnings.warn(
            f"{count} file{' is no image' if count == 1 else 's are no images'} that kgan reads in {str(root)!r}: "
            + ", ".join(f"{suffix} ({number})" for suffix, number in sorted(others.items())),
            stacklevel=3,
        )
    return sorted(file for file in files if file.suffix.lower() in suffixes)


def visible_files(folder, above):
    """Paths of the files below a folder, nothing hidden; a link back to one of the folders `above` is not followed."""
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            # What is there but no file, such as a pipe, would wait for ever; of a link to nowhere reading says so.
            if path.is_file() or not path.exists():
                yield path
        elif (real := path.resolve()) not in above:
            yield from visible_files(path, above | {real})


def read_all(files, size, channels):
    """The files that could be read, and an array of their images; the others are skipped with a warning."""
    images, faults = read_each(files, size, channels)
    good = report(files, faults)
    return [files[index] for index in good], kept(images, good)


def read_each(files, size, channels, part=None):
    """An array of the images in the files, and what went wrong with each, or None; `part` as in `read_into`."""
    from PIL import Image

    images = np.empty((len(files), *size, channels), "uint8")
    # Pillow warns before a JPEG is made smaller; `read_into` refuses what is still too large then.
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return images, list(pool.map(partial(read_into, size=size, part=part), images, files))


def report(files, faults):
    """Indices of the files without a fault; of the others each is named in a warning."""
    for file, fault in zip(files, faults):
        if fault is not None:
            warnings.warn(f"Skipped {str(file)!r}, which cannot be read as an image: {fault}", stacklevel=4)
    return [index for index, fault in enumerate(faults) if fault is None]


def kept(images, good):
    """The images of these rising indices, in the memory that all have."""
    for place, index in enumerate(good):
        if place < index:
            images[place] = images[index]
    return images[: len(good)]


def read_into(place, file, size, part=None):
    """Fill `place`, uint8 `(height, width, channels)`, with the image in a file, or with its `part`, `"left"` or
    `"right"`; returns what went wrong, or None.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file, formats=[kind for kind in FORMATS if kind in Image.OPEN]) as image:
            # Either side may become the longer one when the image is turned.
            image.draft(None, 2 * (2 * max(size) * (1 if part is None else 2),))
            pixels, bound = image.width * image.height, Image.MAX_IMAGE_PIXELS
            if bound is not None and pixels > bound:
                raise ValueError(too_large(f"its {pixels:,} pixels are", bound))
            with ALONE if pixels > LARGE else contextlib.nullcontext():
                ImageOps.exif_transpose(image, in_place=True)
                image = crop_and_resize(half(opaque(image), part), size)
            place[:] = np.asarray(image.convert("L" if place.shape[-1] == 1 else "RGB")).reshape(place.shape)
    except Image.DecompressionBombError:
        return too_large("it has", 2 * Image.MAX_IMAGE_PIXELS)
    except Exception as error:  # A decoder raises whatever its parser meets in a damaged file.
        return " ".join(str(error).split()) or type(error).__name__


def half(image, part):
    """The left or the right half of an image, or all of it."""
    if part is None:
        return image
    start = 0 if part == "left" else image.width - image.width // 2
    return image.crop((start, 0, start + image.width // 2, image.height))


def too_large(what, bound):
    """The sentence on an image of too many pixels."""
    return (
        f"{what} more than the {bound:,} pixels that Pillow takes for harmless: make it smaller, "
        "or raise `PIL.Image.MAX_IMAGE_PIXELS` where you trust its source"
    )


def opaque(image):
    """The image in 8 bits of grey or RGB, composited on white where it is transparent."""
    from PIL import Image

    if image.mode == "F":
        raise ValueError("its pixels are floats of no known range: save it with 8 or 16 bits")
    if image.mode.startswith("I"):
        values = np.asarray(image, "float32")
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("its pixels are not in the range of 16 bits: save it with 8 or 16 bits")
        return Image.fromarray((values / 257).round().astype("uint8"))
    if not image.has_transparency_data:
        return image if image.mode == "L" else image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
