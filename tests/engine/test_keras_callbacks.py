"""Every callback that Keras has works on a game, or is refused by name with what makes it work."""

import inspect

import keras
import numpy as np
import pytest
from games import build, points
from harness import BACKEND

import kgan

CALLBACKS = keras.callbacks
FOR = {
    "BackupAndRestore": lambda folder: CALLBACKS.BackupAndRestore(folder / "backup"),
    "CSVLogger": lambda folder: CALLBACKS.CSVLogger(folder / "log.csv"),
    "EarlyStopping": lambda folder: CALLBACKS.EarlyStopping("val_score", patience=1),
    "LambdaCallback": lambda folder: CALLBACKS.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "LearningRateScheduler": lambda folder: CALLBACKS.LearningRateScheduler(lambda epoch: 0.1),
    "ModelCheckpoint": lambda folder: CALLBACKS.ModelCheckpoint(folder / "epoch-{epoch}.keras"),
    "ReduceLROnPlateau": lambda folder: CALLBACKS.ReduceLROnPlateau("generator_loss"),
    "RemoteMonitor": lambda folder: CALLBACKS.RemoteMonitor(),
    "SwapEMAWeights": lambda folder: CALLBACKS.SwapEMAWeights(),
    "TensorBoard": lambda folder: CALLBACKS.TensorBoard(folder / "board", update_freq=1, write_graph=False),
    "TerminateOnNaN": lambda folder: CALLBACKS.TerminateOnNaN(),
}
OF_ONE_PLAYER = ("LearningRateScheduler", "ReduceLROnPlateau", "TerminateOnNaN")


class Score(keras.metrics.Mean):
    """A metric that says which way it is better, as Keras' own do."""

    _direction = "up"

    def update_state(self, real, generated):
        return super().update_state(keras.ops.mean(generated))


def game(use_ema=False, **options):
    def adam():
        return keras.optimizers.Adam(1e-3, use_ema=use_ema)

    return build(metrics=[Score(name="score")], generator_optimizer=adam(), discriminator_optimizer=adam(), **options)


def test_this_list_is_whole():
    there = {
        name
        for name, member in vars(CALLBACKS).items()
        if inspect.isclass(member) and issubclass(member, CALLBACKS.Callback)
    }
    shown_by_keras = {"Callback", "CallbackList", "History", "ProgbarLogger", "MonitorCallback", "OrbaxCheckpoint"}
    assert there - shown_by_keras == set(FOR)


@pytest.mark.filterwarnings("ignore:Could not reach RemoteMonitor")
@pytest.mark.parametrize("name", FOR)
def test_a_stock_callback(name, tmp_path):
    if name == "TensorBoard":
        pytest.importorskip("tensorboard")
    gan, callback = game(use_ema=name == "SwapEMAWeights"), FOR[name](tmp_path)
    if name in OF_ONE_PLAYER:
        with pytest.raises(ValueError, match="ForPlayer"):
            gan.fit(points(), verbose=0, callbacks=[callback])
        callback = kgan.callbacks.ForPlayer("generator", callback)
    history = gan.fit(points(), epochs=2, verbose=0, callbacks=[callback], validation_data=points()).history
    assert len(history["generator_loss"]) == 2 and np.isfinite(history["generator_loss"]).all()
    if name == "ModelCheckpoint":
        loaded = keras.saving.load_model(tmp_path / "epoch-2.keras", custom_objects={"Score": Score})
        assert np.array_equal(loaded.generate(2, seed=0), gan.generate(2, seed=0))


@pytest.mark.parametrize(
    "monitor, better", [("val_score", "max"), ("val_generator_loss", "min"), ("discriminator_loss", "min")]
)
def test_which_way_is_better_is_known(monitor, better, tmp_path):
    best = CALLBACKS.ModelCheckpoint(tmp_path / "best.keras", monitor=monitor, save_best_only=True)
    early = CALLBACKS.EarlyStopping(monitor)
    game().fit(points(), epochs=2, verbose=0, callbacks=[best, early], validation_data=points())
    function = keras.ops.greater if better == "max" else keras.ops.less
    assert best.monitor_op is function and early.monitor_op is function


def test_what_watches_a_loss_that_is_none_is_refused(tmp_path):
    for callback in (
        CALLBACKS.EarlyStopping(),
        CALLBACKS.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True),
    ):
        with pytest.raises(ValueError, match="generator_loss"):
            game().fit(points(), verbose=0, callbacks=[callback])


def test_a_list_of_callbacks_that_is_ready(tmp_path):
    gan = build()
    ready = CALLBACKS.CallbackList([CALLBACKS.CSVLogger(tmp_path / "log.csv")], model=gan, epochs=2, add_history=True)
    gan.fit(points(), epochs=2, verbose=0, callbacks=ready)
    gan.fit(points(), epochs=1, verbose=0, callbacks=ready)
    assert gan.epochs_trained == 3 and BACKEND
