"""Moving averages of a game's networks."""

import keras
from keras import ops
from keras.src.saving.serialization_lib import SafeModeScope


class Averages:
    """What a game does with moving averages of the networks named in `averaged`; a part of `AdversarialModel`."""

    averaged = ("generator",)

    @property
    def averages(self):
        """Dict of network name to its moving average; empty where none is kept."""
        return {name: getattr(self, f"averaged_{name}") for name in self.averaged if self.ema_decay is not None}

    def keep_average(self, decay):
        """Keep an exponential moving average of the networks in `averaged`, BatchNorm's statistics included.

        Inference and evaluation use it from now on. It is updated inside the compiled step, after each move of the
        network's player, by the decay `min(decay, (1 + t) / (10 + t))` at move `t`: the initial weights are forgotten
        quickly.

        Args:
            decay: share of the old average that one step keeps, in [0, 1).

        Raises:
            ValueError: a decay outside [0, 1).
            TypeError: a network that cannot be copied.
        """
        if not 0 <= decay < 1:
            raise ValueError(f"`decay` must lie in [0, 1), not {decay}.")
        for name in self.averaged if self.ema_decay is None else ():
            with self.variables_scope():
                average = copied(getattr(self, name))
            average.trainable = False
            setattr(self, f"averaged_{name}", average)
        self.ema_decay = decay
        self.train_function = self.predict_function = self.test_function = None

    def served(self, name):
        """The network that inference and evaluation use: the moving average where one is kept, else the network."""
        return self.averages.get(name, getattr(self, name))

    def _follow(self, player):
        moves = ops.cast(self.play.optimizers[player].iterations, "float32")
        step = 1.0 - ops.minimum(self.ema_decay, (1.0 + moves) / (10.0 + moves))
        # By the networks themselves: a player need not be named like one.
        for name in [name for name in self.averages if name in self.players[player]]:
            for average, weight in zip(self.averages[name].weights, getattr(self, name).weights):
                average.assign(average + ops.cast(step, average.dtype) * (weight - average))


def copied(network):
    """A network of the same architecture and weights, whatever layers it has: classes that no registry knows,
    lambdas.
    """
    classes = {type(layer).__name__: type(layer) for layer in network._flatten_layers()}
    # Nothing comes from a file here, so a lambda is as safe as the network that holds it.
    with SafeModeScope(False), keras.saving.custom_object_scope(classes):
        try:
            copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(network))
            copy.set_weights(network.get_weights())
        except (TypeError, ValueError, NotImplementedError) as error:
            raise TypeError(
                f"A moving average needs a copy of {network.name!r}, which cannot be made: {error} Give each layer "
                f"class of your own a `get_config`."
            ) from error
    return copy
