"""Checkpoint: exact resume, and what happens when things go wrong."""

import errno
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time
import warnings

import keras
import numpy as np
import pytest
from callback_games import points_gan, same, state

import kgan
from kgan.callbacks import EMA, Checkpoint, checkpoint_files
from kgan.callbacks.model_description import (
    argument_differences,
    data_difference,
    describe_arguments,
    describe_data,
)
from kgan.engine import Batches

ROOT = pathlib.Path(__file__).parents[2]


def train(gan, points, epochs, *callbacks):
    gan.fit(points, epochs=epochs, batch_size=25, verbose=0, callbacks=list(callbacks))
    return gan


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_resumed_equals_uninterrupted_to_the_last_bit(tmp_path, points, capsys):
    whole = train(points_gan(run_eagerly=False), points, 4)
    train(points_gan(run_eagerly=False), points, 2, Checkpoint(tmp_path))
    assert "Resuming" not in capsys.readouterr().out
    # Another seed: all that the process draws for itself must come from the checkpoint.
    resumed = points_gan(seed=99, run_eagerly=False)
    assert not same(state(resumed), state(whole))
    history = resumed.fit(points, epochs=4, batch_size=25, verbose=0, callbacks=[Checkpoint(tmp_path)])
    assert same(state(resumed), state(whole))
    assert history.epoch == [2, 3]
    assert f"Resuming from {tmp_path / 'epoch-0002'}: at epoch 3.\n" in capsys.readouterr().out


def test_keeps_the_newest_and_the_last(tmp_path, points):
    train(points_gan(), points, 5, Checkpoint(tmp_path, every=2, keep=2))
    assert names(tmp_path) == ["epoch-0004", "epoch-0005"]
    assert names(tmp_path / "epoch-0005") == ["model.weights.h5", "state.json"]
    state_file = json.loads((tmp_path / "epoch-0005" / "state.json").read_text())
    assert (
        state_file["epoch"] == 5 and state_file["keras"] == keras.__version__ and state_file["kgan"] == kgan.__version__
    )


def test_weights_file_is_one_that_keras_reads(tmp_path, points):
    gan = train(points_gan(), points, 1, Checkpoint(tmp_path))
    other = points_gan(seed=9)
    other.load_weights(tmp_path / "epoch-0001" / "model.weights.h5")
    assert same(state(gan), state(other))


def test_a_finished_run_ends_at_once(tmp_path, points, capsys):
    gan = train(points_gan(), points, 2, Checkpoint(tmp_path))
    again = points_gan(seed=9)
    history = again.fit(points, epochs=2, batch_size=25, verbose=0, callbacks=[Checkpoint(tmp_path)])
    assert history.epoch == [] and same(state(gan), state(again))
    assert "all 2 epochs are done" in capsys.readouterr().out
    # The next `fit` without a checkpoint begins at its beginning.
    assert train(again, points, 1).history.epoch == [0]


