import warnings

import keras
import numpy as np
import pytest
from callback_games import points_gan, same, state

from kgan.callbacks import Checkpoint, NaNGuard


class Poison(keras.callbacks.Callback):
    """Breaks one player's loss from an epoch on."""

    def __init__(self, player, value, epoch):
        super().__init__()
        self.player, self.value, self.epoch = player, value, epoch

    def set_model(self, model):
        super().set_model(model)
        self.factor = keras.Variable(1.0, trainable=False)
        name = f"{self.player}_loss"
        loss = getattr(type(model), name)
        setattr(model, name, lambda *args, **kwargs: loss(model, *args, **kwargs) * self.factor.value)

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.factor.assign(self.value)


def eager(**arguments):
    return points_gan(dropout=False, run_eagerly=True, **arguments)


@pytest.mark.parametrize("player, value", [("discriminator", np.nan), ("generator", np.inf)])
def test_stops_on_one_player_alone(points, player, value):
    if player == "generator":
        # A rate of 0 keeps the broken generator out of the discriminator's loss.
        gan = eager()
        gan.generator_optimizer.learning_rate = 0.0
        gan.generator_optimizer.clipvalue = 1.0
    else:
        gan = eager()
    with pytest.warns(RuntimeWarning, match=f"{player}_loss became (nan|inf).* epoch 2: training stops"):
        history = gan.fit(
            points, epochs=5, batch_size=10, verbose=0, callbacks=[NaNGuard(), Poison(player, value, epoch=1)]
        )
    assert history.epoch == [0, 1]


def test_looks_within_the_epoch(points):
    class Count(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1

    count = Count()
    with pytest.warns(RuntimeWarning, match=r"by batch 4 of epoch 1"):
        eager().fit(
            points,
            epochs=3,
            batch_size=4,
            verbose=0,
            callbacks=[NaNGuard(every=4), Poison("discriminator", np.nan, 0), count],
        )
    assert count.steps == 4


@pytest.mark.skipif(keras.config.backend() == "torch", reason="Keras has no steps_per_execution on PyTorch")
def test_looks_at_the_steps_that_an_execution_has(points):
    gan = points_gan(steps_per_execution=3, run_eagerly=False)
    gan.generator.layers[0].kernel.assign(np.full((2, 8), np.nan))
    with pytest.warns(RuntimeWarning, match=r"by batch 6 of epoch 1"):
        gan.fit(points, epochs=2, batch_size=4, verbose=0, callbacks=[NaNGuard(every=4)])


@pytest.mark.parametrize("order", [1, -1])
def test_rolls_back_and_the_broken_state_is_not_saved(tmp_path, points, order):
    good, gan = eager(), eager()
    good.fit(points, epochs=2, verbose=0)
    checkpoint = Checkpoint(tmp_path)
    callbacks = [NaNGuard(checkpoint=checkpoint), checkpoint][::order]
    with pytest.warns(RuntimeWarning, match="back where it was after epoch 2"):
        gan.fit(points, epochs=5, verbose=0, callbacks=[Poison("discriminator", np.nan, 2), *callbacks])
    assert same(state(good), state(gan))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-0001", "epoch-0002"]


def test_without_a_checkpoint_to_go_back_to(tmp_path, points):
    checkpoint = Checkpoint(tmp_path)
    with pytest.warns(RuntimeWarning, match="there is no checkpoint to go back to"):
        eager().fit(
            points,
            verbose=0,
            callbacks=[Poison("discriminator", np.nan, 0), NaNGuard(checkpoint=checkpoint), checkpoint],
        )


def test_is_quiet_and_leaves_keras_its_thread(points):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert points_gan().fit(points, epochs=2, verbose=0, callbacks=[NaNGuard(every=1)]).epoch == [0, 1]
    plain = keras.callbacks.CallbackList([], model=None)
    assert keras.callbacks.CallbackList([NaNGuard()], model=None)._async_train == plain._async_train
    with pytest.raises(ValueError, match="at least 1 batch"):
        NaNGuard(every=0)
