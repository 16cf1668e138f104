"""A folder of image files as training data."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from kgan.data.resizing import crop_and_resize, height_and_width
from kgan.engine.batches import Batches

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")


def image_folder(path, size, labels=False, channels=3, batch_size=64, seed=0):
    """All images in a folder and the folders below it, in the order of their sorted paths, held in memory as uint8.

    An image is turned as its EXIF orientation says, composited on white where it is transparent, scaled until its shorter side fits and cropped at its centre.
    Of an animation the first frame is taken. Hidden files and folders are passed over; a file that cannot be read is skipped with a warning that names it.

    Args:
        path: the folder. Read are `.png .jpg .jpeg .webp .bmp .gif`, in any case.
        size: height and width in pixels: an integer or `(height, width)`.
        labels: whether a batch is `(images, labels)`. The classes are the folders directly below `path`, in sorted order.
        channels: 3 (RGB) or 1 (grey, by the ITU-R 601 luma).
        batch_size: images a batch.
        seed: fixes the order of the batches.

    Returns:
        `Batches` whose `images` are uint8 `(n, height, width, channels)`; a batch is float32 in [-1, 1]. With `labels` they are int64 `(n,)` and `class_names`
        has the names of the folders.

    Raises:
        FileNotFoundError: `path` is no folder.
        ValueError: no readable image, a size or a number of channels other than these, or, with `labels`, an image that lies in no sub-folder.

    Example:

    >>> train = kgan.data.image_folder("photos", size=64)
    >>> train[0].shape
    (64, 64, 64, 3)
    """
    size, root = height_and_width(size), Path(path)
    if channels not in (1, 3):
        raise ValueError(f"`channels` must be 3 (RGB) or 1 (grey), not {channels!r}.")
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {str(root)!r} to read images from.")
    files, images = read_all(image_files(root), partial(read_image, size=size, channels=channels))
    if not files:
        raise ValueError(f"The folder {str(root)!r} has no readable image ({', '.join(SUFFIXES)}).")
    if not labels:
        return Batches(images, batch_size=batch_size, seed=seed)
    loose = next((file for file in files if file.parent == root), None)
    if loose is not None:
        raise ValueError(f"The classes are the sub-folders of {str(root)!r}, but {loose.name!r} lies in none: move it into one, or ask for `labels=False`.")
    class_names, classes = np.unique([file.relative_to(root).parts[0] for file in files], return_inverse=True)
    return Batches(images, classes.astype("int64"), batch_size=batch_size, seed=seed, class_names=class_names.tolist())


def image_files(root):
    """Paths of the image files below a folder, sorted; nothing hidden."""
    found = (file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(root).parts))


def read_all(files, read):
    """The files that could be read, and an array of their images."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = list(pool.map(read, files))
    for file, image in zip(files, images):
        if isinstance(image, Exception):
            warnings.warn(f"Skipped {str(file)!r}, which cannot be read as an image: {image}", stacklevel=3)
    good = [index for index, image in enumerate(images) if not isinstance(image, Exception)]
    return [files[index] for index in good], np.stack([images[index] for index in good]) if good else None


def read_image(file, size, channels):
    """Uint8 `(height, width, channels)` of a file, or the exception that reading it raised."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            opened.draft(None, (2 * size[1], 2 * size[0]))
            image = crop_and_resize(opaque(ImageOps.exif_transpose(opened)), size)
            return np.asarray(image.convert("L" if channels == 1 else "RGB")).reshape(*size, channels)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return error


def opaque(image):
    """The image in 8 bits of grey or RGB, composited on white where it is transparent."""
    from PIL import Image

    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image, "float32") / 257).round().clip(0, 255).astype("uint8"))
    if not image.has_transparency_data:
        return image if image.mode == "L" else image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
