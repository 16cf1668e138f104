import keras
import numpy as np
import pytest
from callback_games import points_gan, same, state

from kgan.callbacks import EMA, Checkpoint


def values(network):
    return [np.array(keras.ops.convert_to_numpy(v.value), "float64") for v in network.weights]


def test_is_the_average_of_all_moves_batchnorm_included(points):
    class Record(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.seen = [values(self.model.generator)]

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(values(self.model.generator))

    gan, record = points_gan(run_eagerly=False), Record()
    gan.fit(points, epochs=3, batch_size=10, verbose=0, callbacks=[record, EMA(0.3)])
    expected = record.seen[0]
    for move, weights in enumerate(record.seen[1:], start=1):
        decay = min(0.3, (1 + move) / (10 + move))
        expected = [decay * average + (1 - decay) * weight for average, weight in zip(expected, weights)]
    average = values(gan.averaged_generator)
    assert len(record.seen) == 13 and len(average) == 8
    for ours, theirs, weight in zip(average, expected, values(gan.generator)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
        assert np.abs(ours - weight).max() > 0
    latents = np.random.default_rng(0).standard_normal((5, 2)).astype("float32")
    np.testing.assert_allclose(
        gan.generate(latents=latents), gan.averaged_generator(latents, training=False), rtol=1e-5, atol=1e-6
    )


def test_training_is_the_same_with_and_without(points):
    # Line by line: in a compiled step the average may change what is summed in which order.
    plain = points_gan(dropout=False, run_eagerly=True)
    plain.fit(points, epochs=2, verbose=0)
    averaged = points_gan(dropout=False, run_eagerly=True)
    averaged.fit(points, epochs=2, verbose=0, callbacks=[EMA(0.9)])
    assert all(np.array_equal(a, b) for a, b in zip(values(plain.generator), values(averaged.generator)))


@pytest.mark.parametrize("order", [1, -1])
def test_resumes_with_a_checkpoint_in_either_order(tmp_path, points, order):
    whole = points_gan()
    whole.fit(points, epochs=2, verbose=0, callbacks=[EMA(0.9)])
    for epochs in (1, 2):
        gan = points_gan()
        gan.fit(points, epochs=epochs, verbose=0, callbacks=[EMA(0.9), Checkpoint(tmp_path)][::order])
    assert same(state(whole), state(gan))


def test_decay_is_checked():
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        EMA(1.0)
