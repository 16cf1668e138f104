"""The base class of all variants: a game of several players as a `keras.Model`."""

import difflib
import inspect
import itertools
import random

import keras
import numpy as np
from keras import ops

from kgan.engine.backend import BackendTrainer, apply, gradient, input_gradient, record, returned, share_of_mean
from kgan.engine.batches import Batches
from kgan.engine.clip import Clip
from kgan.engine.guards import check_callbacks, check_export, check_finite_range
from kgan.engine.player_optimizers import PlayerOptimizers

NORMALIZATION = (keras.layers.BatchNormalization, keras.layers.LayerNormalization, keras.layers.GroupNormalization, keras.layers.RMSNormalization)


class Recording:
    """A forward pass that can be used twice: its `outputs` now, detached, and its gradient later."""

    def __init__(self, outputs, pull_back):
        self.outputs, self.pull_back = outputs, pull_back


class EpochClock(keras.callbacks.Callback):
    """Tells the training data which epoch it is: their order depends on the model's seed and on that number alone."""

    def __init__(self, batches, own_seed):
        super().__init__()
        self.batches, self.own_seed = batches, own_seed

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.epoch = epoch
        if self.own_seed:
            self.batches.seed = self.model.seed


class AdversarialModel(BackendTrainer, keras.Model):
    """A game whose players move in turn, each a set of networks that one optimizer moves.

    A variant subclasses it and says who plays (`players`), what its `compile` takes, and in `train_step` who moves when:

    - `record(player, function)` runs a forward pass once and keeps it, so that one pass of a generator serves both sides;
    - `minimize(player, loss)` moves that player, and nobody else, down the mean of the per-sample values that `loss` returns;
    - `log(name=values)` and `logs()` are what `fit` shows.

    Moving a player leaves the others as they are, to the last statistic: what BatchNorm or spectral normalisation of another player would
    store in that phase is discarded.

    Every argument of a variant's `compile` can be read off the model under its name and is saved with it.

    Args:
        networks: dict of attribute name to built `keras.Model` or `keras.Layer`.
        seed: integer that fixes latents, noise and the order of arrays given to `fit`; by default drawn from Python's `random`, which
            `keras.utils.set_random_seed` seeds.
        name: name of the model.

    Attributes:
        players: dict of player to the names of its networks, in the order in which they first move.
        quantities: names of what `train_step` logs besides `<player>_loss`.
        averaged: names of the networks of which `keep_average` keeps a moving average.

    Raises:
        ValueError: a network has no variables yet (give it an `Input` or call it once).
    """

    players = {}
    quantities = ()
    averaged = ("generator",)

    def __init__(self, networks, seed=None, name=None):
        super().__init__(name=name)
        for attribute, network in networks.items():
            if not isinstance(network, keras.Layer):
                raise ValueError(f"`{attribute}` must be a keras.Model or keras.Layer, not {type(network).__name__}.")
            if not network.built:
                raise ValueError(f"`{attribute}` is not built: start it with a `keras.Input`, or call it once on a batch.")
            setattr(self, attribute, network)
        self.seed = random.randint(1, 10**9) if seed is None else seed
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.evaluation_seed_generator = keras.random.SeedGenerator(self.seed + 1)
        self.trackers = [keras.metrics.Mean(name=name) for name in (*(f"{player}_loss" for player in self.players), *self.quantities)]
        self.ema_decay = None
        self.built = True

    # ---- compiling: one optimizer a player -------------------------------------------------------------------------------------------------

    def compile(self, optimizers, metrics=None, run_eagerly=False, steps_per_execution=1, jit_compile="auto", **unknown):
        """Give each player its optimizer. A variant's `compile` calls this; its own arguments become attributes of the same names.

        Args:
            optimizers: dict of player to an optimizer, what `keras.optimizers.get` takes, or None for `Adam(2e-4, beta_1=0.5)`.
            metrics: list of metrics that `evaluate` and validation feed with `update_state(real, generated)`.
            run_eagerly, steps_per_execution: as in `keras.Model.compile`.
            jit_compile: `"auto"` (a graph on CPU, where XLA is slower, and under `tf.distribute`; XLA on GPU and TPU), True or False.

        Raises:
            TypeError: an argument that no `compile` of this class knows.
            ValueError: two players share one optimizer; a metric that is no `keras.metrics.Metric`.
        """
        if unknown:
            raise TypeError(self._unknown_argument(next(iter(unknown))))
        # DCGAN's (Radford et al., 2016), which most variants have by default.
        optimizers = {player: keras.optimizers.get(optimizers[player] or keras.optimizers.Adam(2e-4, beta_1=0.5)) for player in self.players}
        if len({id(optimizer) for optimizer in optimizers.values()}) < len(optimizers):
            raise ValueError("Each player needs an optimizer of its own: two of them were given the same object.")
        self._owned = {player: _distinct(v for n in self._networks_of(player) for v in n.trainable_variables) for player in self.players}
        for player, optimizer in optimizers.items():
            if self._computes_in_float16(player) and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
                optimizers[player] = keras.optimizers.LossScaleOptimizer(optimizer)
            setattr(self, f"{player}_optimizer", optimizers[player])
        super().compile(
            optimizer=PlayerOptimizers(optimizers, self._owned),
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self._loss_tracker = None
        self._held = {player: self._statistics_of_others(player) for player in self.players}
        self.evaluation_metrics = [_metric(metric) for metric in metrics or []]

    def get_compile_config(self):
        """Every argument of `compile`, as it stands on the model."""
        if not self.compiled:
            return {}
        values = {name: getattr(self, name) for name in self._compile_arguments() if name != "metrics"}
        return keras.saving.serialize_keras_object({**values, "metrics": self.evaluation_metrics, "ema_decay": self.ema_decay})

    def compile_from_config(self, config):
        """Compile as the saved model was, its average included."""
        arguments = keras.saving.deserialize_keras_object(config)
        ema_decay = arguments.pop("ema_decay")
        self.compile(**arguments)
        if ema_decay is not None:
            self.keep_average(ema_decay)

    def _compile_arguments(self):
        classes = [c for c in type(self).__mro__ if issubclass(c, AdversarialModel) and "compile" in vars(c)]
        named = (p for c in classes for p in inspect.signature(c.compile).parameters.values() if p.kind is not p.VAR_KEYWORD)
        return list(dict.fromkeys(p.name for p in named if p.name not in ("self", "optimizers")))

    def _unknown_argument(self, name):
        known = self._compile_arguments()
        nearest = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean `{nearest[0]}`?" if nearest else ""
        return f"{type(self).__name__}.compile() has no argument `{name}`.{hint} It takes: {', '.join(known)}."

    def _networks_of(self, player):
        return [getattr(self, attribute) for attribute in self.players[player]]

    def _statistics_of_others(self, player):
        own = {id(v) for network in self._networks_of(player) for v in network.weights}
        others = (v for other in self.players for network in self._networks_of(other) for v in network.non_trainable_weights)
        return _distinct(v for v in others if id(v) not in own)

    def _computes_in_float16(self, player):
        layers = (layer for network in self._networks_of(player) for layer in network._flatten_layers())
        return any(layer.compute_dtype == "float16" for layer in layers)

    # ---- the moves of a game ---------------------------------------------------------------------------------------------------------------

    def record(self, player, function):
        """Run `function()`, a forward pass of `player` in training mode, and keep it.

        Returns:
            A `Recording`: `outputs` in float32, through which no gradient flows, and `pull_back` for `minimize(..., through=recording)`.
        """

        def forward():
            return keras.tree.map_structure(lambda output: ops.cast(output, "float32"), function())

        return Recording(*record(forward, self._owned[player]))

    def minimize(self, player, loss, through=None):
        """Move `player` one step down the mean of `loss` and log that mean as `<player>_loss`.

        Args:
            player: name of the player; nothing else moves.
            loss: function that returns one value per sample. It takes nothing, or with `through` the recorded outputs.
            through: a `Recording` of this player: the gradient at its outputs is pulled back through that pass instead of running it again.
        """
        optimizer, variables = getattr(self, f"{player}_optimizer"), self._owned[player]

        def objective(outputs=()):
            values = ops.cast(loss(*outputs) if isinstance(outputs, (tuple, list)) else loss(outputs), "float32")
            self.log(**{f"{player}_loss": values})
            return optimizer.scale_loss(share_of_mean(values))

        statistics = [(variable, ops.copy(variable.value)) for variable in self._held[player]]
        if through is None:
            _, gradients = gradient(objective, variables)
        else:
            _, direction = input_gradient(objective, through.outputs, differentiable=False)
            gradients = through.pull_back(direction)
        for variable, value in statistics:
            variable.assign(value)
        apply(optimizer, gradients, variables)
        if player in self.averages:
            self._follow(player)

    def scheduled(self, value, player):
        """A hyper-parameter's present value: a Keras schedule is asked with the number of moves of `player`, anything else is itself."""
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            return value(getattr(self, f"{player}_optimizer").iterations)
        return value

    def log(self, where=None, **quantities):
        """Add `quantities` (one value per sample, or one for all) to the means that `fit` shows; of samples `where` it is 1, if given.

        Raises:
            ValueError: a name that is neither a player's loss nor among the class's `quantities`.
        """
        names = [tracker.name for tracker in self.trackers]
        for name in quantities.keys() - names:
            raise ValueError(f"{type(self).__name__} logs {', '.join(names)}, not {name!r}: name it in the class attribute `quantities`.")
        for tracker in self.trackers:
            if tracker.name in quantities:
                tracker.update_state(ops.stop_gradient(quantities[tracker.name]), sample_weight=where)

    def logs(self):
        """Means since the epoch began, by name, as a step returns them."""
        return {name: returned(value) for name, value in self.means().items()}

    def means(self):
        """Means since the epoch began, by name."""
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def get_metrics_result(self):
        """What Keras shows of an epoch: the means alone. The metrics given to `compile` have a result after `evaluate` only."""
        return self.means()

    def clip_weights(self, player, limit):
        """Clip `player`'s weights to [-limit, limit] after each of its moves from now on, inside the compiled step; None ends it.

        Scales and offsets of normalisation layers are left alone: a scale of 0.01 a layer would silence the network.
        """
        layers = _distinct(layer for network in self._networks_of(player) for layer in network._flatten_layers())
        spared = {id(variable) for layer in layers if isinstance(layer, NORMALIZATION) for variable in layer.trainable_variables}
        for variable in self._owned[player]:
            if id(variable) not in spared:
                variable.constraint = None if limit is None else Clip(limit)
        self.train_function = None

    # ---- moving averages of networks -------------------------------------------------------------------------------------------------------

    @property
    def averages(self):
        """Dict of network name to its moving average; empty where none is kept."""
        return {name: getattr(self, f"averaged_{name}") for name in self.averaged if self.ema_decay is not None}

    def keep_average(self, decay):
        """Keep an exponential moving average of the networks in `averaged`, BatchNorm's statistics included; inference uses it from now on.

        It is updated inside the compiled step, after each move of the network's player, by the decay `min(decay, (1 + t) / (10 + t))` at move `t`:
        the average forgets the initial weights quickly.

        Args:
            decay: share of the old average that one step keeps, in [0, 1).
        """
        if not 0 <= decay < 1:
            raise ValueError(f"`decay` must lie in [0, 1), not {decay}.")
        for name in self.averaged if self.ema_decay is None else ():
            network = getattr(self, name)
            with self.variables_scope():
                average = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(network))
                average.set_weights(network.get_weights())
            average.trainable = False
            setattr(self, f"averaged_{name}", average)
        self.ema_decay = decay
        self.train_function = self.predict_function = self.test_function = None

    def served(self, name):
        """The network that inference uses: the moving average where one is kept, else the trained network itself."""
        return self.averages.get(name, getattr(self, name))

    def _follow(self, player):
        moves = ops.cast(getattr(self, f"{player}_optimizer").iterations, "float32")
        step = 1.0 - ops.minimum(self.ema_decay, (1.0 + moves) / (10.0 + moves))
        for name in set(self.averages) & set(self.players[player]):
            for average, weight in zip(self.averages[name].weights, getattr(self, name).weights):
                average.assign(average + ops.cast(step, average.dtype) * (weight - average))

    # ---- data ------------------------------------------------------------------------------------------------------------------------------

    def check_batch(self, batch):
        """Raise a `ValueError` where `batch`, the first one as numpy arrays, does not fit the game. A variant says what it takes."""
        raise NotImplementedError

    def check_data(self, data, evaluation):
        """Raise a `ValueError` where `data`, all of them as `Batches`, do not fit the game or its `evaluation`; a variant with labels overrides it."""

    def fit(
        self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0, validation_data=None, shuffle=True, **kwargs
    ):
        """As `keras.Model.fit`; the first batch, and all labels of data in memory, are checked before anything is trained.

        Arrays (and `kgan.data`'s sets) are read in an order that depends on the seed and the number of the epoch alone, so that a resumed run
        continues exactly. Data of your own keep their own order.

        Args:
            x: array of images or points, a `kgan.data` set, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a PyTorch `DataLoader` or an iterable
                of batches. Images are float32 in [-1, 1], channels last.
            y: labels, for the variants that take them.
            validation_data: the same kinds of data; the metrics given to `compile` compare them with generated images.

        Raises:
            ValueError: data that do not fit the game, or a Keras callback that speaks of "the" loss or learning rate without naming a player.
        """
        check_callbacks(callbacks, list(self.players))
        if validation_split and validation_data is None:
            if not isinstance(x, list) and not hasattr(x, "__array__"):
                raise ValueError("`validation_split` takes its share of arrays; beside a data set give `validation_data`.")
            held_out = max(1, int(len(x) * validation_split))
            x, validation_data = x[:-held_out], x[-held_out:]
            y, validation_data = (y, validation_data) if y is None else (y[:-held_out], (validation_data, y[-held_out:]))
        data = self._read(x, y, batch_size, shuffle)
        if validation_data is not None:
            validation_batch_size = kwargs.pop("validation_batch_size", None) or batch_size
            validation_data = self._feed(self._read(validation_data, None, validation_batch_size, False, evaluation=True), training=False)
        if isinstance(data, Batches) and not isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks = [EpochClock(data, own_seed=data is not x), *keras.tree.flatten(callbacks or [])]
        return super().fit(
            self._feed(data), epochs=epochs, verbose=verbose, callbacks=callbacks, validation_data=validation_data, shuffle=False, **kwargs
        )

    def evaluate(self, x=None, y=None, batch_size=None, return_dict=False, **kwargs):
        """As `keras.Model.evaluate`: the players' losses in inference mode and the metrics given to `compile`, on latents that are the same each time.

        A metric gets every batch inside the compiled step and computes its result once, at the end; one that returns a dict gives several values.
        """
        generator = self.evaluation_seed_generator
        generator.state.assign(np.array([self.seed + 1, 0], generator.state.dtype))
        if not kwargs.get("_use_cached_eval_dataset"):
            x, y = self._feed(self._read(x, y, batch_size, False, evaluation=True), training=False), None
        logs = super().evaluate(x, y, batch_size=None, return_dict=True, **kwargs)
        for metric in self.evaluation_metrics:
            result = metric.result()
            logs |= result if isinstance(result, dict) else {metric.name: result}
        logs = {name: float(value) for name, value in logs.items()}
        return logs if return_dict else list(logs.values())

    def _read(self, x, y, batch_size, shuffle, evaluation=False):
        """`x` as `Batches` where it is in memory, else as it came, its first batch checked. For `evaluation` the metrics are made ready for such samples."""
        if isinstance(x, tuple) and len(x) == 2 and y is None:
            x, y = x
        if isinstance(x, (list, tuple)) or hasattr(x, "__array__"):
            x, y = keras.ops.convert_to_numpy(x), None if y is None else keras.ops.convert_to_numpy(y)
            check_finite_range(x)
            data = Batches(x, y, batch_size or 32, shuffle, self.seed)
            self._check_first(data[0], evaluation)
            self.check_data(data, evaluation)
            return data
        if x is None or y is not None or batch_size is not None and isinstance(x, Batches):
            raise ValueError(
                "`x` must be given as an array of images, a data set of batches, or both images and labels as arrays; "
                "a data set brings its own labels and batch size."
            )
        first, data = _first_batch(x)
        self._check_first(keras.tree.map_structure(keras.ops.convert_to_numpy, first), evaluation)
        if isinstance(data, Batches):
            self.check_data(data, evaluation)
        return data

    def _check_first(self, batch, evaluation):
        self.check_batch(batch)
        shape = keras.tree.flatten(batch)[0].shape[1:]
        # The compiled step cannot create variables.
        with self.variables_scope():
            for metric in self.evaluation_metrics if evaluation else ():
                if hasattr(metric, "build"):
                    metric.build(shape)

    def _feed(self, data, training=True):
        return self.feed(data, training) if isinstance(data, Batches) else self.quiet(data)

    # ---- saving and serving ----------------------------------------------------------------------------------------------------------------

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**{name: keras.saving.deserialize_keras_object(value, custom_objects=custom_objects) for name, value in config.items()})

    def save_own_variables(self, store):
        """Random state too, which Keras leaves out: the seed of the data's order and the state of every `SeedGenerator`, Dropout's among them."""
        super().save_own_variables(store)
        store["seed"] = np.asarray(self.seed)
        for index, state in enumerate(self.random_states()):
            store[f"random_state_{index}"] = keras.ops.convert_to_numpy(state.value)
        for name, state in self.global_random_states().items():
            store[f"global_random_state_{name}"] = state

    def load_own_variables(self, store):
        """What `save_own_variables` wrote."""
        entries = {key: store[key] for key in store.keys()}
        self.seed = int(np.asarray(entries.pop("seed")))
        for index, state in enumerate(self.random_states()):
            state.assign(np.asarray(entries.pop(f"random_state_{index}")))
        outside = [key for key in entries if key.startswith("global_random_state_")]
        self.restore_global_random_states({key.removeprefix("global_random_state_"): np.asarray(entries.pop(key)) for key in outside})
        super().load_own_variables(entries)

    def random_states(self):
        """States of the `SeedGenerator`s, in the order of `variables`: what is neither a weight nor a metric's."""
        others = {id(variable) for variable in [*self.weights, *self.metrics_variables]}
        averages = {id(v) for network in self.averages.values() for v in network.variables}
        return [variable for variable in self.variables if id(variable) not in others | averages]

    def serving_model(self):
        """A plain `keras.Model` of what `export` serves. A variant says what that is."""
        raise NotImplementedError

    def export(self, filepath, format="tf_saved_model", verbose=False, **kwargs):
        """Export what `serving_model` returns (by default as a SavedModel with the endpoint `serve`) and check the file against Python.

        Raises:
            RuntimeError: the exported model computes something else than this one.
        """
        model = self.serving_model()
        model.export(filepath, format=format, verbose=verbose, **kwargs)
        if format == "tf_saved_model":
            check_export(model, filepath)


def _metric(identifier):
    if not isinstance(identifier, keras.metrics.Metric):
        raise ValueError(f"`metrics` takes keras.metrics.Metric objects, which get update_state(real, generated), not {identifier!r}: see `kgan.metrics`.")
    return identifier


def _first_batch(data):
    """The first batch of `data` and the data, whole."""
    try:
        if isinstance(data, keras.utils.PyDataset):
            return data[0], data
        iterator = iter(data)
        first = next(iterator)
        return first, _as_tuples(itertools.chain([first], iterator)) if iterator is data else data
    except (StopIteration, IndexError):
        raise ValueError("The data set is empty: there is no batch to train on.") from None


def _as_tuples(batches):
    """What Keras asks of a Python generator."""
    for batch in batches:
        yield batch if isinstance(batch, tuple) else (batch,)


def _distinct(variables):
    return list({id(variable): variable for variable in variables}.values())
