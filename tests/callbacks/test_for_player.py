import keras
import numpy as np
import pytest
from callback_games import points_gan, same

from kgan.callbacks import ForPlayer


def rate(optimizer):
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def weights(gan):
    return [np.array(weight) for weight in gan.get_weights()]


def fit(points, *callbacks, gan=None, **arguments):
    gan = gan or points_gan()
    gan.fit(points, **{"epochs": 3, "verbose": 0, **arguments}, callbacks=list(callbacks))
    return gan


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_learning_rate_scheduler_moves_one_player(points, policy):
    keras.config.set_dtype_policy(policy)
    gan = fit(points, ForPlayer("generator", keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)))
    assert isinstance(gan.generator_optimizer, keras.optimizers.LossScaleOptimizer) == (policy == "mixed_float16")
    inner = getattr(gan.generator_optimizer, "inner_optimizer", gan.generator_optimizer)
    assert rate(inner) == pytest.approx(2e-4 / 8) and rate(gan.discriminator_optimizer) == pytest.approx(2e-4)
    assert gan.history.history["generator_learning_rate"] == pytest.approx([1e-4, 5e-5, 2.5e-5])
    assert "learning_rate" not in gan.history.history and "loss" not in gan.history.history


@pytest.mark.parametrize("monitor", ["loss", "val_loss"])
def test_reduce_on_plateau_watches_that_player(points, monitor):
    class Pretend(keras.callbacks.Callback):
        """The generator's loss falls, the discriminator's does not."""

        def on_epoch_end(self, epoch, logs=None):
            for prefix in ("", "val_"):
                logs[f"{prefix}discriminator_loss"], logs[f"{prefix}generator_loss"] = 1.0, -float(epoch)

    plateau = [
        ForPlayer(p, keras.callbacks.ReduceLROnPlateau(monitor, factor=0.1, patience=2))
        for p in ("discriminator", "generator")
    ]
    gan = fit(points, Pretend(), *plateau, epochs=4, validation_data=points)
    assert rate(gan.discriminator_optimizer) == pytest.approx(2e-5) and rate(gan.generator_optimizer) == pytest.approx(
        2e-4
    )
    assert gan.history.history["discriminator_loss"] == [1.0] * 4


def test_early_stopping_restores_the_best_weights(points):
    class Pretend(keras.callbacks.Callback):
        kept = {}

        def on_epoch_end(self, epoch, logs=None):
            self.kept[epoch] = weights(self.model)
            logs["val_generator_loss"], logs["val_discriminator_loss"] = [3, 1, 2, 2, 2, 2][epoch], -epoch

    pretend = Pretend()
    gan = fit(
        points,
        pretend,
        ForPlayer("generator", keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)),
        epochs=6,
    )
    assert gan.history.epoch == [0, 1, 2, 3] and gan.stop_training
    assert same(weights(gan), pretend.kept[1]) and not same(weights(gan), pretend.kept[3])


@pytest.mark.parametrize("player, epochs", [("generator", 1), ("discriminator", 3)])
def test_terminate_on_nan_looks_at_that_player(points, player, epochs):
    gan = points_gan(run_eagerly=True, dropout=False)
    loss = gan.generator_loss
    # The logged loss alone is broken: its gradient is clipped to 0.
    gan.generator_loss = lambda *arguments, **kwargs: loss(*arguments, **kwargs) * 0 + np.inf
    fit(points, ForPlayer(player, keras.callbacks.TerminateOnNaN()), gan=gan)
    assert len(gan.history.epoch) == epochs


def test_the_rest_of_the_model_is_the_model(points):
    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.found_here = self.model.optimizer
            self.calls = []

        def on_train_batch_end(self, batch, logs=None):
            self.calls.append((batch, logs["loss"] == logs["discriminator_loss"]))

        def on_test_end(self, logs=None):
            self.calls.append(sorted(logs))

    look = Look()
    gan = fit(points, ForPlayer("discriminator", look), epochs=1, batch_size=20, validation_data=points)
    assert gan.found_here is gan.discriminator_optimizer and look.params["epochs"] == 1
    assert look.calls == [(0, True), (1, True), ["discriminator_loss", "generator_loss", "loss"]]
    assert not ForPlayer("generator", look).async_safe
    assert ForPlayer("generator", keras.callbacks.ReduceLROnPlateau()).async_safe


def test_what_the_callback_writes_over_a_log_is_the_players(points):
    class Write(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["loss"] = 7.0

    history = fit(points, ForPlayer("generator", Write()), epochs=1).history.history
    assert history["generator_loss"] == [7.0] and history["discriminator_loss"] != [7.0] and "loss" not in history


def test_refusals(points):
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate)
    with pytest.raises(ValueError, match="no player 'critic' for LearningRateScheduler.*discriminator, generator"):
        fit(points, ForPlayer("critic", scheduler))
    with pytest.raises(TypeError, match="not str"):
        ForPlayer("generator", "ReduceLROnPlateau")
    for bare in (
        scheduler,
        keras.callbacks.ReduceLROnPlateau(),
        keras.callbacks.TerminateOnNaN(),
        keras.callbacks.EarlyStopping(),
    ):
        with pytest.raises(ValueError, match=r"ForPlayer\('generator'"):
            fit(points, bare)
