import numpy as np

from kgan.engine.batches import Batches


def floor(metric, first, second, batch_size=256):
    """The metric of real samples against other real samples: what a perfect generator would score. Print it beside
    every score.

    The sets must not overlap, and each must have as many samples as the metric's protocol takes: the floor depends on
    them. For the metrics of `update_state(labels, images)` pass labels and images of real samples.

    Args:
        metric: any metric of this room; a fresh one of the same arguments and network is fed, and `metric` itself stays
            as it is.
        first, second: arrays `(n, ...)`, or `Batches` of which the images are taken.
        batch_size: samples at a time.

    Returns:
        what `metric.result()` returns.

    Raises:
        ValueError: different numbers of samples, or too few; a metric whose network has lost its weights.

    Example:

    >>> metric = kgan.metrics.FrechetDistance(samples=700)
    >>> images = kgan.data.digits().images / 127.5 - 1
    >>> kgan.metrics.floor(metric, images[:700], images[700:1400])
    """
    metric.check_weights()
    fresh = type(metric)(**metric.arguments())
    first, second = (
        values.scale(values.images) if isinstance(values, Batches) else np.asarray(values) for values in (first, second)
    )
    if len(first) != len(second):
        fewest = min(len(first), len(second))
        raise ValueError(
            f"The two sets must have equally many samples, not {len(first)} and {len(second)}: "
            f"take `[:{fewest}]` of each."
        )
    for start in range(0, len(first), batch_size):
        fresh.update_state(first[start : start + batch_size], second[start : start + batch_size])
    return fresh.result()
