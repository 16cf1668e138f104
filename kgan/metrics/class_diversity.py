import keras
import numpy as np
from keras import ops

from kgan.metrics.arrays import as_natural
from kgan.metrics.class_accuracy import as_labels
from kgan.metrics.multiscale_ssim import as_images, scales, similarity
from kgan.metrics.sample_metric import SampleMetric, sample_count


@keras.saving.register_keras_serializable(package="kgan")
class ClassDiversity(SampleMetric):
    """How alike images of one class are: mean MS-SSIM over all pairs within a class, then the mean over classes.
    `update_state(labels, images)`.

    A generator that shows each class by one image has 1. Compare with the same number of real images: a higher value
    means less diversity. Below 176 pixels a side it depends on a convention, `multiscale_ssim`'s, and compares with
    no other's.

    Args:
        samples: int, how many images of all classes together enter; 1,000 are 100 of each of 10 classes, 5,000 pairs a
            class.
        name: by default the protocol, such as `class_ms_ssim1000`.

    Returns:
        float in [0, 1]; lower is more diverse.

    Raises:
        ValueError: images of fewer than 16 pixels a side or outside [-1, 1], a class of a single image; see
            `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.ClassDiversity(samples=297)
    >>> images, labels = kgan.data.digits(28, "test", labels=True, batch_size=297)[0]
    >>> metric.update_state(labels, images)

    References:
        Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017.
            https://arxiv.org/abs/1610.09585
    """

    streams = ("generated",)
    takes = ("labels", "generated")
    better = {"mean": "down"}
    least = 2

    def __init__(self, samples=1000, name=None):
        super().__init__(None, samples, "class_ms_ssim", sample_count(as_natural(samples, "samples")), name)

    def build(self, sample_shape):
        self.image_shape = tuple(sample_shape)
        super().build(sample_shape)

    def create(self, width):
        # The label stands before the pixels.
        super().create(width + 1)

    def update_state(self, labels, images):
        """Take in a batch of integer labels `(batch,)` and of images of these classes."""
        self.prepare(images)
        self.check_range(images)
        labels = ops.expand_dims(ops.cast(as_labels(labels), "float32"), 1)
        rows = ops.concatenate([labels, self.rows(images)], axis=1)
        self.keep("generated", rows, self.places("generated", ops.shape(rows)[0]))

    def compute(self, rows):
        images, labels = rows[:, 1:].reshape(-1, *self.image_shape), rows[:, 0].astype(int)
        classes, counts = np.unique(labels, return_counts=True)
        if counts.min() < 2:
            raise ValueError(
                f"Class {classes[counts.argmin()]} has one image among the {self.samples:,} that enter, but a pair "
                "needs two: raise `samples`, and evaluate on as many."
            )
        return np.mean([pairwise(images[labels == label]) for label in classes])


def pairwise(images, value_range=2.0):
    """Mean MS-SSIM over all pairs of different images."""
    levels, total = scales(as_images(images, "images", value_range)), 0.0
    for index in range(len(images) - 1):
        one, others = (
            [tuple(part[rows] for part in level) for level in levels]
            for rows in (slice(index, index + 1), slice(index + 1, None))
        )
        total += similarity(one, others, value_range).sum()
    return total / (len(images) * (len(images) - 1) / 2)
