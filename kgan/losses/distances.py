"""How far samples are from others, one value per sample."""

from keras import ops


def mean_absolute_error(one, other):
    """Mean absolute difference of each sample, L1.

    Args:
        one, other: tensors `(batch, ...)` of one shape.

    Returns:
        float32 tensor `(batch,)`.

    Example:

    >>> error = kgan.losses.mean_absolute_error(np.zeros((2, 4), "float32"), np.ones((2, 4), "float32"))
    >>> keras.ops.convert_to_numpy(error)
    array([1., 1.], dtype=float32)
    """
    return _mean(ops.abs(ops.cast(one, "float32") - ops.cast(other, "float32")))


def mean_squared_error(one, other):
    """Mean squared difference of each sample, L2; arguments and result as of `mean_absolute_error`.

    Example:

    >>> error = kgan.losses.mean_squared_error(np.zeros((2, 4), "float32"), 2 * np.ones((2, 4), "float32"))
    >>> keras.ops.convert_to_numpy(error)
    array([4., 4.], dtype=float32)
    """
    return _mean(ops.square(ops.cast(one, "float32") - ops.cast(other, "float32")))


def _mean(values):
    return ops.mean(values, axis=tuple(range(1, len(values.shape))))
