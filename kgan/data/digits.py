"""Scikit-learn's handwritten digits at any size."""

import numpy as np

from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

TEST_SAMPLES = 297


def digits(size=8, split="train", labels=False, batch_size=64, seed=0):
    """Handwritten digits 0..9 that scikit-learn carries: no download, ready in a tenth of a second.

    These are the 1797 images of the test part of the UCI data set "Optical Recognition of Handwritten Digits": 8x8
    pixels of 0..16, here 0..255. Above 8x8 they get a margin of one original pixel, since the strokes touch the edge,
    and are enlarged by a bicubic filter. The split is fixed, whatever the seed, and stratified: each class has its
    share of the 1500 training and the 297 test images.

    Args:
        size: height and width in pixels, an integer of at least 8. Common: 8 (the data as they are), 16, 28, 32.
        split: `"train"` (1500), `"test"` (297) or `"all"` (1797, in scikit-learn's order).
        labels: whether a batch is `(images, labels)`.
        batch_size: images a batch.
        seed: fixes the order of the batches; nothing else.

    Returns:
        `Batches` whose `images` are uint8 `(n, size, size, 1)`; a batch is float32 in [-1, 1], ink 1 on a background of
        -1. With `labels` they are int64 `(n,)` and `class_names` is `["0", ..., "9"]`.

    Raises:
        ValueError: a size that is no integer of at least 8, or an unknown split.

    Example:

    >>> train = kgan.data.digits(size=16, labels=True)
    >>> images, classes = train[0]
    >>> images.shape, classes.shape
    ((64, 16, 16, 1), (64,))
    """
    if not is_whole(size) or size < 8:
        raise ValueError(f"`size` must be an integer of at least 8, the size of the original digits, not {size!r}.")
    from sklearn.datasets import load_digits

    original, classes = load_digits(return_X_y=True)
    chosen = indices(classes, split)
    images, classes = enlarge(original.reshape(-1, 8, 8)[chosen], int(size)), classes[chosen].astype("int64")
    if not labels:
        return Batches(images, batch_size=batch_size, seed=seed)
    return Batches(images, classes, batch_size=batch_size, seed=seed, class_names=[str(digit) for digit in range(10)])


def indices(classes, split):
    """Indices, in rising order, of the samples of a split that never changes."""
    if split not in ("train", "test", "all"):
        raise ValueError(f"`split` must be 'train', 'test' or 'all', not {split!r}.")
    if split == "all":
        return np.arange(len(classes))
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(np.arange(len(classes)), test_size=TEST_SAMPLES, stratify=classes, random_state=0)
    return np.sort(train if split == "train" else test)


def enlarge(images, size):
    """Uint8 `(n, size, size, 1)` of images `(n, 8, 8)` in 0..16."""
    from PIL import Image

    images = images.astype("float32") * (255 / 16)
    if size != 8:
        images = np.pad(images, ((0, 0), (1, 1), (1, 1)))
        images = np.stack(
            [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) for image in images]
        )
    return np.clip(np.rint(images), 0, 255).astype("uint8")[..., None]
