import keras
import numpy as np

from kgan.metrics.arrays import as_natural, as_pair
from kgan.metrics.distances import blocks, centred, radii
from kgan.metrics.sample_metric import SampleMetric, protocol


def precision_recall(real, generated, k=3):
    """Share of generated samples among the real ones (precision) and of real ones among the generated (recall).

    A set of samples stands for the union of balls about them, each with the distance to its k-th nearest neighbour in
    the same set (itself left out) as radius; a sample on the border is inside. Distances that differ by rounding are
    equal. They are computed in blocks: memory does not grow with n^2.

    Args:
        real, generated: features `(n, d)` with n above k; the two n may differ.
        k: int, 3 as in the paper.

    Returns:
        dict: `precision` and `recall`, floats in [0, 1].

    Raises:
        ValueError: other shapes, values that are not finite, too few samples for k neighbours.

    Example:

    >>> kgan.metrics.precision_recall([[0.0], [1.0], [2.0]], [[0.5], [9.0], [9.5]], k=1)
    {'precision': 0.3333333333333333, 'recall': 1.0}

    References:
        Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019.
            https://arxiv.org/abs/1904.06991
    """
    k = as_natural(k, "k")
    real, generated, rounding = centred(*as_pair(real, generated, minimum=k + 1))
    real_radii, generated_radii = radii(real, k) + rounding, radii(generated, k) + rounding
    recalled, precise = 0, np.zeros(len(generated), bool)
    for rows, distances in blocks(real, generated):
        recalled += (distances <= generated_radii).any(1).sum()
        precise |= (distances <= real_radii[rows, None]).any(0)
    return {"precision": float(precise.mean()), "recall": float(recalled / len(real))}


@keras.saving.register_keras_serializable(package="kgan")
class PrecisionRecall(SampleMetric):
    """`precision_recall` of generated samples against real ones, of which `samples` each are kept.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int, above k.
        k: int, 3 as in the paper.
        split: what the real samples are, for the names.
        name: by default the protocol, `precision_recall3_10k_test_mnist-cnn`.

    Returns:
        dict of two floats in [0, 1], such as `precision3_10k_test_mnist-cnn` and `recall3_10k_test_mnist-cnn`. Higher
        is better.

    Raises:
        ValueError: `samples` of at most k; see `SampleMetric` and `precision_recall`.

    Example:

    >>> metric = kgan.metrics.PrecisionRecall(samples=500)
    >>> metric.update_state(np.random.normal(size=(500, 8)), np.random.normal(size=(500, 8)))
    >>> list(metric.result())
    ['precision3_500_test_raw', 'recall3_500_test_raw']

    References:
        Kynkaanniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019.
            https://arxiv.org/abs/1904.06991
    """

    better = {"precision": "up", "recall": "up"}

    def __init__(self, features=None, samples=10_000, k=3, split="test", name=None):
        if samples <= as_natural(k, "k"):
            raise ValueError(f"{samples} samples have no {k} neighbours: `samples` must be above `k`.")
        super().__init__(features, samples, f"precision_recall{k}", f"_{protocol(samples, split, features)}", name)
        self.k, self.split = k, split

    def compute(self, real, generated):
        return precision_recall(real, generated, self.k)

    def log_name(self, part):
        return super().log_name(f"{part}{self.k}")
