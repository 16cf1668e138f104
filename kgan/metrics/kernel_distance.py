import keras
import numpy as np

from kgan.metrics.arrays import as_natural, as_pair
from kgan.metrics.sample_metric import SampleMetric, protocol

SUBSET_SIZE = 1000


def kernel_distance(real, generated, subsets=100, subset_size=None, seed=0):
    """Squared maximum mean discrepancy of two sets of features under k(x, y) = (x.y / d + 1)^3: KID, where a network
    trained elsewhere computes them.

    Each subset of m real and m generated samples, drawn without replacement, gives an unbiased estimate:

        (sum over i != j of k(x_i, x_j) + sum over i != j of k(y_i, y_j)) / (m (m - 1)) - 2 sum over i, j of k(x_i, y_j)
        / m^2

    It is 0 on average for equal distributions, whatever the number of samples, and may be negative.

    Args:
        real, generated: features `(n, d)`; the two n may differ.
        subsets: number of subsets, 100 as in the paper's tables and torch-fidelity's.
        subset_size: m; None is 1000, or all of the smaller set where it has fewer. With all samples of both sets every
            subset is the same.
        seed: fixes the subsets, as torch-fidelity's `rng_seed` does.

    Returns:
        dict: `mean` over the subsets and their `std` (ddof 0), floats.

    Raises:
        ValueError: other shapes, values that are not finite, a subset size below 2 or above the number of samples.

    Example:

    >>> real, generated = np.random.RandomState(0).randn(500, 8), np.random.RandomState(1).randn(500, 8) * 1.2 + 0.3
    >>> round(kgan.metrics.kernel_distance(real, generated)["mean"], 6)
    0.637361

    References:
        Binkowski et al., "Demystifying MMD GANs", 2018. https://arxiv.org/abs/1801.01401
    """
    real, generated = as_pair(real, generated)
    subsets, fewest = as_natural(subsets, "subsets"), min(len(real), len(generated))
    size = min(SUBSET_SIZE, fewest) if subset_size is None else as_natural(subset_size, "subset_size")
    if not 2 <= size <= fewest:
        raise ValueError(
            f"`subset_size` must be between 2 and the number of samples: {size} of {len(real)} real and "
            f"{len(generated)} generated ones."
        )
    random = np.random.RandomState(seed)

    def chosen(features):
        return features[random.choice(len(features), size, replace=False)]

    estimates = [discrepancy(chosen(real), chosen(generated)) for _ in range(subsets)]
    return {"mean": float(np.mean(estimates)), "std": float(np.std(estimates))}


def discrepancy(first, second):
    """The unbiased estimate on equally many samples."""
    size = len(first)

    def kernel_sum(a, b):
        values = a @ b.T / a.shape[1] + 1
        return np.einsum("ij,ij,ij->", values, values, values)

    def diagonal_sum(a):
        return ((np.square(a).sum(1) / a.shape[1] + 1) ** 3).sum()

    within = kernel_sum(first, first) - diagonal_sum(first) + kernel_sum(second, second) - diagonal_sum(second)
    return within / (size * (size - 1)) - 2 * kernel_sum(first, second) / size**2


@keras.saving.register_keras_serializable(package="kgan")
class KernelDistance(SampleMetric):
    """`kernel_distance` of real and generated samples (KID), drawn from `samples` of each that are kept.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int, how many real and generated samples the subsets are drawn from.
        subsets, subset_size: how many, and of how many samples each; 100 of 1000, as in the paper's tables and
            torch-fidelity's.
        split: what the real samples are, for the name.
        seed: fixes the subsets.
        name: by default the protocol, such as `kid100x1000_test_mnist-cnn`.

    Returns:
        dict of two floats, the mean under the metric's name and the deviation over subsets under that name with `_std`.
        Lower is better; 0 is what equal distributions have on average.

    Raises:
        ValueError: a subset size below 2 or above `samples`; see `SampleMetric` and `kernel_distance`.

    Example:

    >>> metric = kgan.metrics.KernelDistance(samples=500, subset_size=100)
    >>> metric.update_state(np.random.normal(size=(500, 8)), np.random.normal(size=(500, 8)))
    >>> list(metric.result())
    ['kid100x100_test_raw', 'kid100x100_test_raw_std']

    References:
        Binkowski et al., "Demystifying MMD GANs", 2018. https://arxiv.org/abs/1801.01401
    """

    better = {"mean": "down", "std": "down"}

    def __init__(self, features=None, samples=10_000, subsets=100, subset_size=1000, split="test", seed=0, name=None):
        if not 2 <= subset_size <= samples:
            raise ValueError(f"`subset_size` must be between 2 and `samples`, {samples}, not {subset_size}.")
        network = protocol(samples, split, features).split("_", 1)[1]
        super().__init__(features, samples, f"kid{subsets}x{subset_size}_", network, name)
        self.subsets, self.subset_size, self.split, self.seed = as_natural(subsets, "subsets"), subset_size, split, seed

    def arguments_for(self, count):
        return {"samples": count, "subset_size": min(self.subset_size, count)}

    def compute(self, real, generated):
        return kernel_distance(real, generated, self.subsets, self.subset_size, self.seed)
