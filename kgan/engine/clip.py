"""Clipping of weights as a constraint, which an optimizer applies after each of its own moves, inside the compiled
step.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class Clip(keras.constraints.Constraint):
    """Clip every weight to [-limit, limit].

    Args:
        limit: positive float.
    """

    def __init__(self, limit):
        if not limit > 0:
            raise ValueError(f"Weights are clipped to [-limit, limit], so `limit` must be positive, not {limit}.")
        self.limit = limit

    def __call__(self, weights):
        return ops.clip(weights, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}
