import keras
import numpy as np

from kgan.metrics.arrays import as_natural, as_pair
from kgan.metrics.distances import blocks, centred, radii
from kgan.metrics.sample_metric import SampleMetric, protocol


def density_coverage(real, generated, k=5):
    """How deep generated samples lie among the real ones (density), and the share of real ones with a generated sample
    near (coverage).

    About each real sample lies the ball with the distance to its k-th nearest real neighbour (itself left out) as
    radius; a sample on the border is outside. Density is the mean over generated samples of the number of balls that
    hold it, over k; coverage is the share of balls that hold a generated sample. For equal distributions density is 1
    on average and coverage 1 - prod over i = 1..k of (n - i) / (2 n - i), about 1 - 2^-k: 0.969 for k = 5.

    Args:
        real: features `(n, d)` with n above k.
        generated: features `(m, d)`.
        k: int, 5 as in the paper.

    Returns:
        dict: `density`, a float of at least 0 that may exceed 1, and `coverage`, a float in [0, 1].

    Raises:
        ValueError: other shapes, values that are not finite, too few samples for k neighbours.

    Example:

    >>> kgan.metrics.density_coverage([[0.0], [1.0], [3.0]], [[0.5], [0.6], [9.0]], k=1)
    {'density': 1.3333333333333333, 'coverage': 0.6666666666666666}

    References:
        Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020.
            https://arxiv.org/abs/2002.09797
    """
    k = as_natural(k, "k")
    real, generated, rounding = centred(*as_pair(real, generated, minimum=k + 1))
    borders = radii(real, k) - rounding
    inside, covered = 0, 0
    for rows, distances in blocks(real, generated):
        held = np.count_nonzero(distances < borders[rows, None], axis=1)
        inside, covered = inside + held.sum(), covered + np.count_nonzero(held)
    return {"density": float(inside / (k * len(generated))), "coverage": float(covered / len(real))}


@keras.saving.register_keras_serializable(package="kgan")
class DensityCoverage(SampleMetric):
    """`density_coverage` of generated samples against real ones, of which `samples` each are kept.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int, above k.
        k: int, 5 as in the paper.
        split: what the real samples are, for the names.
        name: by default the protocol, `density_coverage5_10k_test_mnist-cnn`.

    Returns:
        dict of two floats, such as `density5_10k_test_mnist-cnn` and `coverage5_10k_test_mnist-cnn`. Higher is better,
        up to 1 and about 1 - 2^-k.

    Raises:
        ValueError: `samples` of at most k; see `SampleMetric` and `density_coverage`.

    Example:

    >>> metric = kgan.metrics.DensityCoverage(samples=500)
    >>> metric.update_state(np.random.normal(size=(500, 8)), np.random.normal(size=(500, 8)))
    >>> list(metric.result())
    ['density5_500_test_raw', 'coverage5_500_test_raw']

    References:
        Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020.
            https://arxiv.org/abs/2002.09797
    """

    better = {"density": "up", "coverage": "up"}

    def __init__(self, features=None, samples=10_000, k=5, split="test", name=None):
        if samples <= as_natural(k, "k"):
            raise ValueError(f"{samples} samples have no {k} neighbours: `samples` must be above `k`.")
        super().__init__(features, samples, f"density_coverage{k}", f"_{protocol(samples, split, features)}", name)
        self.k, self.split = k, split

    def compute(self, real, generated):
        return density_coverage(real, generated, self.k)

    def log_name(self, part):
        return super().log_name(f"{part}{self.k}")