def test_an_interrupted_fit_leaves_nothing_behind(tmp_path, points):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    train(points_gan(), points, 1, Checkpoint(tmp_path))
    gan, checkpoint = points_gan(), Checkpoint(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        train(gan, points, 4, Interrupt(), checkpoint)
    assert names(tmp_path) == ["epoch-0001"]
    checkpoint.save(2)
    assert names(tmp_path) == ["epoch-0001", "epoch-0002"]
    assert train(gan, points, 1).history.epoch == [0]


def test_resumes_with_other_metrics(tmp_path, points):
    class Spread(keras.metrics.Mean):
        def update_state(self, real, generated):
            super().update_state(keras.ops.std(generated))

    whole = train(points_gan(), points, 2)
    train(points_gan(), points, 1, Checkpoint(tmp_path))
    gan = points_gan(metrics=[Spread(name="spread")])
    train(gan, points, 2, Checkpoint(tmp_path))
    assert gan.history.epoch == [1] and same(state(gan), state(whole))


@pytest.mark.parametrize("file", ["model.weights.h5", "state.json"])
@pytest.mark.parametrize("damage", ["empty", "truncated", "flipped first", "flipped middle", "flipped last", "missing"])
def test_damage_is_noticed_and_the_one_before_is_used(tmp_path, points, file, damage):
    gan, checkpoint = points_gan(), Checkpoint(tmp_path)
    checkpoint.set_model(gan)
    checkpoint.save(1)
    good = state(gan)
    train(gan, points, 1)
    checkpoint.save(2)
    path = tmp_path / "epoch-0002" / file
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        position = {"first": 0, "middle": len(content) // 2, "last": len(content) - 1}.get(damage.split()[-1])
        if position is not None:
            content[position] ^= 1
        path.write_bytes({"empty": b"", "truncated": content[:-1]}.get(damage, content))
    with pytest.warns(UserWarning, match="epoch-0002 is damaged"):
        assert checkpoint.restore() == 1
    assert same(state(gan), good)
    # The damaged one gives way to the next one saved, and is not counted as one to keep; one that no longer says whose
    # it is stays.
    checkpoint.keep = 1
    checkpoint.save(1)
    anonymous = file == "state.json" and damage in ("empty", "missing")
    assert names(tmp_path) == ["epoch-0001", "epoch-0002"][: 1 + anonymous]


def test_a_changed_number_in_the_state_is_noticed(tmp_path):
    checkpoint = Checkpoint(tmp_path)
    checkpoint.set_model(points_gan())
    path = checkpoint.save(12) / "state.json"
    for old, new in (('"epoch": 12', '"epoch": 18'), ("(2, 8)", "(2, 9)")):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        with pytest.warns(UserWarning, match="contents are not what was written"):
            assert checkpoint.restore() is None
        path.write_text(text)
    assert checkpoint.restore() == 12


@pytest.mark.parametrize(
    "other, part",
    [
        (lambda: points_gan(variant=kgan.FGAN), "as its class it has GAN, this model has FGAN"),
        (
            lambda: points_gan(units=9),
            r"as its discriminator it has one whose variable 1 of 8 is \(2, 8\) float32, this model has .* \(2, 9\)",
        ),
        (
            lambda: points_gan(optimizer=keras.optimizers.SGD(0.1)),
            "as its discriminator_optimizer it has Adam, this model has SGD",
        ),
        (
            lambda: points_gan(optimizer=keras.optimizers.Adam(0.1, amsgrad=True)),
            "as its discriminator_optimizer it has one of 14 variables, .* one of 20",
        ),
        (lambda: points_gan(dropout=False), "as its number of random states .* it has 3, this model has 2"),
    ],
    ids=["class", "network", "optimizer", "slots", "random states"],
)
def test_a_checkpoint_of_another_model_is_refused(tmp_path, points, other, part):
    train(points_gan(), points, 1, Checkpoint(tmp_path))
    gan = other()
    before = state(gan)
    with pytest.raises(ValueError, match=f"epoch-0001 is of another model: {part}.*give Checkpoint another directory"):
        train(gan, points, 2, Checkpoint(tmp_path))
    assert same(state(gan), before) and names(tmp_path) == ["epoch-0001"]


@pytest.mark.parametrize(
    "other, part",
    [
        (dict(rate=0.5), "discriminator.layers.5.rate it has 0.3, this model has 0.5"),
        (dict(critic_steps=2), "critic_steps it has 1, this model has 2"),
        (dict(loss="hinge"), "loss it has non_saturating, this model has hinge"),
        (dict(optimizer=keras.optimizers.Adam(0.1, beta_1=0.9)), "discriminator_optimizer.beta_1 it has 0.5, .* 0.9"),
    ],
    ids=["rate of a layer", "compile argument", "loss", "optimizer"],
)
def test_a_checkpoint_of_another_game_is_refused(tmp_path, other, part):
    checkpoint = Checkpoint(tmp_path)
    checkpoint.set_model(points_gan())
    checkpoint.save(1)
    checkpoint.set_model(points_gan(seed=9))
    assert checkpoint.restore() == 1
    gan = points_gan(seed=9, **other)
    checkpoint.set_model(gan)
    before = state(gan)
    with pytest.raises(ValueError, match=f"as its {part}; build and compile the model as it was"):
        checkpoint.restore()
    assert same(state(gan), before)


def test_names_seeds_and_ways_to_carry_out_a_step_are_no_difference():
    plain = describe_arguments(points_gan())
    keras.layers.Dense(1), keras.layers.Dropout(0.1)  # Keras numbers its names on
    optimizer = keras.optimizers.Adam(2e-5, beta_1=0.5)
    assert describe_arguments(points_gan(seed=5, steps_per_execution=7, optimizer=optimizer)) == plain


def test_another_precision_is_a_difference():
    plain = describe_arguments(points_gan())["arguments"]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = describe_arguments(points_gan())["arguments"]
    finally:
        keras.config.set_dtype_policy("float32")
    assert ("generator.layers.2.dtype", "float32", "mixed_bfloat16") in argument_differences(plain, mixed)


def test_another_schedule_is_said_and_taken(tmp_path):
    def gan(steps):
        return points_gan(optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, steps)))

    checkpoint = Checkpoint(tmp_path)
    checkpoint.set_model(gan(10))
    checkpoint.save(1)
    checkpoint.set_model(gan(20))
    with pytest.warns(UserWarning, match="discriminator_optimizer.learning_rate.decay_steps was 10, and is 20"):
        assert checkpoint.restore() == 1


