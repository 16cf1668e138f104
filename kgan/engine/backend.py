"""The primitives of the backend that Keras runs on."""

import keras
from keras import ops

if keras.config.backend() == "tensorflow":
    from kgan.engine import tensorflow as primitives
elif keras.config.backend() == "jax":
    from kgan.engine import jax as primitives
elif keras.config.backend() == "torch":
    from kgan.engine import torch as primitives
else:
    raise ImportError(f"kgan trains on TensorFlow, JAX and PyTorch; Keras runs on {keras.config.backend()!r} here.")

BackendTrainer = primitives.BackendTrainer
apply = primitives.apply
compiling = primitives.compiling
double_precision = primitives.double_precision
gradient = primitives.gradient
gradients_at = primitives.gradients_at
input_gradient = primitives.input_gradient
record = primitives.record
replicas = primitives.replicas
returned = primitives.returned
share = primitives.share


def own_share(like, draw):
    """As many of the random rows `draw(count)` as `like` has samples: replicas hold the same random state, and each
    takes its share of one device's.
    """
    count = ops.shape(like)[0]
    before, together = share(count)
    return draw(together)[before : before + count]


def share_of_mean(values):
    """This replica's part of the mean of `values`, one a sample or one for all: the parts of all replicas, whose shares
    may differ in size, add up to it.
    """
    values = ops.mean(values, axis=tuple(range(1, len(values.shape)))) if len(values.shape) > 1 else values
    if replicas() == 1:
        return ops.mean(values)
    if len(values.shape) == 0:
        return values / replicas()
    _, together = share(ops.shape(values)[0])
    return ops.sum(values) / ops.cast(together, values.dtype)


__all__ = [
    "BackendTrainer",
    "apply",
    "compiling",
    "double_precision",
    "gradient",
    "gradients_at",
    "input_gradient",
    "own_share",
    "record",
    "returned",
    "share_of_mean",
]
