"""Batches of an array in an order that depends on nothing but a seed and the number of the epoch."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Batches of images (or points) held in memory, shuffled by `(seed, epoch)`.

    The order of epoch `e` is the same in every process, so that a run that was killed and resumed sees the very batches
    that it would have seen. `fit` sets `epoch`; alone, `batches[i]` is batch `i` of the current one.

    Args:
        images: array `(n, ...)`. Pictures (three axes or more) of `uint8` are read as 0..255 and scaled to [-1, 1],
            batch by batch; other whole numbers stay as they are, anything else is cast to float32.
        labels: array `(n, ...)` or None, kept and scaled by the same rule. With labels a batch is `(images, labels)`.
        batch_size: samples a batch; the last one is shorter where `n` is no multiple of it.
        shuffle: whether each epoch has an order of its own; without it the order is that of the array.
        seed: integer that fixes all orders.

    Attributes:
        images, labels, batch_size, seed, epoch: as above.
        class_names: names of the classes, in the order of their labels, where the data set has them.

    Raises:
        ValueError: no samples, a batch size below 1, or as many labels as there are not images.

    Example:

    >>> batches = kgan.data.Batches(np.zeros((10, 8, 8, 1), "uint8"), batch_size=4)
    >>> len(batches), float(batches[0].min())
    (3, -1.0)
    """

    def __init__(self, images, labels=None, batch_size=32, shuffle=True, seed=0, class_names=None):
        super().__init__()
        images, labels = stored(images), None if labels is None else stored(labels)
        if images.ndim == 0 or not len(images):
            raise ValueError("The data set is empty: there is no sample to train on.")
        if labels is not None and len(labels) != len(images):
            raise ValueError(f"There are {len(images)} images but {len(labels)} labels.")
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1, not {batch_size}.")
        self.images, self.labels = images, labels
        self.batch_size, self.shuffle, self.seed, self.epoch = int(batch_size), shuffle, seed, 0
        self.class_names = class_names

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index):
        chosen = self.order()[index * self.batch_size : (index + 1) * self.batch_size]
        images = scaled(self.images[chosen])
        return images if self.labels is None else (images, scaled(self.labels[chosen]))

    def order(self):
        """Indices of all samples in the order of this epoch, int64."""
        if not self.shuffle:
            return np.arange(len(self.images))
        if getattr(self, "_drawn", (None, None))[0] != (self.seed, self.epoch):
            self._drawn = (
                (self.seed, self.epoch),
                np.random.default_rng((self.seed, self.epoch)).permutation(len(self.images)),
            )
        return self._drawn[1]

    def scale(self, images):
        """Float32 images in [-1, 1] of `images` (an array or a backend's tensor) as they are stored."""
        return scaled(images)


def stored(array):
    """An array as it is held: numbers with a fraction as float32 (bfloat16 ones too), all else as it is."""
    array = np.asarray(array)
    return array.astype("float32", copy=False) if array.dtype.kind in "fV" else array


def scaled(array):
    """Float32 in [-1, 1] of pictures that are uint8 (an array or a backend's tensor); anything else as it is."""
    if "uint8" not in str(array.dtype) or len(array.shape) < 3:
        return array
    array = array.astype("float32") if isinstance(array, np.ndarray) else keras.ops.cast(array, "float32")
    return array / 127.5 - 1.0