def test_the_saved_learning_rate_is_said(tmp_path, points, capsys):
    train(points_gan(optimizer=keras.optimizers.SGD(0.1)), points, 1, Checkpoint(tmp_path))
    train(points_gan(optimizer=keras.optimizers.SGD(0.2)), points, 1, Checkpoint(tmp_path))
    assert "all 1 epochs are done, discriminator_optimizer has the saved learning rate 0.1." in capsys.readouterr().out


def changed(points, **options):
    points = points.copy()
    points[7] += 0.1
    return Batches(points, **{"batch_size": 25, **options})


@pytest.mark.parametrize(
    "other, part",
    [
        (lambda points: Batches(points[:-1], batch_size=25), "number of samples was 40 and is 39"),
        (lambda points: Batches(points, batch_size=20), "batch size was 25 and is 20"),
        (lambda points: Batches(points, batch_size=25, shuffle=False), "shuffling was True and is False"),
        (lambda points: Batches(points, batch_size=25, seed=1), "seed of the order was 0 and is 1"),
        (lambda points: Batches(points, np.zeros(40, "int64"), batch_size=25), "shape of a label was none and is"),
        (changed, "digest of the samples was .* and is "),
    ],
    ids=["fewer", "batch size", "shuffle", "seed", "labels", "one sample"],
)
def test_a_checkpoint_of_other_data_is_refused(points, other, part):
    gan = points_gan()
    there = describe_data(Batches(points, batch_size=25), gan)
    copied = describe_data(Batches(points.copy(), batch_size=25), gan)
    assert data_difference(json.loads(json.dumps(there)), copied) is None
    name, then, now = data_difference(there, describe_data(other(points), gan))
    assert re.search(part, f"{name} was {then} and is {now}")
    assert data_difference(there, None) is data_difference(None, there) is None


def test_an_order_of_the_models_own_seed_is_restored_with_it(points):
    first, second = points_gan(seed=3), points_gan(seed=4)
    descriptions = [describe_data(Batches(points, seed=gan.seed), gan) for gan in (first, second)]
    assert data_difference(*descriptions) is None


def test_other_data_are_refused_when_fit_starts(tmp_path, points):
    def begin(data, gan):
        gan.play.data = data
        checkpoint = Checkpoint(tmp_path)
        checkpoint.set_model(gan)
        checkpoint.on_train_begin()
        return checkpoint

    begin(Batches(points), points_gan()).save(1)
    begin(Batches(points), points_gan())
    with pytest.raises(ValueError, match="of other data: their batch size was 32 and is 20; fit on the data"):
        begin(Batches(points, batch_size=20), points_gan())


