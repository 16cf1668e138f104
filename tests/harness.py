"""What every variant must pass.

A variant's test file is data: a subclass of `VariantTests` that names the class and its options. Five inherit
`EngineTests` before it.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import kgan
from kgan.engine import Batches

BACKEND = keras.config.backend()
ROOT = Path(__file__).parents[1]
# Where it costs less than compiling: JAX compiles each operation of an eager step, and then the whole is cheaper.
UNCOMPILED = {"run_eagerly": BACKEND != "jax"}


def values(model):
    """Every number that training depends on: weights, statistics, random states, optimizer slots."""
    metrics = {id(variable) for variable in model.metrics_variables}
    kept = [variable for variable in [*model.variables, *model.optimizer.variables] if id(variable) not in metrics]
    return {
        f"{index}:{variable.path}": keras.ops.convert_to_numpy(variable).copy() for index, variable in enumerate(kept)
    }


def array(tensor):
    """A backend's tensor as a numpy array."""
    return keras.ops.convert_to_numpy(tensor)


def tensors(arrays):
    """The backend's tensors of numpy arrays, in the structure that they come in."""
    return keras.tree.map_structure(keras.ops.convert_to_tensor, arrays)


def stand_in(game, **parts):
    """Put functions of arrays in the place of networks, past what Keras and PyTorch ask of an attribute."""

    def converted(part):
        def network(*inputs, **options):
            return tensors(part(*inputs, **options))

        network._flatten_layers = lambda **_: []
        return network

    for name, part in parts.items():
        object.__setattr__(game, name, converted(part))


def changed(before, after):
    return {name.split(":", 1)[1] for name in before if not np.array_equal(before[name], after[name])}


def same(before, after):
    """Whether two models' `values` are equal to the last bit, whatever their layers are called."""
    return all(np.array_equal(a, b) for a, b in zip(before.values(), after.values(), strict=True))


def images(count=10, shape=(8, 8, 1), seed=0):
    """Smooth random images in (-1, 1)."""
    noise = np.random.default_rng(seed).normal(size=(count, *shape)).astype("float32")
    return np.tanh(noise + np.linspace(-1, 1, shape[0], dtype="float32")[:, None, None])


def environment_of(**environment):
    """The environment of a process that sees this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", **environment}


def run_python(code, **environment):
    """Standard output of `code` in a fresh process that sees this checkout."""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment_of(**environment), timeout=300
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def free_addresses(count):
    """Addresses of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def cluster(index, addresses):
    """What tells TensorFlow which of the workers a process is."""
    return {"TF_CONFIG": json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})}


