import keras
import numpy as np

from kgan.metrics.arrays import as_equally_many, as_natural
from kgan.metrics.distances import BLOCK
from kgan.metrics.sample_metric import SampleMetric, protocol


def sliced_wasserstein(real, generated, projections=512, seed=0):
    """Wasserstein distance of two samples on random lines: on a line the best transport plan is the sorted order.

        SW^2 = E over unit directions u of the mean over i of (sorted(real u)_i - sorted(generated u)_i)^2

    A translation by t gives ||t|| / sqrt(d) on average.

    Args:
        real, generated: `(n, d)`, equally many; points, flattened pixels or features.
        projections: number of random directions.
        seed: fixes them.

    Returns:
        float, at least 0, on the scale of the samples.

    Raises:
        ValueError: other shapes, values that are not finite.

    Example:

    >>> round(kgan.metrics.sliced_wasserstein([[0.0], [1.0]], [[4.0], [3.0]]), 6)
    3.0

    References:
        Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", 2015.
            https://doi.org/10.1007/s10851-014-0506-3
    """
    real, generated = as_equally_many(real, generated, minimum=1)
    projections, random, total = as_natural(projections, "projections"), np.random.RandomState(seed), 0.0
    width = max(1, BLOCK // len(real))
    for start in range(0, projections, width):
        directions = random.randn(min(width, projections - start), real.shape[1])
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        total += np.square(np.sort(directions @ real.T) - np.sort(directions @ generated.T)).mean(1).sum()
    return float(np.sqrt(total / projections))


@keras.saving.register_keras_serializable(package="kgan")
class SlicedWasserstein(SampleMetric):
    """`sliced_wasserstein` of real and generated samples, of which `samples` each are kept.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int.
        projections: number of random directions.
        split: what the real samples are, for the name.
        seed: fixes the directions.
        name: by default the protocol, such as `sliced_wasserstein512_10k_test_raw`.

    Returns:
        float, at least 0; lower is better.

    Raises:
        ValueError: see `SampleMetric` and `sliced_wasserstein`.

    Example:

    >>> metric = kgan.metrics.SlicedWasserstein(samples=500)
    >>> metric.update_state(np.zeros((500, 2)), np.ones((500, 2)))
    >>> round(metric.result(), 1)
    1.0

    References:
        Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", 2015.
            https://doi.org/10.1007/s10851-014-0506-3
    """

    better = {"mean": "down"}

    def __init__(self, features=None, samples=10_000, projections=512, split="test", seed=0, name=None):
        projections = as_natural(projections, "projections")
        super().__init__(
            features, samples, f"sliced_wasserstein{projections}", f"_{protocol(samples, split, features)}", name
        )
        self.projections, self.split, self.seed = projections, split, seed

    def compute(self, real, generated):
        return sliced_wasserstein(real, generated, self.projections, self.seed)
