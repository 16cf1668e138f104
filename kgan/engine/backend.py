"""The primitives of the backend that Keras runs on."""

import keras

if keras.config.backend() == "tensorflow":
    from kgan.engine.tensorflow import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, share
elif keras.config.backend() == "jax":
    from kgan.engine.jax import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, share
elif keras.config.backend() == "torch":
    from kgan.engine.torch import BackendTrainer, apply, compiling, double_precision, gradient, input_gradient, record, replicas, share
else:
    raise ImportError(f"kgan trains on TensorFlow, JAX and PyTorch; Keras runs on {keras.config.backend()!r} here.")

__all__ = ["BackendTrainer", "apply", "compiling", "double_precision", "gradient", "input_gradient", "record", "replicas", "share"]