class VariantTests:
    """Inherit, name `variant`, and fill in what differs from the defaults below.

    Where a check of the engine takes much of a backend's time, the games of `EngineTests` stand for all: learning a toy
    on PyTorch, which takes it step by step in Python, and, on JAX, what it compiles anew: another shape and a short
    batch, half precision, and each operation of a step that is watched.
    """

    variant = None
    options = {}  # of the constructor
    compile_options = {}  # beside the defaults of `compile`
    normalization = "batch"  # of the convolutional discriminator
    moves = 1  # of the discriminator per train step
    judged = 5  # how many values of its loss five samples give, in batches of four and one
    toy_options = {}  # of `compile`, for the toy, beside a faster Adam for each player
    toy_rate = 1e-3  # of these Adams

    def players(self, shape, dropout=0.0):
        height, width, channels = shape
        layers, normal = keras.layers, keras.initializers.RandomNormal(stddev=0.1)
        generator = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(height // 2 * (width // 2) * 4, use_bias=False),
                layers.Reshape((height // 2, width // 2, 4)),
                layers.BatchNormalization(momentum=0.9),
                layers.ReLU(),
                layers.Conv2DTranspose(channels, 4, 2, "same", activation="tanh", kernel_initializer=normal),
            ]
        )
        wrap = kgan.layers.SpectralNormalization if self.normalization == "spectral" else lambda layer: layer
        normalization = {
            "batch": layers.BatchNormalization(momentum=0.9),
            "layer": layers.LayerNormalization(axis=(1, 2, 3)),
        }.get(self.normalization)
        convolution = [
            wrap(layers.Conv2D(4, 4, 2, "same")),
            *([normalization] if normalization else []),
            layers.LeakyReLU(0.2),
        ]
        head = [*([layers.Dropout(dropout)] if dropout else []), layers.Flatten(), wrap(layers.Dense(1))]
        return {"generator": generator, "discriminator": keras.Sequential([keras.Input(shape), *convolution, *head])}

    def toy_players(self):
        leaky = {"units": (32, 32), "activation": "leaky_relu"}
        return {"generator": kgan.networks.mlp(4, 2, **leaky), "discriminator": kgan.networks.mlp(2, 1, **leaky)}

    def data(self, samples, seed=0):
        """What `fit` takes to learn from these samples: themselves, or a pair with labels."""
        return samples

    def inputs(self, count, shape=(8, 8, 1)):
        """What the generator takes, as arrays; the latents first. Players are for samples of `shape`."""
        return [np.random.default_rng(0).normal(size=(count, 4)).astype("float32")]

    def fed(self, count, shape=(8, 8, 1)):
        """The same as `predict` takes it."""
        inputs = self.inputs(count, shape)
        return inputs if len(inputs) > 1 else inputs[0]

    def made(self, model, count, shape=(8, 8, 1)):
        """What a trained game of samples of `shape` makes: `count` of them, the same each time."""
        return model.generate(count, seed=0)

    def predicted(self, model, fed):
        """What `predict` says of what it is fed."""
        return model.predict(fed, verbose=0)

    def answer(self, model, inputs):
        """What Python says to the inputs of the exported model."""
        return model.generate(latents=inputs[0], **({"labels": inputs[1]} if len(inputs) > 1 else {}))

    def made_shape(self, shape):
        """Shape of a sample that is made by the players for samples of `shape`."""
        return shape

    def networks(self, model):
        return [getattr(model, name) for names in model.players.values() for name in names]

    def build(self, shape=(8, 8, 1), dropout=0.0, seed=0, **compile_options):
        # As in a fresh process: TensorFlow's graph optimizer orders some sums by the layers' names, which count up.
        policy = keras.config.dtype_policy()
        keras.utils.clear_session(free_memory=False)
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(seed)
        model = self.variant(**self.players(shape, dropout), **self.options, seed=seed)
        model.compile(**{**self.compile_options, **compile_options})
        return model

    def leave_to_representatives_on(self, backend):
        if BACKEND == backend and not isinstance(self, EngineTests):
            pytest.skip(f"on {backend} the games of EngineTests stand for all")

    def phases(self):
        """Who moves in one train step, in order."""
        return [*["discriminator"] * self.moves, "generator"]

    def test_each_phase_moves_its_player_only(self):
        self.leave_to_representatives_on("jax")
        model = self.build(run_eagerly=True)
        minimize, phases = model.minimize, []

        def watched(player, *arguments, **keywords):
            before = values(model)
            minimize(player, *arguments, **keywords)
            phases.append((player, changed(before, values(model))))

        model.minimize = watched
        model.fit(self.data(images(4)), batch_size=4, verbose=0)
        assert [player for player, _ in phases] == self.phases()
        for player, moved in phases:
            networks = [getattr(model, name) for name in model.players[player]]
            allowed = {v.path for part in (*networks, getattr(model, f"{player}_optimizer")) for v in part.variables}
            random_states = {path for path in moved if "seed_generator" in path}
            assert moved - random_states <= allowed, f"{player}'s phase also moved {moved - random_states - allowed}"
            assert {v.path for network in networks for v in network.trainable_variables if "kernel" in v.path} <= moved

    def test_statistics_move_in_training_and_only_there(self):
        self.assert_statistics_move_in_training_only(self.build(**UNCOMPILED))

    def assert_statistics_move_in_training_only(self, model):
        before = values(model)
        model.evaluate(self.data(images(4)), verbose=0)
        model.predict(self.fed(2), verbose=0)
        self.made(model, 3)
        assert changed(before, values(model)) <= {model.evaluation_seed_generator.state.path}
        model.fit(self.data(images(4)), batch_size=4, verbose=0)
        moved = changed(before, values(model))
        for network in self.networks(model):
            assert {variable.path for variable in network.non_trainable_weights} <= moved

    def toy(self):
        """Points to learn from, as `data` takes them."""
        return np.random.default_rng(0).normal((1.5, -1.0), (0.5, 0.2), (2048, 2)).astype("float32")

    def assert_toy_is_not_known(self, model):
        assert np.linalg.norm(model.generate(2000, seed=0).mean(0) - (1.5, -1.0)) > 1

    def assert_toy_is_learned(self, model):
        samples = model.generate(2000, seed=0)
        np.testing.assert_allclose(samples.mean(0), (1.5, -1.0), atol=0.12)
        assert np.all(samples.std(0) > (0.2, 0.06)) and np.all(samples.std(0) < (0.8, 0.4))

    def test_learns_a_toy(self):
        self.leave_to_representatives_on("torch")
        model = self.variant(**self.toy_players(), **self.options, seed=0)
        # Without momentum, with which players circle more widely than what is asked of their average.
        adams = {f"{player}_optimizer": keras.optimizers.Adam(self.toy_rate, beta_1=0.0) for player in model.players}
        execution = 1 if BACKEND == "torch" else 32
        model.compile(**{**adams, **self.compile_options, "steps_per_execution": execution, **self.toy_options})
        model.keep_average(0.99)  # the players circle around the solution; their average sits in it
        self.assert_toy_is_not_known(model)
        data = self.data(self.toy())
        x, y = data if isinstance(data, tuple) else (data, None)
        model.fit(x, y, batch_size=64, epochs=40, verbose=0)
        self.assert_toy_is_learned(model)

    def test_resume_is_exact(self, tmp_path):
        data, model, half = self.data(images(8)), self.build(dropout=0.25), {}

        def save(epoch, logs):
            if epoch == 0:
                model.save_weights(tmp_path / "half.weights.h5")
                model.save(tmp_path / "half.keras")
                half.update(values(model))

        saving = keras.callbacks.LambdaCallback(on_epoch_end=save)
        model.fit(data, batch_size=4, epochs=2, verbose=0, callbacks=[saving])
        whole = values(model)
        assert changed(half, whole)
        fresh = self.build(dropout=0.25, seed=77)
        fresh.load_weights(tmp_path / "half.weights.h5")
        assert same(half, values(fresh))
        # Back in time, and as another process would; the fresh one, the same as either, need not be compiled too.
        for resume in (
            lambda: model.load_weights(tmp_path / "half.weights.h5") or model,
            lambda: keras.saving.load_model(tmp_path / "half.keras"),
        ):
            resumed = resume()
            assert same(half, values(resumed))
            resumed.fit(data, batch_size=4, initial_epoch=1, epochs=2, verbose=0)
            assert same(whole, values(resumed))

    def test_configuration_survives_saving(self, tmp_path):
        model = self.build()
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert type(loaded) is self.variant
        assert [loaded.get_config()[name] for name in (*self.options, "seed", "name")] == [
            model.get_config()[name] for name in (*self.options, "seed", "name")
        ]
        assert loaded.get_compile_config() == model.get_compile_config()
        assert np.array_equal(self.made(model, 3), self.made(loaded, 3))

    def test_a_step_in_half_precision(self):
        self.leave_to_representatives_on("jax")
        keras.config.set_dtype_policy("mixed_float16")
        model = self.build(**UNCOMPILED)
        scaled = keras.optimizers.LossScaleOptimizer
        assert all(isinstance(model.play.optimizers[player], scaled) for player in model.players)
        history = model.fit(self.data(images(4)), batch_size=4, verbose=0).history
        assert np.isfinite(list(history.values())).all()
        assert {str(v.dtype) for v in model.weights if "int" not in v.dtype} == {"float32"} and self.made(
            model, 2
        ).dtype == "float32"

    def test_shapes_and_a_short_last_batch(self):
        self.leave_to_representatives_on("jax")
        shape = (12, 8, 3)
        model = self.build(shape)
        history = model.fit(self.data(images(5, shape)), batch_size=4, verbose=0).history
        assert np.isfinite(list(history.values())).all()
        assert float(model.trackers[0].count) == self.judged * self.moves  # a mean over samples, not over batches
        assert self.made(model, 5, shape).shape == (5, *self.made_shape(shape))
        assert self.predicted(model, self.fed(3, shape)).shape == (3, *self.made_shape(shape))

    def test_works_right_after_construction(self, tmp_path):
        model = self.build(**UNCOMPILED)
        assert np.isfinite(model.evaluate(self.data(images(4)), verbose=0)).all()
        assert np.abs(self.made(model, 2)).max() <= 1
        model.save_weights(tmp_path / "fresh.weights.h5")

    @pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
    def test_export(self, tmp_path):
        import tensorflow as tf

        model = self.build(**UNCOMPILED)
        model.fit(self.data(images(6)), batch_size=4, verbose=0)
        inputs = self.inputs(3)
        model.export(str(tmp_path))
        loaded = tf.saved_model.load(str(tmp_path))
        served = loaded.serve(inputs if len(inputs) > 1 else inputs[0])
        keras.tree.map_structure(
            lambda one, other: np.testing.assert_allclose(one, other, atol=1e-5), served, self.answer(model, inputs)
        )


class EngineTests:
    """What asks the engine, not the game: inherit it before `VariantTests` where a game stands for a kind of step.

    Five games do, and between them have all that a step can be made of: `GAN` (BatchNorm, one recorded pass for both
    players), `WGANGP` (several moves a step, gradients of gradients), `SNGAN` (a state that a forward pass moves),
    `CGAN` (labels: integers, pairs, networks of two inputs) and `VAEGAN` (three players, a network of two outputs,
    passes through two networks). Every game is asked the like elsewhere, too: a toy is learnt at 32 steps per
    execution, a step is taken in half precision, and XLA compiles every step on JAX.
    """

    def test_statistics_move_in_a_compiled_step(self):
        self.assert_statistics_move_in_training_only(self.build())

    @pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
    def test_mixed_precision(self, policy):
        keras.config.set_dtype_policy(policy)
        model = self.build()
        scaled = [
            isinstance(model.play.optimizers[player], keras.optimizers.LossScaleOptimizer) for player in model.players
        ]
        assert all(scaled) if policy == "mixed_float16" else not any(scaled)
        before = values(model)
        # Float16 starts at a scale that some kernels overflow: steps are skipped until it has come down.
        history = model.fit(self.data(images(8)), batch_size=4, epochs=6, verbose=0).history
        assert np.isfinite(list(history.values())).all()
        moved = changed(before, values(model))
        assert all(
            {v.path for v in network.trainable_variables if "kernel" in v.path} <= moved
            for network in self.networks(model)
        )
        assert {str(v.dtype) for v in model.weights if "int" not in v.dtype} == {"float32"}
        assert self.made(model, 2).dtype == "float32"
        assert np.isfinite(model.evaluate(self.data(images(4)), verbose=0)).all()

    @pytest.mark.skipif(BACKEND != "tensorflow", reason="JAX always compiles; on PyTorch it is torch.compile")
    def test_xla(self):
        model = self.build(jit_compile=True)
        history = model.fit(self.data(images(6)), batch_size=4, epochs=2, verbose=0).history
        assert np.isfinite(list(history.values())).all()

    @pytest.mark.skipif(BACKEND == "torch", reason="Keras runs one step per execution on PyTorch")
    def test_steps_per_execution_changes_nothing(self):
        data = self.data(images(10))
        plain, several = self.build(), self.build(steps_per_execution=2)
        plain.fit(data, batch_size=4, epochs=2, verbose=0)
        several.fit(data, batch_size=4, epochs=2, verbose=0)
        assert int(several.generator_optimizer.iterations) == 6
        assert int(several.discriminator_optimizer.iterations) == 6 * self.moves
        for a, b in zip(values(plain).values(), values(several).values(), strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)

    def test_a_pipeline_of_batches(self):
        model = self.build()
        samples = self.data((images(9) * 127 + 128).astype("uint8"))
        samples = samples if isinstance(samples, tuple) else [samples]
        model.fit(Batches(*samples, batch_size=4, aligned=model.aligned), epochs=1, verbose=0)
        assert int(model.generator_optimizer.iterations) == 3
