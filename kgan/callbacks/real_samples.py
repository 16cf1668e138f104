"""The real samples that a callback compares generated ones with."""

import numpy as np

from kgan.callbacks.distances import vectors
from kgan.engine.batches import Batches
from kgan.engine.guards import check_finite_range

BLOCK = 1024


class RealSamples:
    """Real samples held in memory as they came; float32 only where they are looked at.

    Args:
        real: array `(n, ...)`, images float32 in [-1, 1]; or `kgan.data.Batches`, of which the images are taken.
        least: how many there must be.
        owner: name of the callback, for messages.

    Raises:
        TypeError: anything else, such as a `tf.data.Dataset`.
        ValueError: fewer than `least`, or values that training would refuse too.
    """

    def __init__(self, real, least, owner):
        if isinstance(real, Batches):
            self.stored, self.scale = real.images, real.scale
        elif hasattr(real, "__array__") or isinstance(real, (list, tuple)):
            self.stored, self.scale = np.asarray(real), lambda samples: samples.astype("float32")
            check_finite_range(self.stored)
        else:
            raise TypeError(
                f"{owner} takes real samples as an array or as a set of `kgan.data`, not {type(real).__name__}: "
                "collect the images of some batches, "
                "`np.concatenate([keras.tree.flatten(batch)[0] for batch in itertools.islice(data, 20)])`."
            )
        if len(self.stored) < least:
            raise ValueError(f"{owner} needs at least {least} real samples, not {len(self.stored)}.")

    def __len__(self):
        return len(self.stored)

    def __getitem__(self, indices):
        """Samples, float32, images in [-1, 1]."""
        return np.asarray(self.scale(self.stored[indices]), "float32")

    def blocks(self, features=None):
        """All of them as vectors `(m, d)`, at most `BLOCK` at a time."""
        for start in range(0, len(self), BLOCK):
            yield vectors(self[start : start + BLOCK], features)

    def check_like(self, generated, owner):
        """Raise where `generated` samples `(n, ...)` are of another shape."""
        if generated.shape[1:] != self.stored.shape[1:]:
            raise ValueError(
                f"{owner} was given real samples of shape {self.stored.shape[1:]}, but this generator returns "
                f"{generated.shape[1:]}."
            )
