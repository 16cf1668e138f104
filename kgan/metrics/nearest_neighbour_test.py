import keras
import numpy as np

from kgan.metrics.arrays import as_equally_many
from kgan.metrics.distances import blocks, centred
from kgan.metrics.sample_metric import SampleMetric, protocol


def nearest_neighbour_test(real, generated):
    """Accuracy with which the nearest other sample tells whether a sample is real or generated (leave-one-out, k = 1).

    0.5 is what equal distributions have; 1 is two sets apart; below 0.5 generated samples lie nearer to single real
    ones than those to each other: they were copied. `real` and `generated` are the accuracies on the two sets: a low
    one on the real set with a high one on the generated is a collapse onto few modes. A sample as near to its own set
    as to the other counts half, where distances that differ by rounding are equal.

    Args:
        real, generated: features `(n, d)`, equally many, n of at least 2.

    Returns:
        dict: `accuracy`, the mean of `real` and `generated`, floats in [0, 1].

    Raises:
        ValueError: other shapes, values that are not finite.

    Example:

    >>> kgan.metrics.nearest_neighbour_test([[0.0], [1.0]], [[5.0], [6.0]])
    {'accuracy': 1.0, 'real': 1.0, 'generated': 1.0}

    References:
        Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", 2017. https://arxiv.org/abs/1610.06545
        Xu et al., "An Empirical Study on Evaluation Metrics of Generative Adversarial Networks", 2018.
            https://arxiv.org/abs/1806.07755
    """
    real, generated, rounding = centred(*as_equally_many(real, generated))
    to_generated, to_real = np.empty(len(real)), np.full(len(generated), np.inf)
    for rows, distances in blocks(real, generated):
        to_generated[rows] = distances.min(1)
        to_real = np.minimum(to_real, distances.min(0))
    accuracies = [
        share_nearer(nearest(real), to_generated, rounding),
        share_nearer(nearest(generated), to_real, rounding),
    ]
    return {"accuracy": sum(accuracies) / 2, "real": accuracies[0], "generated": accuracies[1]}


def nearest(features):
    """Squared distance of each sample to the nearest other one."""
    result = np.empty(len(features))
    for rows, distances in blocks(features, features):
        distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = np.inf
        result[rows] = distances.min(1)
    return result


def share_nearer(own, other, rounding):
    """Share of samples nearer to their own set than to the other, ties counted half."""
    return float(((own < other - rounding).mean() + (own <= other + rounding).mean()) / 2)


@keras.saving.register_keras_serializable(package="kgan")
class NearestNeighbourTest(SampleMetric):
    """`nearest_neighbour_test` of real and generated samples, of which `samples` each are kept.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int, at least 2.
        split: what the real samples are, for the names.
        name: by default the protocol, `nearest_neighbour_10k_test_mnist-cnn`.

    Returns:
        dict of three floats in [0, 1], `accuracy_`, `real_` and `generated_nearest_neighbour_10k_test_mnist-cnn`; 0.5
        is best.

    Raises:
        ValueError: see `SampleMetric` and `nearest_neighbour_test`.

    Example:

    >>> metric = kgan.metrics.NearestNeighbourTest(samples=500)
    >>> metric.update_state(np.random.normal(size=(500, 8)), np.random.normal(size=(500, 8)))
    >>> list(metric.result())[0]
    'accuracy_nearest_neighbour_500_test_raw'

    References:
        Xu et al., "An Empirical Study on Evaluation Metrics of Generative Adversarial Networks", 2018.
            https://arxiv.org/abs/1806.07755
    """

    # A generator comes to 0.5 from above, where its samples are easily told.
    better = {"accuracy": "down", "real": "down", "generated": "down"}
    least = 2

    def __init__(self, features=None, samples=10_000, split="test", name=None):
        super().__init__(features, samples, "", f"nearest_neighbour_{protocol(samples, split, features)}", name)
        self.split = split

    def compute(self, real, generated):
        return nearest_neighbour_test(real, generated)
