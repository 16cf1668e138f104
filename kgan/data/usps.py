"""The USPS digits, from a file."""

from pathlib import Path

import numpy as np

from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

SIDE, PLACEMENTS = 16, ("box", "whole")


def usps(path, split="train", size=28, placement="box", labels=False, batch_size=64, seed=0):
    """The handwritten digits of USPS, as beside MNIST's: 7,291 to train and 2,007 to test.

    How 16x16 pixels become 28x28 moves what a classifier of MNIST's makes of them by 17 points, so the rule is said.

    Args:
        path: `usps.h5`, with `train/data`, `train/target` and `test/...`: images `(n, 256)` in [0, 1] and digits.
        split: `"train"` or `"test"`.
        size: height and width in pixels, at least 16.
        placement: `"box"`: what MNIST's digits fill, 20 of 28 pixels, is filled by the whole USPS image, scaled by a
            bicubic filter, and the rest is background. `"whole"`: the image is scaled to all of the picture.
        labels: whether a batch is `(images, labels)`.
        batch_size: images a batch.
        seed: fixes the order of the batches.

    Returns:
        `Batches` whose `images` are uint8 `(n, size, size, 1)`; a batch is float32 in [-1, 1], ink 1 on a background of
        -1. With `labels` they are int64 `(n,)`, and `class_names` is `["0", ..., "9"]`.

    Raises:
        FileNotFoundError: no file at `path`.
        ImportError: no package `h5py`, which Keras brings.
        ValueError: another split, size or placement; a file that is not this one.
    """
    if split not in ("train", "test"):
        raise ValueError(f"`split` must be 'train' or 'test', not {split!r}.")
    if placement not in PLACEMENTS:
        raise ValueError(f"`placement` must be {' or '.join(map(repr, PLACEMENTS))}, not {placement!r}.")
    if not is_whole(size) or size < SIDE:
        raise ValueError(
            f"`size` must be an integer of at least {SIDE}, the size of the original digits, not {size!r}."
        )
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r} with the USPS digits.")
    images, classes = contents(path, split)
    images = placed(images, int(size), round(20 / 28 * size) if placement == "box" else int(size))
    if not labels:
        return Batches(images, batch_size=batch_size, seed=seed)
    return Batches(images, classes, batch_size=batch_size, seed=seed, class_names=[str(digit) for digit in range(10)])


def contents(path, split):
    """Images `(n, 16, 16)` in [0, 1] and int64 labels of the file."""
    import h5py

    try:
        with h5py.File(path) as file:
            images, classes = file[f"{split}/data"][:], file[f"{split}/target"][:]
            return images.reshape(-1, SIDE, SIDE).astype("float32"), classes.astype("int64")
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"{str(path)!r} is not the file of USPS digits with {split}/data and {split}/target."
        ) from error


def placed(images, size, box):
    """Uint8 `(n, size, size, 1)`: images scaled to `box` pixels a side, in the middle."""
    from PIL import Image

    scaled = [Image.fromarray(image).resize((box, box), Image.Resampling.BICUBIC) for image in images]
    pixels = np.clip(np.rint(np.stack([np.asarray(image) for image in scaled]) * 255), 0, 255).astype("uint8")
    before = (size - box) // 2
    margin = before, size - box - before
    return np.pad(pixels, ((0, 0), margin, margin))[..., None]
