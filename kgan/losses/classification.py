"""Losses of logits over classes, one value per sample."""

from keras import ops


def cross_entropy(logits, labels):
    """-log p(c), where p = softmax of the logits.

    Args:
        logits: `(batch, classes)`, of any floating dtype and size.
        labels: integers `(batch,)`.

    Returns:
        float32 `(batch,)`.

    Example:

    >>> keras.ops.convert_to_numpy(kgan.losses.cross_entropy([[0.0, 0.0]], [1]))
    array([0.6931472], dtype=float32)
    """
    return ops.sparse_categorical_crossentropy(labels, ops.cast(logits, "float32"), from_logits=True)


def exclusion(logits, labels):
    """-log(1 - p(c)): small where a class that is wrong has little probability. Bounded below, unlike -(-log p(c)).

    Args:
        logits: `(batch, classes)`, of any floating dtype and size, at least 2 classes.
        labels: integers `(batch,)`.

    Returns:
        float32 `(batch,)`.

    Example:

    >>> keras.ops.convert_to_numpy(kgan.losses.exclusion([[0.0, 0.0]], [1]))
    array([0.6931472], dtype=float32)
    """
    logits = ops.cast(logits, "float32")
    others = ops.where(ops.one_hot(labels, logits.shape[-1], dtype="float32") > 0, -1e30, logits)
    return ops.logsumexp(logits, axis=-1) - ops.logsumexp(others, axis=-1)
