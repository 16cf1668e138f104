"""One optimizer a player, in the one slot that Keras has for an optimizer."""

import keras


class PlayerOptimizers(keras.optimizers.Optimizer):
    """What a game's `model.optimizer` is: a container of the players' optimizers, built on their variables.

    Saving, `fit`'s last act and JAX's state go through the slot `optimizer`; they see every player's state there, once.
    It has no learning rate of its own and moves nothing itself.

    Args:
        optimizers: dict of player to `keras.optimizers.Optimizer`; the last player is the one that moves once a train
            step.
        variables: dict of player to the list of variables it moves.

    Attributes:
        optimizers: list of the players' optimizers, as `TensorBoard` and `SwapEMAWeights` read them.
    """

    def __init__(self, optimizers, variables):
        super().__init__(learning_rate=0.0, name="player_optimizers")
        self.optimizers = list(optimizers.values())
        self._moved = _Moved(variables)
        for player, optimizer in optimizers.items():
            optimizer.build(variables[player])
        self.built = True

    @property
    def variables(self):
        return [variable for optimizer in self.optimizers for variable in optimizer.variables]

    @property
    def iterations(self):
        """Moves of the last player: one a train step."""
        return self.optimizers[-1].iterations

    @property
    def learning_rate(self):
        """The last player's, for what only reads it, such as a logger."""
        return self.optimizers[-1].learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        names = " or ".join(f"`{player}_optimizer`" for player in self._moved.variables)
        raise AttributeError(f"A game has no single learning rate: set that of the model's {names}.")

    def apply(self, grads, trainable_variables=None):
        raise NotImplementedError("Players move one at a time: call the model's `minimize(player, loss)`.")

    def finalize_variable_values(self, var_list):
        for optimizer, variables in zip(self.optimizers, self._moved.variables.values()):
            optimizer.finalize_variable_values(variables)

    def save_own_variables(self, store):
        """Nothing of its own: the players' optimizers are saved as its children."""

    def load_own_variables(self, store):
        """Nothing of its own."""


class _Moved:
    """Whom each optimizer moves: in a plain object, since Keras would save a list or a dict of variables once more."""

    def __init__(self, variables):
        self.variables = variables
