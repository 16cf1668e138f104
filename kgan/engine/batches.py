"""Batches of arrays in an order that depends on nothing but a seed and the number of the epoch."""

import keras
import numpy as np

from kgan.engine.jitter import Jitter


class Batches(keras.utils.PyDataset):
    """Batches of images (or points) held in memory, shuffled by `(seed, epoch)`: of one array, of two that belong
    together, or of named streams.

    The order of epoch `e` is the same in every process, so that a run that was killed and resumed sees the very batches
    that it would have seen. `fit` sets `epoch`; alone, `batches[i]` is batch `i` of the current one.

    Streams are *aligned* where row `i` of each belongs to row `i` of the others: images and their labels, sources and
    their targets. Of streams that are not (the domains of a CycleGAN) each has an order of its own; the longest makes
    the epoch, and shorter ones go round again, each time in a fresh order.

    Args:
        images: array `(n, ...)`, or a dict of name to array. Pictures (three axes or more) of `uint8` are read as
            0..255 and scaled to [-1, 1], batch by batch; other whole numbers stay as they are, anything else is cast to
            float32.
        labels: array `(n, ...)` or None: labels of the images, or the targets of a translation; kept and scaled by the
            same rule. With it a batch is `(images, labels)`. Of named streams a dict of labels by stream, not
            necessarily of all; they follow the order of their stream, and a batch is a pair of dicts.
        batch_size: samples a batch; the last one is shorter where `n` is no multiple of it.
        shuffle: whether each epoch has an order of its own; without it the order is that of the arrays.
        seed: integer that fixes all orders.
        class_names: names of the classes, in the order of their labels, where the data set has them.
        aligned: whether the streams belong together row by row (default), and so are equally long.
        jitter: pictures are moved by up to so many pixels up, down, left and right, anew each epoch, the edge repeated
            into what becomes free. Aligned pictures move together. Default 0.
        flip: whether pictures are mirrored, left for right, each with probability 1/2; aligned ones together. Default
            False.

    Attributes:
        images, labels, batch_size, seed, epoch, class_names, aligned: as above.
        streams: dict of name to array: `images` and `labels`, or the names given, and `labels of ...` where there are
            such.
        count: samples that an epoch has, the length of the longest stream.

    Raises:
        ValueError: no samples, a batch size below 1, aligned streams of different length, labels beside named streams,
            or aligned pictures of different sizes that are to be moved together.

    Example:

    >>> batches = kgan.data.Batches(np.zeros((10, 8, 8, 1), "uint8"), batch_size=4)
    >>> len(batches), float(batches[0].min())
    (3, -1.0)
    >>> domains = kgan.data.Batches({"a": np.zeros((7, 2)), "b": np.ones((10, 3))}, batch_size=4, aligned=False)
    >>> {name: part.shape for name, part in domains[0].items()}
    {'a': (4, 2), 'b': (4, 3)}
    """

    def __init__(
        self,
        images,
        labels=None,
        batch_size=32,
        shuffle=True,
        seed=0,
        class_names=None,
        aligned=True,
        jitter=0,
        flip=False,
    ):
        super().__init__()
        named = isinstance(images, dict)
        if named and not images:
            raise ValueError("The data set is empty: there is no stream in it.")
        if named and labels is not None:
            check_whose(labels, images)
        self.images = {name: stored(array) for name, array in images.items()} if named else stored(images)
        self.labels = None if labels is None else keras.tree.map_structure(stored, labels) if named else stored(labels)
        self.batch_size, self.shuffle, self.seed, self.epoch = int(batch_size), shuffle, seed, 0
        self.class_names, self.aligned = class_names, aligned
        self.jitter = Jitter(jitter, flip)
        self._check()
        self.count = max(len(array) for array in self.streams.values())
        self._drawn = {}

    @property
    def streams(self):
        """Dict of name to array."""
        if isinstance(self.images, dict):
            return self.images | {f"labels of {name}": array for name, array in (self.labels or {}).items()}
        return {"images": self.images} if self.labels is None else {"images": self.images, "labels": self.labels}

    def _check(self):
        if self.batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1, not {self.batch_size}.")
        sizes = {name: len(array) if array.ndim else 0 for name, array in self.streams.items()}
        for name in [name for name, size in sizes.items() if not size]:
            where = f" {name!r}" if isinstance(self.images, dict) else ""
            raise ValueError(f"The data set{where} is empty: there is no sample to train on.")
        for name in self.labels or () if isinstance(self.images, dict) else ():
            if sizes[f"labels of {name}"] != sizes[name]:
                raise ValueError(
                    f"There are {sizes[name]} of {name!r} but {sizes[f'labels of {name}']} labels of them."
                )
        (first, *others), lengths = sizes, set(sizes.values())
        if self.aligned and len(lengths) > 1:
            other = next(name for name in others if sizes[name] != sizes[first])
            hint = ": streams that do not belong together row by row need `aligned=False`" if len(sizes) > 2 else ""
            raise ValueError(f"There are {sizes[first]} {first} but {sizes[other]} {other}{hint}.")
        self.jitter.check(self.streams, self.aligned)

    def __len__(self):
        return -(-self.count // self.batch_size)

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.pack(
            scaled(self.jitter.taken(array, self.plan(name)[rows])) for name, array in self.streams.items()
        )

    def pack(self, parts):
        """A batch of these parts, one for each stream, in the structure that a step gets."""
        parts = list(parts)
        if isinstance(self.images, dict):
            named = dict(zip(self.images, parts))
            return named if self.labels is None else (named, dict(zip(self.labels, parts[len(named) :])))
        return parts[0] if self.labels is None else tuple(parts)

    def order(self, name=None):
        """Indices of a stream's samples in the order of this epoch, int64; those of a shorter stream repeat."""
        return self.plan(name)[:, 0]

    def plan(self, name=None):
        """What becomes of a stream in this epoch, int64 `(count, 1)`: indices of its samples in their order; with
        `jitter` or `flip` `(count, 4)`: beside them how far each is moved down and right, and whether it is mirrored.
        """
        stream = list(self.streams).index(self._whose(name)) if name is not None and not self.aligned else 0
        key = (self.seed, self.epoch, *((stream,) if stream else ()))
        if self._drawn.get(stream, (None, None))[0] != key:
            size = len(list(self.streams.values())[stream])
            self._drawn[stream] = key, self._plan(np.random.default_rng(key), size)
        return self._drawn[stream][1]

    def _whose(self, name):
        """The stream that a stream goes by: labels by that which they are of."""
        return name if not isinstance(self.images, dict) or name in self.images else name.removeprefix("labels of ")

    def _plan(self, random, size):
        if self.shuffle:
            rounds = [random.permutation(size) for _ in range(-(-self.count // size))]
        else:
            rounds = [np.arange(size)] * -(-self.count // size)
        order = np.concatenate(rounds)[: self.count].astype("int64")
        return np.concatenate([order[:, None], self.jitter.drawn(self.count, random)], axis=1)

    def scale(self, images):
        """Float32 images in [-1, 1] of `images` (an array or a backend's tensor) as they are stored."""
        return scaled(images)


def check_whose(labels, streams):
    """Raise where `labels` beside named `streams` do not say of which of them they are."""
    if not isinstance(labels, dict):
        raise ValueError(
            "Labels beside named streams are given by stream, "
            f"`labels={{{next(iter(streams))!r}: ...}}`; this is one array, which belongs to none of them."
        )
    for name in labels:
        if name not in streams:
            raise ValueError(
                f"There are labels of {name!r}, but only {' and '.join(map(str, streams))} to be labelled."
            )


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
