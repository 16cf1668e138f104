"""The primitives of the backend that Keras runs on."""

import keras
from keras import ops

if keras.config.backend() == "tensorflow":
    from kgan.engine.tensorflow import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, returned, share
elif keras.config.backend() == "jax":
    from kgan.engine.jax import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, returned, share
elif keras.config.backend() == "torch":
    from kgan.engine.torch import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, returned, share
else:
    raise ImportError(f"kgan trains on TensorFlow, JAX and PyTorch; Keras runs on {keras.config.backend()!r} here.")


def own_share(like, draw):
    """As many of the random rows `draw(count)` as `like` has samples: replicas hold the same random state, and each takes its share of one device's."""
    count = ops.shape(like)[0]
    before, together = share(count)
    return draw(together)[before : before + count]


__all__ = ["BackendTrainer", "apply", "compiling", "double_precision", "gradient", "input_gradient", "own_share", "record", "replicas", "returned"]
