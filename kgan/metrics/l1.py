import keras

from kgan.losses import mean_absolute_error
from kgan.metrics.pair_metric import PairMetric, of_each


def l1(target, generated):
    """The mean absolute difference of the values of each image and its target, in [0, 2].

    Args:
        target, generated: images `(n, height, width, channels)` in [-1, 1], compared row by row.

    Returns:
        numpy float32 array `(n,)`.

    Raises:
        ValueError: other or unequal shapes; images that are not finite or not in [-1, 1].

    Example:

    >>> kgan.metrics.l1(np.zeros((1, 4, 4, 1)), np.full((1, 4, 4, 1), 0.5))
    array([0.5], dtype=float32)
    """
    return of_each(mean_absolute_error, target, generated)


@keras.saving.register_keras_serializable(package="kgan")
class L1(PairMetric):
    """Mean absolute error of what a game makes of its sources, against the targets: `update_state(target, generated)`.

    Args:
        samples: int, how many pairs enter.
        name: by default the protocol, such as `l1_10k`.

    Returns:
        float in [0, 2], in the units of pixels of [-1, 1]: 2/255 is one step of 8 bits.

    Raises:
        ValueError: samples that are no images, of unequal shapes, or not in [-1, 1]; see `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.L1(samples=2)
    >>> metric.update_state(np.zeros((2, 4, 4, 1)), np.full((2, 4, 4, 1), 0.5))
    >>> metric.result()
    0.5
    """

    better = {"mean": "down"}

    def __init__(self, samples=10_000, name=None):
        super().__init__(samples, "l1_", name)

    def values(self, target, generated):
        return mean_absolute_error(target, generated)
