"""One optimizer a player, in the one slot that Keras has for an optimizer."""

import keras


class PlayerOptimizers(keras.optimizers.Optimizer):
    """What a game's `model.optimizer` is: a container of the players' optimizers, built on their variables.

    Saving, `fit`'s last act and JAX's state go through the slot `optimizer`; they see every player's state there, once. It has no learning rate of
    its own and moves nothing itself.

    Args:
        optimizers: dict of player to `keras.optimizers.Optimizer`; the last player is the one that moves once a train step.
        variables: dict of player to the list of variables it moves.
    """

    def __init__(self, optimizers, variables):
        super().__init__(learning_rate=0.0, name="player_optimizers")
        self.optimizers = optimizers
        self._player_variables = variables
        for player, optimizer in optimizers.items():
            optimizer.build(variables[player])
        self.built = True

    @property
    def variables(self):
        return [variable for optimizer in self.optimizers.values() for variable in optimizer.variables]

    @property
    def iterations(self):
        """Moves of the last player: one a train step."""
        return list(self.optimizers.values())[-1].iterations

    @property
    def learning_rate(self):
        self._refuse_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value):
        self._refuse_learning_rate()

    def _refuse_learning_rate(self):
        names = " or ".join(f"`{player}_optimizer`" for player in self.optimizers)
        raise AttributeError(f"A game has no single learning rate: ask the model's {names} for its own.")

    def apply(self, grads, trainable_variables=None):
        raise NotImplementedError("Players move one at a time: call the model's `minimize(player, loss)`.")

    def finalize_variable_values(self, var_list):
        for player, optimizer in self.optimizers.items():
            optimizer.finalize_variable_values(self._player_variables[player])

    def save_own_variables(self, store):
        """Nothing of its own: the players' optimizers are saved as its children."""

    def load_own_variables(self, store):
        """Nothing of its own."""
