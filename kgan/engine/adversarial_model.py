"""The base class of all variants: a game of several players as a `keras.Model`."""

import difflib
import inspect
import json
import random
import warnings

import keras
import numpy as np
from keras import ops

from kgan.engine.averages import Averages
from kgan.engine.backend import BackendTrainer, apply, gradient, gradients_at, record, returned, share_of_mean
from kgan.engine.clip import Clip
from kgan.engine.directions import Directions
from kgan.engine.exporting import Exporting
from kgan.engine.feeding import Feeding
from kgan.engine.guards import check_metrics, check_networks
from kgan.engine.play import Given, Play
from kgan.engine.player_optimizers import PlayerOptimizers
from kgan.engine.registered import Registered
from kgan.engine.serving import Serving


class Recording:
    """A forward pass that can be used twice: its `outputs` now, detached, and its gradient later."""

    def __init__(self, outputs, losses, pull_back):
        self.outputs, self.losses, self.pull_back = outputs, losses, pull_back


class AdversarialModel(Registered, Feeding, Averages, Serving, Exporting, BackendTrainer, keras.Model):
    """A game whose players move in turn, each a set of networks that one optimizer moves.

    A variant subclasses it and says who plays (`players`), what its `compile` takes, and in `train_step` who moves
    when:

    - `nets("generator")` is that network as this step plays it: in training mode, or, while the model is evaluated, the
      served one (its moving average, where one is kept) in inference mode;
    - `record(player, function)` runs a forward pass once and keeps it, so that one pass of a generator serves both
      sides;
    - `minimize(player, loss)` moves that player, and nobody else, down the mean of the per-sample values of `loss`;
    - `log(name=values)` and `logs()` are what `fit` shows;
    - `present(real=..., generated=...)` is what the metrics given to `compile` see;
    - `pretraining` is true in the first `pretraining_epochs` of a run, where a variant's `compile` takes that argument.

    An evaluation is the same step with nobody moving, so a variant writes no `test_step`.

    Moving a player leaves the others as they are, to the last statistic: what BatchNorm or spectral normalisation of
    any other network would store in that phase is discarded. Regularizers and `add_loss` of a player's networks belong
    to that player's loss.

    Every argument of a variant's constructor and of its `compile` is saved with it; those of `compile` can be read off
    the model under their names. A subclass of your own is registered with Keras under its module's name, so that a
    saved model of it can be loaded wherever the class is defined.

    Args:
        networks: dict of attribute name to built `keras.Model` or `keras.Layer`, which have no layer in common.
        seed: integer that fixes latents, noise and the order of arrays given to `fit`; by default drawn from Python's
            `random`, which `keras.utils.set_random_seed` seeds.
        name: name of the model.

    Attributes:
        players: dict of player to the names of its networks, in the order in which they first move.
        quantities: names of what `train_step` logs besides `<player>_loss`.
        averaged: names of the networks of which `keep_average` keeps a moving average.

    Raises:
        ValueError: a network that has no variables yet (give it an `Input` or call it once), shares a layer with
            another, or has its channels first.
    """

    players = {}
    quantities = ()
    pretraining_epochs = 0

    def __new__(cls, *args, **kwargs):
        instance = super().__new__(cls, *args, **kwargs)
        object.__setattr__(instance, "given", Given.of(cls.__init__, instance, args, kwargs))
        return instance

    def __init__(self, networks, seed=None, name=None):
        super().__init__(name=name)
        check_networks(networks)
        for attribute, network in networks.items():
            setattr(self, attribute, network)
        self.play = Play()
        self.seed = random.randint(1, 10**9) if seed is None else seed
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.evaluation_seed_generator = keras.random.SeedGenerator(self.seed + 1)
        names = (*(f"{player}_loss" for player in self.players), *self.quantities)
        self.trackers = [keras.metrics.Mean(name=name) for name in names]
        self.evaluation_metrics, self.ema_decay, self.epochs_trained = [], None, 0
        self.built = True

    # ---- compiling: one optimizer a player ---------------------------------------------------------------------------

    def compile(
        self, optimizers, metrics=None, run_eagerly=False, steps_per_execution=1, jit_compile="auto", **unknown
    ):
        """Give each player its optimizer. A variant's `compile` calls this; its own arguments become attributes.

        Args:
            optimizers: dict of player to an optimizer, what `keras.optimizers.get` takes, or None for
                `Adam(2e-4, beta_1=0.5)` (Radford et al., 2016).
            metrics: list of metrics that `evaluate` and validation feed with what a step presents: `real` and
                `generated` samples, or what a metric's `takes` names.
            run_eagerly, steps_per_execution: as in `keras.Model.compile`.
            jit_compile: `"auto"` (a graph on CPU, where XLA is slower, and under `tf.distribute`; XLA on GPU and TPU),
                True or False.

        Raises:
            TypeError: an argument that no `compile` of this class knows.
            ValueError: two players share one optimizer; a metric that is no `keras.metrics.Metric`; two of one name.
        """
        if unknown:
            raise TypeError(self._unknown_argument(next(iter(unknown))))
        optimizers = {
            p: keras.optimizers.get(optimizers[p] or keras.optimizers.Adam(2e-4, beta_1=0.5)) for p in self.players
        }
        if len({id(optimizer) for optimizer in optimizers.values()}) < len(optimizers):
            raise ValueError("Each player needs an optimizer of its own: two of them were given the same object.")
        check_metrics(metrics, [tracker.name for tracker in self.trackers])
        self.play.owned = {
            p: _distinct(v for n in self._networks_of(p) for v in n.trainable_variables) for p in self.players
        }
        for player, optimizer in optimizers.items():
            if self._computes_in_float16(player) and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
                optimizers[player] = keras.optimizers.LossScaleOptimizer(optimizer)
            setattr(self, f"{player}_optimizer", optimizers[player])
        self.play.optimizers = optimizers
        super().compile(
            optimizer=PlayerOptimizers(optimizers, self.play.owned),
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self._loss_tracker, self.play.jit_compile = None, jit_compile
        self.play.held = {player: self._statistics_of_others(player) for player in self.players}
        self.play.presented = False
        self.evaluation_metrics = list(metrics or [])

    @property
    def metrics(self):
        """The means that `fit` shows, the metrics given to `compile`, and which way each of their results is better."""
        return [
            *self.trackers,
            *self.evaluation_metrics,
            Directions(self.trackers[: len(self.players)], self.evaluation_metrics),
        ]

    def get_compile_config(self):
        """Every argument of `compile`, as it stands on the model."""
        if not self.compiled:
            return {}
        values = {name: getattr(self, name) for name in self._compile_arguments() if name != "metrics"}
        values["jit_compile"] = self.play.jit_compile
        return keras.saving.serialize_keras_object(
            {**values, "metrics": self.evaluation_metrics, "ema_decay": self.ema_decay}
        )

    def compile_from_config(self, config):
        """Compile as the saved model was, its average included."""
        arguments = keras.saving.deserialize_keras_object(_portable(config))
        ema_decay = arguments.pop("ema_decay")
        self.compile(**arguments)
        if ema_decay is not None:
            self.keep_average(ema_decay)

    def _compile_arguments(self):
        classes = [c for c in type(self).__mro__ if issubclass(c, AdversarialModel) and "compile" in vars(c)]
        named = (
            p for c in classes for p in inspect.signature(c.compile).parameters.values() if p.kind is not p.VAR_KEYWORD
        )
        return list(dict.fromkeys(p.name for p in named if p.name not in ("self", "optimizers")))

    def _unknown_argument(self, name):
        known = self._compile_arguments()
        nearest = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean `{nearest[0]}`?" if nearest else ""
        return f"{type(self).__name__}.compile() has no argument `{name}`.{hint} It takes: {', '.join(known)}."

    def _networks_of(self, player):
        return [getattr(self, attribute) for attribute in self.players[player]]

    def _statistics_of_others(self, player):
        """What the layers of all other networks store by themselves, those of a frozen teacher among them."""
        moved = [*self._networks_of(player), *self.averages.values()]
        own = {id(layer) for network in moved for layer in network._flatten_layers()}
        return _distinct(
            v
            for layer in self._flatten_layers(include_self=False)
            if id(layer) not in own
            for v in layer._non_trainable_variables
        )

    def _computes_in_float16(self, player):
        layers = (layer for network in self._networks_of(player) for layer in network._flatten_layers())
        return any(layer.compute_dtype == "float16" for layer in layers)

    # ---- the moves of a game -----------------------------------------------------------------------------------------

    @property
    def learning(self):
        """Whether the step that runs moves the players; in an evaluation nobody moves."""
        return self.play.step.learning

    @property
    def pretraining(self):
        """Whether the step that runs belongs to the epochs before the game, as many as `pretraining_epochs` says. What
        is played then, a variant's `train_step` says; an evaluation is of the whole game.
        """
        return self.learning and self.epochs_trained < self.pretraining_epochs

    def enter_phase(self):
        """Make ready for the epoch that begins: its step is another one where the pretraining has ended."""
        pretraining = self.epochs_trained < self.pretraining_epochs
        if self.play.pretraining not in (None, pretraining):
            self.make_train_function(force=True)
        self.play.pretraining = pretraining

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
        self.play.presented = True
        for metric in () if self.learning else self.evaluation_metrics:
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
        layers = _distinct(layer for network in self._networks_of(player) for layer in network._flatten_layers())
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

    # ---- saving ------------------------------------------------------------------------------------------------------

    def get_config(self):
        """The constructor's arguments: networks as they are now, everything else as it was given."""
        present = {name: self._present(name, value) for name, value in self.given.arguments.items()}
        present |= {"seed": self.seed, "name": self.name}
        return {name: keras.saving.serialize_keras_object(value) for name, value in present.items()}

    def _present(self, name, value):
        """What an argument of the constructor is now: of a network, and of what was built for None, the attribute."""
        if value is None or isinstance(value, keras.Layer):
            return getattr(self, name, None)
        return list(value) if isinstance(value, tuple) else value  # as a file will have it

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(
            **{
                name: keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)
                for name, value in config.items()
            }
        )

    def save(self, filepath, *args, **kwargs):
        """As `keras.Model.save`, to a `.keras` file: networks, averages, every player's optimizer and all random
        states.

        Raises:
            ValueError: a file of the old format `.h5`, which cannot hold a game.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"A game has several optimizers and random states, which {filepath} cannot hold: give it the ending "
                f"`.keras`."
            )
        super().save(filepath, *args, **kwargs)

    def save_own_variables(self, store):
        """What Keras leaves out: the seed and number of the data's order, the average's decay, every random state."""
        super().save_own_variables(store)
        store["seed"], store["epochs_trained"] = np.asarray(self.seed), np.asarray(self.epochs_trained)
        store["backend"] = np.frombuffer(keras.config.backend().encode(), "uint8")
        if self.ema_decay is not None:
            store["ema_decay"] = np.asarray(self.ema_decay, "float64")
        for name, value in self.facts().items():
            store[f"fact_{name}"] = np.frombuffer(json.dumps(value).encode(), "uint8")
        for index, state in enumerate(self.random_states()):
            store[f"random_state_{index}"] = keras.ops.convert_to_numpy(state.value)
        for name, state in self.global_random_states().items():
            store[f"global_random_state_{name}"] = state

    def load_own_variables(self, store):
        """What `save_own_variables` wrote. An average that was kept is kept from now on.

        What another backend wrote is taken, too, with a warning: it draws other random numbers.

        Raises:
            ValueError: another number of random states.
        """
        entries = {key: np.asarray(store[key]) for key in store.keys()}
        self.seed, self.epochs_trained = int(entries.pop("seed")), int(entries.pop("epochs_trained", 0))
        if "ema_decay" in entries:
            decay = float(entries.pop("ema_decay"))
            if self.ema_decay is None:
                self.keep_average(decay)
        facts = {key.removeprefix("fact_"): bytes(entries.pop(key)) for key in list(entries) if key.startswith("fact_")}
        self.take_facts({name: json.loads(value) for name, value in facts.items()})
        self._load_random_states(entries)
        super().load_own_variables(entries)

    def _load_random_states(self, entries):
        """Take the random states out of `entries`."""
        outside = {key: entries.pop(key) for key in list(entries) if key.startswith("global_random_state_")}
        here = keras.config.backend()
        there = bytes(entries.pop("backend", np.frombuffer(here.encode(), "uint8"))).decode()
        stored = [
            entries.pop(f"random_state_{index}")
            for index in range(sum(key.startswith("random_state_") for key in entries))
        ]
        if there != here:
            warnings.warn(
                f"This was written on Keras' backend {there!r} and goes on on {here!r}: weights and optimizers are "
                f"what they were, random numbers will be others.",
                stacklevel=2,
            )
            return
        if len(stored) != len(self.random_states()):
            raise ValueError(
                f"The file has {len(stored)} random states, one for each Dropout and the like, and this model "
                f"{len(self.random_states())}."
            )
        for state, value in zip(self.random_states(), stored):
            state.assign(value)
        self.restore_global_random_states(
            {key.removeprefix("global_random_state_"): value for key, value in outside.items()}
        )

    def facts(self):
        """What a game learned of its data besides weights and is saved with it: a dict for JSON."""
        return {}

    def take_facts(self, facts):
        """Take what `facts` returned when the game was saved."""

    def random_states(self):
        """States of the `SeedGenerator`s, in the order of `variables`: what is neither a weight nor a metric's."""
        others = {id(variable) for variable in [*self.weights, *self.metrics_variables]}
        averages = {id(v) for network in self.averages.values() for v in network.variables}
        return [variable for variable in self.variables if id(variable) not in others | averages]


def _portable(config):
    """A configuration in which optimizers are Keras' own, not the classes that PyTorch's backend has of them."""
    if isinstance(config, list):
        return [_portable(part) for part in config]
    if not isinstance(config, dict):
        return config
    config = {key: _portable(part) for key, part in config.items()}
    if str(config.get("module")).startswith("keras.src.backend.torch.optimizers"):
        config["module"] = "keras.optimizers"
    return config


def _call(loss, outputs):
    return loss(*outputs) if isinstance(outputs, (tuple, list)) else loss(outputs)


def _activity_losses(network):
    """What `add_loss` gave in the network's last call."""
    return [loss for layer in network._flatten_layers() for loss in layer._get_own_losses()]


def _sum(pulled, direct):
    if pulled is None or direct is None:
        return direct if pulled is None else pulled
    return pulled + direct


def _distinct(objects):
    return list({id(one): one for one in objects}.values())
