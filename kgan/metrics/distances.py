"""Distances between all pairs of two sets of features, in blocks of bounded memory."""

import numpy as np

BLOCK = 2**23  # distances held at a time, 64 MiB
ROUNDING = 1e-12  # of the squared norms: within it two distances are the same


def centred(real, generated):
    """Both sets about their common mean, where squared distances lose the fewest digits, and the difference of squared
    distances that is rounding.
    """
    mean = (real.mean(0) * len(real) + generated.mean(0) * len(generated)) / (len(real) + len(generated))
    real, generated = real - mean, generated - mean
    return real, generated, ROUNDING * max(np.square(real).sum(1).max(), np.square(generated).sum(1).max())


def squared_distances(first, second):
    """Squared Euclidean distances `(n, m)` of vectors `(n, d)` and `(m, d)`, at least 0. Of float64: squares cancel
    where two vectors are close.
    """
    distances = first @ second.T
    distances *= -2
    distances += np.square(second).sum(1)
    distances += np.square(first).sum(1)[:, None]
    return np.maximum(distances, 0, out=distances)


def blocks(first, second):
    """Pairs of a slice of the rows of `first` and their squared distances to all rows of `second`, `(rows,
    len(second))`.
    """
    height = max(1, BLOCK // len(second))
    for start in range(0, len(first), height):
        rows = slice(start, min(start + height, len(first)))
        yield rows, squared_distances(first[rows], second)


def radii(features, k):
    """Squared distance of each sample to its k-th nearest neighbour, itself left out."""
    result = np.empty(len(features))
    for rows, distances in blocks(features, features):
        distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = np.inf
        result[rows] = np.partition(distances, k - 1, axis=1)[:, k - 1]
    return result
