"""All that training has made of a model, in memory."""

import keras
import numpy as np


class ModelState:
    """A copy of every weight, optimizer slot and random state of a compiled `AdversarialModel`.

    Args:
        model: what is copied; `put` gives a model back what was copied.
    """

    def __init__(self, model):
        self.values = [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in _variables(model)]
        self.seed, self.epochs_trained, self.outside = model.seed, model.epochs_trained, model.global_random_states()

    def put(self, model):
        """Make `model` what it was when it was copied."""
        for variable, value in zip(_variables(model), self.values):
            variable.assign(value)
        model.seed, model.epochs_trained = self.seed, self.epochs_trained
        model.restore_global_random_states(self.outside)


def _variables(model):
    return [*model.variables, *model.optimizer.variables]
