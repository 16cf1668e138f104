"""The base class of all variants: a game of several players as a `keras.Model`."""

import difflib
import inspect
import random

import keras

from kgan.engine.averages import Averages
from kgan.engine.backend import BackendTrainer
from kgan.engine.directions import Directions
from kgan.engine.exporting import Exporting
from kgan.engine.feeding import Feeding
from kgan.engine.guards import check_metrics, check_networks
from kgan.engine.moves import Moves, distinct
from kgan.engine.play import Given, Play
from kgan.engine.player_optimizers import PlayerOptimizers
from kgan.engine.registered import Registered
from kgan.engine.saving import Saving
from kgan.engine.serving import Serving


class AdversarialModel(Registered, Moves, Feeding, Averages, Serving, Saving, Exporting, BackendTrainer, keras.Model):
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
    - `pretraining` is true in the first `pretraining_epochs` of a run, where a variant's `compile` takes that argument;
      of several phases `phase` is the number.

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
        players: as the attribute of that name, for games whose players depend on an argument; by default the class's.

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

    def __new__(cls, *args, **kwargs):
        instance = super().__new__(cls, *args, **kwargs)
        object.__setattr__(instance, "given", Given.of(cls.__init__, instance, args, kwargs))
        return instance

    def __init__(self, networks, seed=None, name=None, players=None):
        super().__init__(name=name)
        if players is not None:  # past Keras, which would put a dict of a model's into its files
            object.__setattr__(self, "players", dict(players))
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
            p: distinct(v for n in self._networks_of(p) for v in n.trainable_variables) for p in self.players
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
        return distinct(
            v
            for layer in self._flatten_layers(include_self=False)
            if id(layer) not in own
            for v in layer._non_trainable_variables
        )

    def _computes_in_float16(self, player):
        layers = (layer for network in self._networks_of(player) for layer in network._flatten_layers())
        return any(layer.compute_dtype == "float16" for layer in layers)
