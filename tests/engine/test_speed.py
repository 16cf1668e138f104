"""What training must not cost on any machine."""

import time
from pathlib import Path

import keras
import numpy as np
import pytest
from harness import run_python

import kgan

BACKEND = keras.config.backend()
mlp = kgan.networks.mlp


def toy(variant=kgan.GAN, **options):
    game = variant(mlp(2, 2, units=(16,)), mlp(2, 1, units=(16,)), seed=0)
    game.compile(**options)
    return game


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch compiles nothing")
def test_a_step_is_compiled_once_for_whole_batches_and_short_ones():
    traced = []

    class Counted(kgan.GAN):
        def train_step(self, data):
            traced.append(keras.tree.flatten(data)[0].shape[0])
            return super().train_step(data)

    gan = toy(Counted)
    gan.fit(kgan.data.mixture("ring", samples=200, batch_size=64), epochs=4, verbose=0)
    gan.fit(kgan.data.mixture("grid", samples=264, batch_size=64), epochs=2, verbose=0)
    # TensorFlow's graph is for batches of any size.
    assert len(traced) == (1 if BACKEND == "tensorflow" else 2), traced


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process its memory")
def test_memory_stays_flat():
    output = run_python(
        """
import re, kgan
gan = kgan.GAN(kgan.networks.mlp(2, 2, units=(16,)), kgan.networks.mlp(2, 1, units=(16,)), seed=0)
gan.compile()
data = kgan.data.mixture("ring", samples=64 * 500, batch_size=64)
for _ in range(5):
    gan.fit(data, epochs=1, verbose=0)
    print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""
    )
    peaks = [float(line) for line in output.split()[-5:]]
    # 2,000 steps after the first 500: a graph or a few kilobytes that each leaves behind would show.
    assert peaks[-1] - peaks[0] < 10, peaks


def test_generate_makes_each_sample_once_and_the_last_batch_whole(monkeypatch):
    gan, sizes = toy(), []
    latents = np.random.default_rng(0).standard_normal((10, 2))
    whole = gan.generate(latents=latents)
    predict = gan.predict_on_batch
    monkeypatch.setattr(gan, "predict_on_batch", lambda batch: sizes.append(len(batch)) or predict(batch))
    for batch_size in (1, 3, 10, 64):
        sizes.clear()
        np.testing.assert_allclose(gan.generate(latents=latents, batch_size=batch_size), whole, atol=1e-6)
        assert sizes == -(-10 // batch_size) * [min(batch_size, 10)]


@pytest.mark.slow
def test_fit_returns_when_the_last_callback_has():
    """20 runs of 20 seconds, on arrays and on a data set of ours: what the autotuner of tf.data holds back grows with
    the run.
    """
    points, late = kgan.data.mixture("ring", samples=64 * 200, batch_size=64), []

    class Ended(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = time.perf_counter() - self.began > 20

        def on_train_begin(self, logs=None):
            self.began = time.perf_counter()

        def on_train_end(self, logs=None):
            self.ended = time.perf_counter()

    gan = toy()
    for run in range(20):
        clock, data = Ended(), {"x": points} if run % 2 else {"x": points.images, "batch_size": 64}
        gan.fit(**data, epochs=100_000, verbose=0, callbacks=[clock])
        late.append(time.perf_counter() - clock.ended)
    assert max(late) < 0.5, late