def test_what_another_backend_wrote_goes_on_with_a_warning(tmp_path, points, monkeypatch):
    train(points_gan(), points, 1, Checkpoint(tmp_path))
    written = tmp_path / "epoch-0001" / "model.weights.h5"
    gan, expected = points_gan(seed=9), points_gan(seed=8)
    expected.load_weights(written)
    monkeypatch.setattr(keras.config, "backend", lambda: "another")
    with pytest.warns(
        UserWarning, match="written on Keras' backend .* and goes on on 'another'.*random numbers will be others"
    ):
        checkpoint = Checkpoint(tmp_path)
        checkpoint.set_model(gan)
        assert checkpoint.restore() == 1
    held = [[*model.weights, *model.optimizer.variables] for model in (gan, expected)]
    assert all(np.array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b)) for a, b in zip(*held))


def test_an_average_that_the_model_lacks_is_refused(tmp_path, points):
    train(points_gan(), points, 1, EMA(0.9), Checkpoint(tmp_path))
    with pytest.raises(
        ValueError, match="as its moving average of the generator it has one of 8 variables, this model has none"
    ):
        train(points_gan(), points, 2, Checkpoint(tmp_path))


def test_a_load_that_fails_half_way_leaves_the_model_as_it_was(tmp_path, points, monkeypatch):
    train(points_gan(), points, 1, Checkpoint(tmp_path))
    gan, load = points_gan(seed=9), kgan.GAN.load_weights

    def fail(self, path):
        load(self, path)
        raise OSError("the disk went away")

    monkeypatch.setattr(kgan.GAN, "load_weights", fail)
    before, checkpoint = state(gan), Checkpoint(tmp_path)
    checkpoint.set_model(gan)
    with pytest.raises(OSError, match="went away"):
        checkpoint.restore()
    assert same(state(gan), before)


@pytest.mark.parametrize("function", ["write", "fsync", "rename", "mkdir"])
def test_a_full_disk_costs_a_warning_and_nothing_else(tmp_path, points, monkeypatch, function):
    whole = train(points_gan(), points, 3)
    train(points_gan(), points, 1, Checkpoint(tmp_path))
    before = {path: path.read_bytes() for path in (tmp_path / "epoch-0001").iterdir()}

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    class Fill(keras.callbacks.Callback):
        """The disk is full from here on."""

        def on_epoch_begin(self, epoch, logs=None):
            target = {"write": (checkpoint_files, "_write_file"), "mkdir": (pathlib.Path, "mkdir")}.get(
                function, (os, function)
            )
            monkeypatch.setattr(*target, full)

    gan = points_gan()
    with pytest.warns(RuntimeWarning, match="Epoch 2 is not saved, training goes on: .*No space left on device"):
        train(gan, points, 3, Fill(), Checkpoint(tmp_path, keep=1))
    monkeypatch.undo()
    assert same(state(gan), state(whole))
    assert names(tmp_path) == ["epoch-0001"] and before == {
        path: path.read_bytes() for path in (tmp_path / "epoch-0001").iterdir()
    }


def test_a_real_write_error_does_not_kill_the_process(tmp_path):
    """HDF5 writing to a full disk is a segmentation fault: it must never be what writes there. A limit on file sizes
    stands in for the disk.
    """
    resource = pytest.importorskip("resource")
    script = f"""
import resource, sys
sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})
from callback_games import points_gan
from kgan.callbacks import Checkpoint
checkpoint = Checkpoint({str(tmp_path)!r})
checkpoint.set_model(points_gan())
checkpoint.save(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
try:
    checkpoint.save(2)
except OSError as error:
    print("caught", error.errno)
"""
    process = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, timeout=300
    )
    assert process.returncode == 0 and f"caught {errno.EFBIG}" in process.stdout, process.stderr[-2000:]
    assert resource and names(tmp_path) == ["epoch-0001"]


def test_a_directory_that_cannot_be_written_is_refused_before_training(tmp_path, points):
    (tmp_path / "file").write_text("")
    gan = points_gan()
    before = state(gan)
    with pytest.raises(OSError, match="Checkpoint cannot write into .*file/below"):
        train(gan, points, 1, Checkpoint(tmp_path / "file" / "below"))
    assert same(state(gan), before)
    for wrong in (dict(every=0), dict(keep=0)):
        with pytest.raises(ValueError, match="at least 1"):
            Checkpoint(tmp_path, **wrong)


