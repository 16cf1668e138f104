import functools
import numbers

import keras
from keras import ops

from kgan.metrics.pair_metric import PairMetric, of_each


def pixel_agreement(target, generated, tolerance=None):
    """The share of the values of each image that agree with its target's, as `PixelAgreement` has it.

    Args:
        target, generated: images `(n, height, width, channels)` in [-1, 1], compared row by row.
        tolerance: how far apart two values may be, in [0, 2]; None: both above 0, or neither.

    Returns:
        numpy float32 array `(n,)` in [0, 1].

    Raises:
        ValueError: another tolerance; other or unequal shapes; images that are not finite or not in [-1, 1].

    Example:

    >>> kgan.metrics.pixel_agreement(np.full((1, 4, 4, 1), 0.5), np.full((1, 4, 4, 1), 0.9))
    array([1.], dtype=float32)
    """
    agree = functools.partial(share_that_agrees, tolerance=checked_tolerance(tolerance))
    agree.__name__ = "pixel_agreement"
    return of_each(agree, target, generated)


def share_that_agrees(target, generated, tolerance):
    if tolerance is None:
        same = ops.equal(target > 0, generated > 0)
    else:
        same = ops.abs(target - generated) <= tolerance
    return ops.mean(ops.cast(same, "float32"), axis=(1, 2, 3))


def checked_tolerance(tolerance):
    """A tolerance as a float, or None."""
    if tolerance is None:
        return None
    if not isinstance(tolerance, numbers.Real) or isinstance(tolerance, bool) or not 0 <= tolerance <= 2:
        raise ValueError(f"`tolerance` is a difference of pixels of [-1, 1], from 0 to 2, or None, not {tolerance!r}.")
    return float(tolerance)


@keras.saving.register_keras_serializable(package="kgan")
class PixelAgreement(PairMetric):
    """Share of pixels in which what a game makes agrees with the targets: `update_state(target, generated)`.

    CoGAN's figure for pairs of domains that a known function joins: its image of the one sample against the other. Of
    black drawings most pixels are ground: print what a blank image gets beside it.

    Args:
        tolerance: how far apart two values may be that agree, in [0, 2]. None (default): both above 0, or neither, as
            of images of two colours, the paper's.
        samples: int, how many pairs enter.
        name: by default the protocol, such as `pixel_agreement10k`, or with a tolerance `pixel_agreement0.1_10k`.

    Returns:
        float in [0, 1]; of several channels each counts as a pixel.

    Raises:
        ValueError: another tolerance; samples that are no images, of unequal shapes, or not in [-1, 1]; see
            `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.PixelAgreement(samples=1)
    >>> metric.update_state(np.full((1, 4, 4, 1), 0.5), np.full((1, 4, 4, 1), 0.9))
    >>> metric.result()
    1.0

    References:
        Liu, Tuzel, "Coupled Generative Adversarial Networks", 2016, section 4. https://arxiv.org/abs/1606.07536
    """

    def __init__(self, tolerance=None, samples=10_000, name=None):
        self.tolerance = checked_tolerance(tolerance)
        super().__init__(samples, "pixel_agreement" + ("" if tolerance is None else f"{tolerance:g}_"), name)

    def values(self, target, generated):
        return share_that_agrees(target, generated, self.tolerance)
