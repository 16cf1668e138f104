"""The ways in which Keras' documented GAN pattern breaks, each of which must not happen here."""

import keras
import numpy as np
import pytest
from harness import BACKEND, changed, images, run_python, values

import kgan


def points(count=12):
    return np.random.default_rng(0).normal(size=(count, 2)).astype("float32")


def build(variant=kgan.GAN, **compile_options):
    gan = variant(kgan.networks.mlp(3, 2, units=(8,)), kgan.networks.mlp(2, 1, units=(8,)), seed=0)
    gan.compile(**compile_options)
    return gan


def test_1_the_optimizer_slot_holds_the_players_optimizers():
    gan = build()
    assert gan.optimizer.optimizers == [gan.discriminator_optimizer, gan.generator_optimizer]
    slots = {id(v) for v in gan.optimizer.variables}
    assert slots == {id(v) for optimizer in gan.optimizer.optimizers for v in optimizer.variables}
    gan.fit(points(), batch_size=4, verbose=0)
    assert int(gan.optimizer.iterations) == 3
    assert float(gan.optimizer.learning_rate) == float(gan.generator_optimizer.learning_rate)
    with pytest.raises(AttributeError, match="generator_optimizer"):
        gan.optimizer.learning_rate = 0.1
    with pytest.raises(NotImplementedError, match="minimize"):
        gan.optimizer.apply([])


def test_2_load_model_restores_both_optimizers(tmp_path, recwarn):
    gan = build(
        generator_optimizer=keras.optimizers.Adam(3e-4, beta_1=0.1),
        discriminator_optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
    )
    gan.fit(points(), batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert not [w for w in recwarn if "compile" in str(w.message)]
    assert loaded.generator_optimizer.beta_1 == 0.1 and isinstance(loaded.discriminator_optimizer, keras.optimizers.SGD)
    assert all(np.array_equal(a, b) for a, b in zip(values(gan).values(), values(loaded).values(), strict=True))


def test_3_load_weights_into_a_fresh_model_restores_the_optimizers(tmp_path):
    gan, fresh = build(), build()
    gan.fit(points(), batch_size=4, epochs=2, verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    fresh.load_weights(tmp_path / "gan.weights.h5")
    assert int(fresh.generator_optimizer.iterations) == int(fresh.discriminator_optimizer.iterations) == 6


class Killed(Exception):
    pass


class KillAt(keras.callbacks.Callback):
    def __init__(self, epoch, batch):
        super().__init__()
        self.at, self.epoch = (epoch, batch), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise Killed


def test_4_backup_and_restore_continues_exactly(tmp_path):
    def new():
        keras.utils.set_random_seed(0)
        return build()

    whole, killed = new(), new()
    whole.fit(points(), batch_size=4, epochs=4, verbose=0)
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(Killed):
        killed.fit(points(), batch_size=4, epochs=4, verbose=0, callbacks=[backup, KillAt(2, 1)])
    resumed = build()
    resumed.fit(
        points(), batch_size=4, epochs=4, verbose=0, callbacks=[keras.callbacks.BackupAndRestore(tmp_path / "backup")]
    )
    assert int(resumed.generator_optimizer.iterations) == 12
    assert all(np.array_equal(a, b) for a, b in zip(values(whole).values(), values(resumed).values(), strict=True))


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau("loss"),
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
        keras.callbacks.TerminateOnNaN(),
    ],
)
def test_5_and_6_callbacks_that_speak_of_one_rate_or_loss_are_refused(callback):
    with pytest.raises(ValueError, match="ForPlayer"):
        build().fit(points(), callbacks=[callback], verbose=0)


def test_6_callbacks_that_watch_a_loss_that_does_not_exist_are_refused():
    with pytest.raises(ValueError, match="generator_loss"):
        build().fit(points(), callbacks=[keras.callbacks.EarlyStopping()], verbose=0)
    build().fit(points(), callbacks=[keras.callbacks.EarlyStopping("generator_loss", mode="min")], verbose=0)