def test_a_state_that_is_not_finite_is_not_saved(tmp_path, points):
    gan, checkpoint = points_gan(), Checkpoint(tmp_path)
    checkpoint.set_model(gan)
    gan.generator.layers[0].kernel.assign(np.full((2, 8), np.nan))
    with pytest.raises(ValueError, match="1 variables hold NaN or infinity"):
        checkpoint.save(1)
    with pytest.warns(RuntimeWarning, match="Epoch 1 is not saved: discriminator_loss and generator_loss not finite"):
        train(gan, points, 1, checkpoint)
    assert names(tmp_path) == []


def test_leftovers_of_a_kill_are_cleaned_and_a_replaced_one_counts(tmp_path, points):
    gan, checkpoint = points_gan(), Checkpoint(tmp_path)
    checkpoint.set_model(gan)
    (checkpoint.save(1)).rename(tmp_path / "epoch-0001.replaced")
    for leftover in (".writing-epoch-0001", ".deleted-epoch-0000"):
        (tmp_path / leftover).mkdir()
        (tmp_path / leftover / "model.weights.h5").write_bytes(b"half")
    assert train(points_gan(seed=9), points, 2, Checkpoint(tmp_path)).history.epoch == [1]
    assert names(tmp_path) == ["epoch-0002"]


def test_a_checkpoint_saved_again_takes_its_place(tmp_path, points):
    gan, checkpoint = points_gan(), Checkpoint(tmp_path, keep=1)
    checkpoint.set_model(gan)
    checkpoint.save(3)
    train(gan, points, 1)
    checkpoint.save(3)
    after = state(gan)
    train(gan, points, 1)
    assert names(tmp_path) == ["epoch-0003"] and checkpoint.restore() == 3 and same(state(gan), after)


