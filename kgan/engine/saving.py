"""What a game's files hold, and how it comes back from them."""

import json
import warnings

import keras
import numpy as np


class Saving:
    """Configurations, weights, random states and facts of a game; a part of `AdversarialModel`."""

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
