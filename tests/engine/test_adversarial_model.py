import keras
import numpy as np
import pytest
from harness import BACKEND, images, run_python, values
from keras import ops

import kgan
from kgan.engine import Batches, gradient, input_gradient, record


def array(tensor):
    return ops.convert_to_numpy(tensor)


def two_layers():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)])
    return network, np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def test_gradient_equals_finite_differences():
    network, inputs = two_layers()
    variables = network.trainable_variables
    _, gradients = gradient(lambda: ops.sum(ops.square(network(inputs))), variables)
    kernel = array(variables[0])
    for index in [(0, 0), (2, 3)]:
        ends = []
        for shift in (1e-2, -1e-2):
            moved = kernel.copy()
            moved[index] += shift
            variables[0].assign(moved)
            ends.append(np.sum(np.square(array(network(inputs)).astype("float64"))))
        variables[0].assign(kernel)
        assert float(array(gradients[0])[index]) == pytest.approx((ends[0] - ends[1]) / 2e-2, rel=5e-3)


def test_a_pulled_back_gradient_equals_the_direct_one():
    network, inputs = two_layers()
    _, direct = gradient(lambda: ops.sum(ops.square(network(inputs))), network.trainable_variables)
    outputs, pull_back = record(lambda: network(inputs), network.trainable_variables)
    _, direction = input_gradient(lambda x: ops.square(x), outputs)
    for a, b in zip(direct, pull_back(direction), strict=True):
        np.testing.assert_allclose(array(a), array(b), rtol=1e-6, atol=1e-7)


def test_an_input_gradient_can_be_differentiated_again():
    network, inputs = two_layers()
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    kernel = network.trainable_variables[0]
    inputs = ops.convert_to_tensor(inputs)

    def squared_norm():
        _, direction = input_gradient(lambda x: network(x) ** 2, inputs)
        return ops.sum(direction**2)

    value, (slope, _) = gradient(squared_norm, network.trainable_variables)
    w, x = array(kernel).astype("float64"), array(inputs).astype("float64")
    y = x @ w  # direction = 2 y w, so the value is 4 |w|^2 sum y^2
    assert float(array(value)) == pytest.approx(4 * (w**2).sum() * (y**2).sum(), rel=1e-4)
    np.testing.assert_allclose(array(slope), 8 * w * (y**2).sum() + 8 * (w**2).sum() * x.T @ y, rtol=1e-3)


def points(count=12):
    return np.random.default_rng(0).normal(size=(count, 2)).astype("float32")


def build(**compile_options):
    keras.utils.set_random_seed(0)
    gan = kgan.GAN(kgan.networks.mlp(3, 2, units=(8,)), kgan.networks.mlp(2, 1, units=(8,)), seed=0)
    gan.compile(**compile_options)
    return gan


def test_a_step_of_gradient_descent_by_hand():
    gan = build(
        generator_optimizer=keras.optimizers.SGD(0.5),
        discriminator_optimizer=keras.optimizers.SGD(0.25),
        run_eagerly=True,
    )
    latents = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
    gan.latents = lambda like: ops.convert_to_tensor(latents)
    real, fake = points(4), array(gan.generator(latents))
    discriminator, generator = gan.discriminator.get_weights(), gan.generator.get_weights()
    _, slopes = gradient(
        lambda: ops.mean(ops.softplus(-gan.discriminator(real))) + ops.mean(ops.softplus(gan.discriminator(fake))),
        gan.discriminator.trainable_variables,
    )
    slopes = [array(slope) for slope in slopes]
    gan.fit(real, batch_size=4, shuffle=False, verbose=0)
    for new, old, slope in zip(gan.discriminator.get_weights(), discriminator, slopes, strict=True):
        np.testing.assert_allclose(new, old - 0.25 * slope, atol=1e-6)
    moved = gan.generator.get_weights()
    gan.generator.set_weights(generator)
    _, slopes = gradient(
        lambda: ops.mean(ops.softplus(-gan.discriminator(gan.generator(latents)))), gan.generator.trainable_variables
    )
    for new, old, slope in zip(moved, generator, slopes, strict=True):
        np.testing.assert_allclose(new, old - 0.5 * array(slope), atol=1e-6)


