import keras
import numpy as np

from kgan.metrics.arrays import as_features, as_natural
from kgan.metrics.sample_metric import SampleMetric, protocol


def inception_score(probabilities, splits=10):
    """How sure a classifier is of each sample, and how many classes they are: exp of the mean of KL(p(y|x) || p(y)).

    p(y) is the mean of p(y|x) over the split. Splits are contiguous, in the order of the samples; a small one has a
    lower score.

    Args:
        probabilities: p(y|x), `(n, classes)`: rows of at least 2 values in [0, 1] that add up to 1.
        splits: int, at most n; 10 of 5,000 is the usual protocol.

    Returns:
        dict: `mean` over the splits and their `std` (ddof 0), floats; the mean lies in [1, classes].

    Raises:
        ValueError: rows that are no probabilities, a classifier of one class, fewer samples than splits.

    Example:

    >>> round(kgan.metrics.inception_score(np.eye(10)[np.arange(100) % 10])["mean"], 6)
    10.0

    References:
        Salimans et al., "Improved Techniques for Training GANs", 2016. https://arxiv.org/abs/1606.03498
    """
    rows, splits = as_features(probabilities, "probabilities", minimum=1), as_natural(splits, "splits")
    if rows.shape[1] < 2:
        raise ValueError("The classifier has one class: the score needs probabilities of at least two.")
    if rows.min() < -1e-6 or np.abs(rows.sum(1) - 1).max() > 1e-3:
        raise ValueError(
            f"Rows must be probabilities that add up to 1, but values go from {rows.min():g} to {rows.max():g} and "
            f"sums from {rows.sum(1).min():g} to {rows.sum(1).max():g}. Logits need a softmax first."
        )
    if len(rows) < splits:
        raise ValueError(
            f"{len(rows)} samples are too few for {splits} splits: pass more, or `splits` of at most {len(rows)}."
        )
    borders = np.arange(splits + 1) * len(rows) // splits
    scores = [np.exp(information(np.maximum(rows[start:stop], 0))) for start, stop in zip(borders, borders[1:])]
    return {"mean": float(np.mean(scores)), "std": float(np.std(scores))}


def information(rows):
    """Mean of KL(row || mean row), with 0 log 0 = 0."""
    logarithms = np.log(np.where(rows > 0, rows, 1)) - np.log(np.maximum(rows.mean(0), np.finfo("float64").tiny))
    return (rows * logarithms).sum(1).mean()


@keras.saving.register_keras_serializable(package="kgan")
class InceptionScore(SampleMetric):
    """`inception_score` of generated samples: mean and deviation over contiguous splits. Real samples are not looked
    at.

    Args:
        classifier: network of samples to probabilities `(batch, classes)`: `Judge(..., output="probabilities")`,
            `Inception("probabilities")` or your own.
        samples: int. The paper takes 50,000.
        splits: int; 10 is the paper's.
        name: by default the protocol, such as `is10k_splits10_mnist-cnn`.

    Returns:
        dict of two floats, the mean under the metric's name and the deviation over splits under that name with `_std`.
        Higher is better.

    Raises:
        ValueError: no classifier, a classifier of one class or of logits, fewer `samples` than `splits`;
            see `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.InceptionScore(kgan.metrics.Judge("digits", output="probabilities"), samples=200)

    References:
        Salimans et al., "Improved Techniques for Training GANs", 2016. https://arxiv.org/abs/1606.03498
    """

    streams = ("generated",)
    network_argument = "classifier"
    better = {"mean": "up", "std": "down"}

    def __init__(self, classifier, samples=10_000, splits=10, name=None):
        require(classifier, self)
        super().__init__(classifier, samples, "is", protocol(samples, f"splits{splits}", classifier), name)
        self.splits = as_natural(splits, "splits")
        if self.samples < self.splits:
            raise ValueError(f"{samples} samples are too few for {splits} splits: lower `splits`, or raise `samples`.")

    def arguments_for(self, count):
        return {"samples": count, "splits": min(self.splits, count)}

    def compute(self, probabilities):
        return inception_score(probabilities, self.splits)


def require(classifier, metric):
    """Raise where there is no classifier."""
    if classifier is None:
        raise ValueError(
            f"{type(metric).__name__} needs a `{metric.network_argument}`, such as kgan.metrics.Judge('mnist', "
            f"output='probabilities')."
        )