def test_what_others_wrote_is_neither_deleted_nor_counted_nor_overwritten(tmp_path, points):
    for name in ("epoch-12", "epoch-0003", "epoch-00004", "epoch-0001.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "best.pt").write_text(name)
    (tmp_path / "epoch-12" / "model.weights.h5").write_text("mine")
    gan, checkpoint = points_gan(), Checkpoint(tmp_path, keep=1)
    checkpoint.set_model(gan)
    checkpoint.save(1)
    (tmp_path / "epoch-0001" / "notes.txt").write_text("epoch-0001")
    checkpoint.save(2)
    with pytest.warns(UserWarning, match="epoch-0003 is no checkpoint of this epoch; it is kept as .*epoch-0003.1"):
        checkpoint.save(3)
    mine = {path.parent.name: path.read_text() for path in tmp_path.rglob("*.[pt]*t")}
    assert mine == {
        **{name: name for name in ("epoch-12", "epoch-00004", "epoch-0001.old")},
        **{f"{name}.1": name for name in ("epoch-0003", "epoch-0001")},
    }
    assert names(tmp_path / "epoch-0003") == ["model.weights.h5", "state.json"]
    assert (tmp_path / "epoch-12" / "model.weights.h5").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert checkpoint.restore() == 3


def test_a_renamed_checkpoint_is_passed_over_and_kept(tmp_path, points):
    gan, checkpoint = points_gan(), Checkpoint(tmp_path, keep=1)
    checkpoint.set_model(gan)
    checkpoint.save(1).rename(tmp_path / "epoch-0099")
    checkpoint.save(2)
    with pytest.warns(UserWarning, match="epoch-0099 is damaged .it is of epoch 1, whatever its name says"):
        assert checkpoint.restore() == 2
    checkpoint.save(3)
    assert names(tmp_path) == ["epoch-0003", "epoch-0099"]


class StopAt(keras.callbacks.Callback):
    """Stop in the second epoch, after its first batch: by `stop_training`, or by an exception."""

    def __init__(self, error=None):
        super().__init__()
        self.error, self.epoch = error, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 0:
            self.model.stop_training = True
            if self.error is not None:
                raise self.error


def test_a_run_that_is_stopped_in_mid_epoch_goes_on_exactly(tmp_path, points):
    def gan(seed=3):
        return points_gan(seed, run_eagerly=True)  # JAX would compile six steps

    def resumed(directory):
        assert names(directory) == ["epoch-0001"]
        game = train(gan(seed=9), points, 3, Checkpoint(directory))
        assert game.history.epoch == [1, 2]
        return game

    whole = train(gan(), points, 3)
    with pytest.warns(RuntimeWarning, match="Epoch 2 was cut short and is not saved"):
        train(gan(), points, 3, StopAt(), Checkpoint(tmp_path / "flag", every=5, boundary=True))
    assert same(state(resumed(tmp_path / "flag")), state(whole))

    stopped, checkpoint = gan(), Checkpoint(tmp_path / "exception", every=5, boundary=True)
    with pytest.raises(KeyboardInterrupt):
        train(stopped, points, 3, StopAt(KeyboardInterrupt()), checkpoint)
    before = state(stopped)
    assert checkpoint.save_boundary() == (tmp_path / "exception" / "epoch-0001", 1) and same(state(stopped), before)
    assert same(state(resumed(tmp_path / "exception")), state(whole))


def test_an_epoch_that_is_whole_when_training_stops_is_saved(tmp_path, points):
    class StopAtTheEnd(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    train(points_gan(), points, 3, StopAtTheEnd(), Checkpoint(tmp_path, every=5))
    assert names(tmp_path) == ["epoch-0001"]
    with pytest.raises(RuntimeError, match="boundary=True"):
        Checkpoint(tmp_path).save_boundary()


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": keras.config.backend()}


SAVER = """
import sys
sys.path.insert(0, {tests!r})
import numpy as np
from callback_games import points_gan
from kgan.callbacks import Checkpoint
gan, checkpoint = points_gan(units=64), Checkpoint({directory!r}, keep=2)
checkpoint.set_model(gan)
epoch = checkpoint.restore() or 0
print("ready", flush=True)
while True:
    epoch += 1
    gan.generator.layers[0].kernel.assign(np.full((2, 64), epoch, "float32"))
    checkpoint.save(epoch if epoch % 3 else epoch - 1)
"""


def test_kill_9_at_any_instant_leaves_a_usable_checkpoint(tmp_path):
    """A process does nothing but save, every third time over the checkpoint of the epoch before, and is killed again
    and again.
    """
    script = SAVER.format(tests=str(pathlib.Path(__file__).parent), directory=str(tmp_path))
    moments, last = random.Random(0), 0
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.2 + moments.random() * 0.4)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        gan, checkpoint = points_gan(units=64), Checkpoint(tmp_path)
        checkpoint.set_model(gan)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            epoch = checkpoint.restore()
        written = keras.ops.convert_to_numpy(gan.generator.layers[0].kernel.value)
        assert epoch >= last and epoch >= 2 and written[0, 0] in (epoch, epoch + 1) and (written == written[0, 0]).all()
        last = epoch


def test_stopped_before_any_file_operation_leaves_a_usable_checkpoint(tmp_path, monkeypatch):
    """The same, one operation after the other: the save is cut off, without clean-up, before its first, its second, ...
    until one comes through.
    """

    class Killed(BaseException):
        pass

    gan, stop, finished, count = points_gan(), 0, False, [0]

    def cut(module, name):
        real = getattr(module, name)

        def operation(*args, **kwargs):
            count[0] += 1
            if count[0] >= stop:
                raise Killed
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, operation)

    while not finished:
        stop, count[0], directory = stop + 1, 0, tmp_path / str(stop)
        checkpoint = Checkpoint(directory, keep=1)
        checkpoint.set_model(gan)
        checkpoint.save(5)
        for module, name in (
            (os, "rename"),
            (os, "mkdir"),
            (os, "unlink"),
            (os, "rmdir"),
            (os, "fsync"),
            (checkpoint_files, "_write_file"),
        ):
            cut(module, name)
        try:
            checkpoint.save(5)
            finished = True
        except Killed:
            pass
        monkeypatch.undo()
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            assert checkpoint.restore() == 5
        checkpoint_files.tidy(directory)
        assert not [name for name in names(directory) if name.startswith(".")]
    assert stop > 10