def test_the_generator_makes_one_pass_a_step():
    gan, calls = build(run_eagerly=True), []
    network = gan.generator.call
    gan.generator.call = lambda *arguments, **keywords: calls.append(1) or network(*arguments, **keywords)
    gan.fit(points(4), batch_size=4, verbose=0)
    assert len(calls) == 1


def test_options_of_a_players_own_optimizer():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.5, 0.0])
    generator = keras.optimizers.SGD(schedule, clipnorm=1e-3)
    discriminator = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    gan = build(generator_optimizer=generator, discriminator_optimizer=discriminator)
    before = [array(v) for v in gan.generator.trainable_variables]
    gan.fit(points(8), batch_size=2, verbose=0)
    shift = [np.linalg.norm(array(v) - b) for v, b in zip(gan.generator.trainable_variables, before)]
    assert 0 < max(shift) <= 2 * 0.5 * 1e-3 * 1.001  # two moves at rate 0.5, each clipped, and none after
    averages = discriminator._model_variables_moving_average
    for variable, average in zip(gan.discriminator.trainable_variables, averages):
        np.testing.assert_array_equal(
            array(variable), array(average)
        )  # Keras puts its average in place at the end of fit


def test_same_seed_same_samples_and_training_is_not_disturbed():
    gan = build()
    before = values(gan)
    assert np.array_equal(gan.generate(5, seed=3), gan.generate(5, seed=3))
    assert not np.array_equal(gan.generate(5, seed=3), gan.generate(5, seed=4))
    assert not np.array_equal(gan.generate(5), gan.generate(5))
    np.testing.assert_allclose(gan.generate(7, seed=3, batch_size=3), gan.generate(7, seed=3), atol=1e-6)
    assert gan.generate(seed=1).shape == (1, 2)
    assert all(np.array_equal(a, b) for a, b in zip(before.values(), values(gan).values()))


def test_interpolation_ends_where_it_was_told():
    gan, ends = build(), np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    walk = gan.interpolate(5, *ends)
    np.testing.assert_allclose(walk[[0, -1]], gan.generate(latents=ends), atol=1e-5)
    assert walk.shape == (5, 2)


def test_evaluation_is_the_same_each_time_and_feeds_metrics():
    class Gap(keras.metrics.Mean):
        def update_state(self, real, generated):
            return super().update_state(ops.mean(generated) - ops.mean(real))

    gan = build(metrics=[Gap(name="gap")])
    first, second = (gan.evaluate(points(), return_dict=True, verbose=0) for _ in range(2))
    assert first == second and set(first) == {"discriminator_loss", "generator_loss", "gap"}
    history = gan.fit(points(), validation_data=points(6), epochs=2, verbose=0).history
    assert {"val_gap", "val_generator_loss"} <= set(history) and "gap" not in history


def test_metrics_compute_their_result_once_after_the_last_batch():
    class Count(keras.metrics.Sum):
        def update_state(self, real, generated):
            return super().update_state(ops.ones_like(generated[:, 0]))

        def result(self):
            value = float(super().result())
            assert value, "no result before the first batch"
            return {"seen": value, "twice": 2 * value}

    gan = build(metrics=[Count(name="count")])
    assert gan.evaluate(points(7), batch_size=4, verbose=0)[-2:] == [7.0, 14.0]
    history = gan.fit(points(), validation_data=points(6), epochs=2, verbose=0).history
    assert history["val_seen"] == [6.0, 6.0] and history["val_twice"] == [12.0, 12.0]


def test_compiling_again_starts_new_optimizers_and_leaves_nothing_behind():
    gan = build()
    gan.fit(points(), batch_size=4, verbose=0)
    gan.compile()
    history = gan.fit(points(), batch_size=4, verbose=0).history
    assert int(gan.generator_optimizer.iterations) == 3
    shown = {"discriminator_loss", "generator_loss"}
    assert {metric.name for metric in gan.metrics if metric.variables} == shown == set(history)


def test_average_of_the_generator(tmp_path):
    gan = build()
    gan.keep_average(0.9)
    first = gan.generator.get_weights()
    gan.fit(points(4), batch_size=4, verbose=0)
    keep = min(0.9, 2 / 11)
    for average, old, new in zip(gan.averaged_generator.get_weights(), first, gan.generator.get_weights(), strict=True):
        np.testing.assert_allclose(average, keep * old + (1 - keep) * new, rtol=1e-5, atol=1e-7)
    latents = np.ones((2, 3), "float32")
    np.testing.assert_allclose(gan.generate(latents=latents), array(gan.averaged_generator(latents)), atol=1e-6)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(latents=latents), gan.generate(latents=latents))
    if BACKEND == "tensorflow":
        gan.export(str(tmp_path / "served"))


