import numpy as np
from keras import ops

from kgan.metrics.arrays import as_array
from kgan.metrics.sample_metric import SLACK, SampleMetric, as_alike, out_of_range, sample_count

BATCH = 256


class PairMetric(SampleMetric):
    """What the metrics of pairs share: the mean over images of how near each made image is to its own target.

    Fed by `update_state(target, generated)`, images `(batch, height, width, channels)` in [-1, 1], row by row; the
    first `samples` pairs enter. A subclass says in `values` what a pair counts.

    Args:
        samples: int, how many pairs enter.
        kind: what the name begins with where `name` is None; the number of samples follows.
        name: name of the metric.

    Raises:
        ValueError: see `SampleMetric`; by `update_state`: samples that are no images.
    """

    streams = ("generated",)
    takes = ("target", "generated")
    better = {"mean": "up"}

    def __init__(self, samples, kind, name=None):
        super().__init__(None, samples, kind, sample_count(samples), name)

    def values(self, target, generated):
        """What each pair of float32 images counts, `(batch,)`."""
        raise NotImplementedError

    def create(self, width):
        self.total = self.add_variable((), "zeros", name="total")

    def looks_at_images(self, samples):
        return True

    def update_state(self, target, generated):
        """Take in a batch of targets and one of the images made for them."""
        target, generated = as_alike("Targets", target, generated)
        check_images(target.shape, type(self).__name__)
        self.prepare(generated)
        for images in (target, generated):
            self.check_range(images)
        values = self.values(ops.cast(target, "float32"), ops.cast(generated, "float32"))
        enters = self.places("generated", ops.shape(values)[0]) < self.samples
        self.total.assign(self.total.value + ops.sum(ops.where(enters, values, 0.0)))

    def result(self):
        self.check_complete()
        return float(self.read(self.total)) / self.samples


def check_images(shape, taker):
    """Raise where samples of this shape, the batch in front, are no images."""
    if len(shape) != 4:
        raise ValueError(f"{taker} compares images (batch, height, width, channels), not samples {tuple(shape)}.")


def of_each(values, target, generated):
    """What `values` says of each pair of images, arrays `(n, height, width, channels)` in [-1, 1]: float32 `(n,)`.

    Raises:
        ValueError: other or unequal shapes; images that are not finite or not in [-1, 1].
    """
    arrays = {"target": as_array(target, "target"), "generated": as_array(generated, "generated")}
    target, generated = (images.astype("float32") for images in arrays.values())
    if target.shape != generated.shape:
        raise ValueError(
            f"`target` and `generated` are compared image by image, but have the shapes {target.shape} and "
            f"{generated.shape}."
        )
    check_images(target.shape, values.__name__)
    for name, images in arrays.items():
        if images.size and np.abs(images).max() > SLACK:
            raise ValueError(f"`{name}` must lie in [-1, 1], but {out_of_range(images)}.")
    parts = [slice(start, start + BATCH) for start in range(0, len(target), BATCH)]
    measured = [ops.convert_to_numpy(values(*map(ops.convert_to_tensor, (target[p], generated[p])))) for p in parts]
    return np.concatenate([np.zeros(0, "float32"), *measured])