def test_7_each_player_has_its_own_loss_scale():
    keras.config.set_dtype_policy("mixed_float16")
    generator = kgan.networks.mlp(3, 2, units=(8,))
    keras.config.set_dtype_policy("float32")
    gan = kgan.GAN(generator, kgan.networks.mlp(2, 1, units=(8,)))
    gan.compile()
    assert isinstance(gan.generator_optimizer, keras.optimizers.LossScaleOptimizer)
    assert not isinstance(gan.discriminator_optimizer, keras.optimizers.LossScaleOptimizer)
    history = gan.fit(points(), batch_size=4, verbose=0).history
    assert history["generator_loss"][0] < 10  # the log is not scaled


def test_7_a_gradient_that_overflows_halves_that_players_scale_and_moves_nothing():
    keras.config.set_dtype_policy("mixed_float16")
    scaled = keras.optimizers.LossScaleOptimizer
    gan = build(
        generator_optimizer=scaled(keras.optimizers.SGD(1.0), initial_scale=2.0**40),
        discriminator_optimizer=scaled(keras.optimizers.SGD(1.0), initial_scale=2.0**4),
    )
    before = [keras.ops.convert_to_numpy(v) for v in gan.generator.trainable_variables]
    gan.fit(points(4), batch_size=4, verbose=0)
    assert float(gan.generator_optimizer.dynamic_scale) == 2.0**39
    assert float(gan.discriminator_optimizer.dynamic_scale) == 2.0**4
    assert all(
        np.array_equal(a, keras.ops.convert_to_numpy(b)) for a, b in zip(before, gan.generator.trainable_variables)
    )


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_8_replicas_draw_what_one_device_draws():
    output = run_python(
        """
import keras, numpy as np, tensorflow as tf, kgan
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
mlp, heads, ensemble = kgan.networks.mlp, kgan.networks.heads, kgan.networks.ensemble
strategy, like = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), np.zeros((6, 2))

def games():
    yield kgan.InfoGAN(mlp(9, 2), heads(mlp(2, 4), (1, 4, 2)), (4,), 2, seed=0).latents
    yield kgan.MGAN(ensemble([mlp(2, 2) for _ in range(4)]), heads(mlp(2, 4), (1, 4)), 4, seed=0).indices
    networks = [keras.Sequential([keras.Input((4, 4, c)), keras.layers.Conv2D(1, 1)]) for c in (2, 1)]
    completes = kgan.ContextEncoder(*networks, seed=0)
    yield lambda like: completes.masks(tf.zeros([tf.shape(like)[0], 4, 4, 1]))

alone = [draw(like).numpy() for draw in games()]
with strategy.scope():
    together = [strategy.experimental_local_results(strategy.run(tf.function(draw), (like[:3],))) for draw in games()]
print(all(np.array_equal(one, np.concatenate(parts)) for one, parts in zip(alone, together)))
"""
    )
    assert output.split()[-1] == "True"


def test_9_batch_normalization_and_dropout_are_in_training_mode_inside_fit():
    gan = kgan.GAN(
        kgan.networks.dcgan_generator((16, 16, 1), latent_dim=3, filters=4),
        kgan.networks.dcgan_discriminator((16, 16, 1), filters=4, dropout=0.5),
        seed=0,
    )
    gan.compile()
    before, outside = values(gan), gan.global_random_states()
    gan.fit(images(4, (16, 16, 1)), batch_size=4, verbose=0)
    moved = changed(before, values(gan))
    assert {path for path in before if "moving" in path and path.split(":", 1)[1] not in moved} == set()
    dropouts = [
        v.path for layer in gan.discriminator.layers if isinstance(layer, keras.layers.Dropout) for v in layer.variables
    ]
    if BACKEND == "torch":  # an unseeded Dropout draws from PyTorch's own generator
        assert not np.array_equal(outside["torch"], gan.global_random_states()["torch"])
    else:
        assert dropouts and set(dropouts) <= moved


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data's autotuner")
def test_data_reach_the_step_without_the_autotuner():
    import tensorflow as tf

    gan = build()
    for data in (
        gan._feed(gan._read(points(), None, 4, True)),
        gan._feed(gan._read(tf.data.Dataset.from_tensor_slices(points()).batch(4), None, None, True)),
    ):
        assert data.options().autotune.enabled is False


def test_logs_are_named_after_losses_and_there_is_no_dummy():
    history = build(kgan.WGANGP).fit(points(), batch_size=4, verbose=0, validation_data=points(6)).history
    assert set(history) == {
        "discriminator_loss",
        "generator_loss",
        "gradient_penalty",
        "val_discriminator_loss",
        "val_generator_loss",
    }