def test_an_epochs_order_depends_on_the_seed_and_its_number_alone():
    batches = Batches(np.arange(10, dtype="float32")[:, None], batch_size=4, seed=3)
    epochs = []
    for epoch in (0, 1, 0):
        batches.epoch = epoch
        epochs.append(np.concatenate([batches[i] for i in range(len(batches))])[:, 0])
    assert np.array_equal(epochs[0], epochs[2]) and not np.array_equal(epochs[0], epochs[1])
    assert sorted(epochs[1]) == list(range(10))


def test_fit_sees_the_order_that_batches_say():
    seen = []

    class Spy(kgan.GAN):
        def train_step(self, data):
            seen.append(array(self.samples(data)))
            return super().train_step(data)

    gan = Spy(kgan.networks.mlp(3, 2, units=(8,)), kgan.networks.mlp(2, 1, units=(8,)))
    gan.compile(run_eagerly=True)
    data = Batches(points(10), batch_size=4, seed=5)
    gan.fit(data, epochs=2, verbose=0)
    expected = []
    for epoch in range(2):
        data.epoch = epoch
        expected += [data[i] for i in range(3)]
    assert all(np.array_equal(a, b) for a, b in zip(seen, expected, strict=True))


def test_validation_split_holds_out_the_end():
    history = build().fit(points(10), validation_split=0.3, verbose=0).history
    assert "val_generator_loss" in history


@pytest.mark.skipif(BACKEND == "tensorflow", reason="for the backends that can do without it")
def test_trains_where_tensorflow_is_not_installed():
    run_python(
        """
import sys
sys.modules["tensorflow"] = None
import numpy as np, kgan
gan = kgan.WGANGP(kgan.networks.mlp(3, 2, units=(8,)), kgan.networks.mlp(2, 1, units=(8,)))
gan.compile()
gan.fit(kgan.data.mixture("ring", samples=64, batch_size=32), verbose=0)
assert gan.generate(4).shape == (4, 2)
""",
        KERAS_BACKEND=BACKEND,
    )


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_an_exported_model_needs_neither_kgan_nor_keras(tmp_path):
    networks, shape = kgan.networks, (8, 8, 1)
    plain = kgan.DCGAN(networks.dcgan_generator(shape, 3, 4), networks.dcgan_discriminator(shape, 4), seed=0)
    labelled = kgan.CGAN(
        networks.dcgan_generator(shape, 3, 4, classes=2),
        networks.dcgan_discriminator(shape, 4, classes=2),
        classes=2,
        seed=0,
    )
    plain.export(str(tmp_path / "plain"))
    labelled.export(str(tmp_path / "labelled"))
    run_python(
        f"""
import os, sys
sys.modules["kgan"] = sys.modules["keras"] = None
import numpy as np, tensorflow as tf
os.chdir({str(tmp_path)!r})
latents = np.full((2, 3), 0.5, "float32")
plain, labelled = tf.saved_model.load("plain"), tf.saved_model.load("labelled")
np.savez("served.npz", plain=plain.serve(latents), labelled=labelled.serve([latents, np.array([0, 1], "int32")]))
"""
    )
    served, latents = np.load(tmp_path / "served.npz"), np.full((2, 3), 0.5, "float32")
    np.testing.assert_allclose(served["plain"], plain.generate(latents=latents), atol=1e-5)
    np.testing.assert_allclose(served["labelled"], labelled.generate(latents=latents, labels=[0, 1]), atol=1e-5)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data")
def test_a_tf_data_pipeline_of_ones_own():
    import tensorflow as tf

    gan = build()
    gan.fit(tf.data.Dataset.from_tensor_slices(points()).batch(5), epochs=2, verbose=0)
    assert int(gan.generator_optimizer.iterations) == 6


def test_images_of_any_kind_of_array():
    gan = kgan.DCGAN(image_shape=(8, 8, 1))
    gan.compile()
    gan.fit(ops.convert_to_tensor(images(4)), batch_size=2, verbose=0)
    assert int(gan.generator_optimizer.iterations) == 2
