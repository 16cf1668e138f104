"""The moves of a game: what a variant's `train_step` is written with."""

import itertools

import keras
from keras import ops

from kgan.engine.backend import apply, gradient, gradients_at, record, returned, share_of_mean
from kgan.engine.clip import Clip


class Recording:
    """A forward pass that can be used twice: its `outputs` now, detached, and its gradient later."""

    def __init__(self, outputs, losses, pull_back):
        self.outputs, self.losses, self.pull_back = outputs, losses, pull_back


class Moves:
    """How players move, and what is shown of it; a part of `AdversarialModel`."""

    pretraining_epochs = 0  # or several numbers, of phases one after another

    @property
    def learning(self):
        """Whether the step that runs moves the players; in an evaluation nobody moves."""
        return self.play.step.learning

    @property
    def phase(self):
        """The number of the phase that the run is in: those before the game are as long as `pretraining_epochs` says,
        one number or several; the game is the last.
        """
        ends = itertools.accumulate(keras.tree.flatten(self.pretraining_epochs))
        return sum(self.epochs_trained >= end for end in ends)

    @property
    def pretraining(self):
        """Whether the step that runs belongs to a phase before the game. What is played then, a variant's `train_step`
        says, by `phase` where there are several; an evaluation is of the whole game.
        """
        return self.learning and self.phase < len(keras.tree.flatten(self.pretraining_epochs))

    def enter_phase(self):
        """Make ready for the epoch that begins: its step is another one where a phase has ended."""
        if self.play.phase not in (None, self.phase):
            self.make_train_function(force=True)
        self.play.phase = self.phase

    @property
    def random(self):
        """The seed generator that a step draws from: training's, or that of evaluations,
        which starts anew each time.
        """
        return self.seed_generator if self.learning else self.evaluation_seed_generator

    def nets(self, *names):
        """The networks of these names as this step plays them, callables of their inputs; several as a list."""
        played = [self._played(name) for name in names]
        return played[0] if len(played) == 1 else played

    def _played(self, name):
        if not self.learning:
            return lambda inputs: self.served(name)(inputs, training=False)
        network = getattr(self, name)

        def call(inputs):
            outputs = network(inputs, training=True)
            # The next call of the network forgets what its `add_loss` gave in this one.
            self.play.step.losses.update({id(loss): (name, loss) for loss in _activity_losses(network)})
            return outputs

        return call

    def turns(self, count):
        """The numbers of a player's moves in a step, `range(count)`; in an evaluation there is one."""
        return range(count if self.learning else 1)

    def record(self, player, function):
        """Run `function()`, a forward pass of `player`, and keep it.

        Returns:
            A `Recording`: `outputs` in float32, through which no gradient flows, and what `minimize(..., through=it)`
            pulls back. In an evaluation a plain pass.
        """

        def forward():
            outputs, losses = self._with_losses(player, function)
            return keras.tree.map_structure(lambda output: ops.cast(output, "float32"), (outputs, losses))

        if not self.learning:
            return Recording(forward()[0], [], None)
        (outputs, losses), pull_back = record(forward, self.play.owned[player])
        return Recording(outputs, losses, pull_back)

    def minimize(self, player, loss, through=None):
        """Move `player` one step down the mean of `loss` and log that mean as `<player>_loss`; in an evaluation only
        log.

        What regularizers and `add_loss` of the player's networks ask for is added to the mean, as in any Keras model.

        Args:
            player: name of the player; nothing else moves.
            loss: function that returns one value per sample. It takes nothing, or with `through` the recorded outputs.
            through: a `Recording` of this player: the gradient at its outputs is pulled back through that pass instead
                of running it again. What the loss owes the player's variables directly is added.
        """
        if not self.learning:
            self.log(**{f"{player}_loss": ops.cast(_call(loss, through.outputs if through else ()), "float32")})
            return
        optimizer, variables = self.play.optimizers[player], self.play.owned[player]

        def objective(recorded=((), ())):
            outputs, recorded_losses = recorded
            values, losses = self._with_losses(player, lambda: ops.cast(_call(loss, outputs), "float32"))
            asked, mean = [*recorded_losses, *losses, *self._regularization(player)], share_of_mean(values)
            if asked:
                extra = sum(ops.cast(ops.sum(one), "float32") for one in asked)
                values, mean = values + extra, mean + share_of_mean(extra)
            self.log(**{f"{player}_loss": values})
            return optimizer.scale_loss(mean)

        statistics = [(variable, ops.copy(variable.value)) for variable in self.play.held[player]]
        if through is None:
            _, gradients = gradient(objective, variables)
        else:
            _, direction, direct = gradients_at(objective, (through.outputs, through.losses), variables)
            gradients = [_sum(*parts) for parts in zip(through.pull_back(direction), direct)]
        for variable, value in statistics:
            variable.assign(value)
        apply(optimizer, gradients, variables)
        if self.ema_decay is not None:
            self._follow(player)

    def _with_losses(self, player, function):
        """`function()` and what `add_loss` of the player's networks gave meanwhile."""
        before, self.play.step.losses = self.play.step.losses, {}
        try:
            outputs = function()
            collected, names = self.play.step.losses, self.players[player]
            for name in names:  # called directly, not by way of `nets`
                collected.update({id(loss): (name, loss) for loss in _activity_losses(getattr(self, name))})
            losses = [loss for name, loss in collected.values() if name in names]
        finally:
            self.play.step.losses = before
        for name in self.players[player]:
            getattr(self, name)._clear_losses()
        return outputs, losses

    def _regularization(self, player):
        return [loss for network in self._networks_of(player) for loss in network._get_regularization_losses()]

    def scheduled(self, value, player):
        """A hyper-parameter's present value: a Keras schedule is asked with the number of moves of `player`."""
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            return value(self.play.optimizers[player].iterations)
        return value

    def log(self, where=None, **quantities):
        """Add `quantities` (one value per sample, or one for all) to the means that `fit` shows; of samples `where` it
        is 1.

        Raises:
            ValueError: a name that is neither a player's loss nor among the class's `quantities`.
        """
        names = [tracker.name for tracker in self.trackers]
        for name in quantities.keys() - names:
            raise ValueError(
                f"{type(self).__name__} logs {', '.join(names)}, not {name!r}: name it in the class attribute "
                f"`quantities`."
            )
        self.play.step.logged.update(quantities)
        for tracker in self.trackers:
            if tracker.name in quantities:
                tracker.update_state(ops.stop_gradient(quantities[tracker.name]), sample_weight=where)

    def logs(self):
        """Means since the epoch began of what this step logged, by name, as a step returns them."""
        logged, self.play.step.logged = self.play.step.logged, set()
        return {name: returned(value) for name, value in self.means().items() if name in logged}

    def means(self):
        """Means since the epoch began, by name."""
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def get_metrics_result(self):
        """What Keras shows of an epoch: the means alone. The metrics given
        to `compile` have a result after `evaluate`.
        """
        return self.means()

    def present(self, **things):
        """Tell the metrics given to `compile` what came of a step; of no effect in training.

        Args:
            **things: batches by name: `real`, `generated`, `labels`, ... A metric takes those that its `takes` names.

        Raises:
            ValueError: a metric that takes what the game does not present.
        """
        self.show(self.evaluation_metrics, things)

    def show(self, metrics, things):
        """Feed metrics with what came of a step, a dict by name, where it is an evaluation."""
        self.play.presented = True
        for metric in () if self.learning else metrics:
            takes = getattr(metric, "takes", ("real", "generated"))  # a user's own metric says nothing of it
            missing = [name for name in takes if name not in things]
            if missing:
                raise ValueError(
                    f"{metric.name!r} compares {' and '.join(takes)}, but {type(self).__name__} has no {missing[0]} "
                    f"to show, only {' and '.join(things)}: leave this metric out of `compile`."
                )
            metric.update_state(*(things[name] for name in takes))

    def test_step(self, data):
        """The same game with nobody moving: `nets` are the served networks, `minimize` only logs, metrics are fed."""
        self.play.step.learning, self.play.step.logged = False, set()
        try:
            return self.train_step(data)
        finally:
            self.play.step.learning, self.play.step.logged = True, set()

    def clip_weights(self, player, limit, spare=()):
        """Clip `player`'s weights to [-limit, limit] after each of its moves from now on, inside the compiled step.

        Args:
            player: whose weights.
            limit: positive float; None ends it.
            spare: layer classes whose weights are left alone, such as `(keras.layers.LayerNormalization,)`. Default
                none: a kernel before a normalisation layer is scale-free, so that clipping it alone bounds nothing.
        """
        layers = distinct(layer for network in self._networks_of(player) for layer in network._flatten_layers())
        spared = {
            id(variable)
            for layer in layers
            if isinstance(layer, tuple(spare))
            for variable in layer.trainable_variables
        }
        for variable in self.play.owned[player]:
            if limit is not None and id(variable) not in spared:
                variable.constraint = Clip(limit)
            elif isinstance(variable.constraint, Clip):
                variable.constraint = None
        self.train_function = None


def _call(loss, outputs):
    return loss(*outputs) if isinstance(outputs, (tuple, list)) else loss(outputs)


def _activity_losses(network):
    """What `add_loss` gave in the network's last call."""
    return [loss for layer in network._flatten_layers() for loss in layer._get_own_losses()]


def _sum(pulled, direct):
    if pulled is None or direct is None:
        return direct if pulled is None else pulled
    return pulled + direct


def distinct(objects):
    return list({id(one): one for one in objects}.values())
