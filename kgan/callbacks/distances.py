"""Distances between samples, block by block, so that no matrix of all pairs is ever in memory."""

import numpy as np
from keras import ops

from kgan.metrics.distances import blocks, squared_distances


def vectors(samples, features=None):
    """Samples `(n, ...)` as float64 vectors `(n, d)`: themselves, or what the Keras model `features` makes of them in
    inference mode.
    """
    samples = np.asarray(samples, "float32")
    if features is not None:
        parts = (features(samples[start : start + 256], training=False) for start in range(0, len(samples), 256))
        samples = np.concatenate([ops.convert_to_numpy(ops.cast(part, "float32")) for part in parts])
    return samples.reshape(len(samples), -1).astype("float64")


def mean_pairwise_distance(a):
    """Mean Euclidean distance of two different ones among vectors `(n, d)`, n at least 2."""
    return sum(np.sqrt(squares).sum() for _, squares in blocks(a, a)) / (len(a) * (len(a) - 1))


def nearest(queries, count, references, themselves=None):
    """The nearest ones to each query.

    Args:
        queries: vectors `(n, d)`.
        count: how many of the nearest to find.
        references: iterable of vectors `(m, d)`, part by part, `count` of them or more in all.
        themselves: for queries that are references: the index of each among them, `(n,)`, which is left out.

    Returns:
        indices among all references, int64 `(n, count)`, and their distances, float64 `(n, count)`, nearest first.
    """
    indices, found = np.zeros((len(queries), 0), "int64"), np.zeros((len(queries), 0))
    start = 0
    for block in references:
        here = np.sqrt(squared_distances(queries, block))
        if themselves is not None:
            inside = (themselves >= start) & (themselves < start + len(block))
            here[inside, themselves[inside] - start] = np.inf
        indices = np.concatenate([indices, np.broadcast_to(start + np.arange(len(block)), here.shape)], axis=1)
        found = np.concatenate([found, here], axis=1)
        order = np.argsort(found, axis=1, kind="stable")[:, :count]
        indices, found = np.take_along_axis(indices, order, 1), np.take_along_axis(found, order, 1)
        start += len(block)
    return indices, found
