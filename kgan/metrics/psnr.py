import math

import keras
from keras import ops

from kgan.losses import mean_squared_error
from kgan.metrics.pair_metric import PairMetric, of_each

PEAK = 2.0  # of images in [-1, 1]
CEILING = 100.0


def psnr(target, generated):
    """Peak signal-to-noise ratio of each image, in dB: `10 log10(4 / mean squared error)`, since pixels of [-1, 1]
    differ by 2 at most.

    Args:
        target, generated: images `(n, height, width, channels)` in [-1, 1], compared row by row.

    Returns:
        numpy float32 array `(n,)`; infinite where an image is its target, as in scikit-image.

    Raises:
        ValueError: other or unequal shapes; images that are not finite or not in [-1, 1].

    Example:

    >>> kgan.metrics.psnr(np.zeros((1, 4, 4, 1)), np.full((1, 4, 4, 1), 0.2))
    array([20.], dtype=float32)
    """
    return of_each(decibels, target, generated)


def decibels(target, generated):
    error = mean_squared_error(target, generated)
    return -10.0 / math.log(10.0) * ops.log(error / PEAK**2)


@keras.saving.register_keras_serializable(package="kgan")
class PSNR(PairMetric):
    """Peak signal-to-noise ratio of what a game makes of its sources, against the targets:
    `update_state(target, generated)`.

    The mean over images of each image's own `10 log10(4 / mean squared error)`, as papers on super-resolution have it;
    that of the mean error is lower. An image that is its target, whose ratio is infinite, counts 100 dB, and so does
    any of more: beyond 59 dB nothing differs in 8 bits, and one perfect image must not hide all others.

    Args:
        samples: int, how many pairs enter.
        name: by default the protocol, such as `psnr10k`.

    Returns:
        float in dB, at most 100.

    Raises:
        ValueError: samples that are no images, of unequal shapes, or not in [-1, 1]; see `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.PSNR(samples=2)
    >>> metric.update_state(np.zeros((2, 4, 4, 1)), np.full((2, 4, 4, 1), 0.2))
    >>> metric.result()
    20.0

    References:
        Huynh-Thu, Ghanbari, "Scope of validity of PSNR in image/video quality assessment", 2008.
            https://doi.org/10.1049/el:20080522
    """

    def __init__(self, samples=10_000, name=None):
        super().__init__(samples, "psnr", name)

    def values(self, target, generated):
        return ops.minimum(decibels(target, generated), CEILING)
