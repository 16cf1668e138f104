"""Features that several tests share: the deterministic vectors of the metrics' definitions."""

import numpy as np

REAL = np.random.RandomState(0).randn(500, 8)
GENERATED = np.random.RandomState(1).randn(500, 8) * 1.2 + 0.3
SAME = np.random.RandomState(2).randn(500, 8)


def feed(metric, first, second, batch_size=64):
    """The metric's result on two arrays, in batches of which the last is short."""
    for start in range(0, len(first), batch_size):
        metric.update_state(first[start : start + batch_size], second[start : start + batch_size])
    return metric.result()
