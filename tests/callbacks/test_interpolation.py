"""Interpolation: which walks are drawn, that they are great circles, and that nothing else changes."""

import keras
import numpy as np
import pytest
from callback_games import StandIn, image_gan, points_gan, same, state
from PIL import Image

from kgan.callbacks import Diagnosis, Interpolation, NearestNeighbours
from kgan.kinds import LatentModel
from kgan.kinds.conditional_model import ConditionalModel
from kgan.kinds.prior import great_circle
from kgan.pictures import image_grid


def images(shape=(8, 8, 1)):
    return np.random.default_rng(0).uniform(-1, 1, (32, *shape)).astype("float32")


def test_great_circle_keeps_the_norm_and_goes_in_even_angles():
    start, end = np.array([3.0, 0, 0], "float32"), np.array([0, 3.0, 0], "float32")
    walk = great_circle(start, end, 7)
    assert walk.shape == (7, 3)
    np.testing.assert_allclose(np.linalg.norm(walk, axis=1), 3, atol=1e-4)
    np.testing.assert_allclose(walk[[0, -1]], [start, end], atol=1e-4)
    np.testing.assert_allclose(np.arctan2(walk[:, 1], walk[:, 0]), np.linspace(0, np.pi / 2, 7), atol=1e-4)


def test_each_row_is_a_walk_of_the_model(tmp_path):
    gan = image_gan()
    gan.fit(images(), epochs=2, verbose=0, callbacks=[Interpolation(tmp_path, rows=3, steps=5, seed=4)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-0000.png",
        "epoch-0001.png",
        "epoch-0002.png",
        "film.gif",
    ]
    pairs = np.random.default_rng(4).standard_normal((3, 2, 4), "float32")
    rows = [gan.interpolate(5, start, end) for start, end in pairs]
    assert np.abs(rows[0][0] - rows[1][0]).max() > 0.01
    with Image.open(tmp_path / "epoch-0002.png") as picture:
        drawn = np.asarray(picture)
    expected = np.asarray(image_grid(np.concatenate(rows), 3, 5))
    assert drawn.shape == expected.shape and np.abs(drawn.astype(int) - expected).max() <= 1


def test_walks_do_not_change_training(tmp_path):
    plain, drawn = image_gan(), image_gan()
    plain.fit(images(), epochs=2, verbose=0)
    drawn.fit(images(), epochs=2, verbose=0, callbacks=[Interpolation(tmp_path, rows=2, steps=3)])
    assert same(state(plain), state(drawn))


def test_labels_choose_the_class_of_each_row(tmp_path):
    class Conditional(StandIn):
        latent_dim = 3
        random_latents = LatentModel.random_latents

        def generate(self, latents, labels):
            self.labels = labels
            return np.zeros((len(latents), 8, 8, 1), "float32")

    walks, model = Interpolation(tmp_path, steps=4, labels=[7, 2]), Conditional()
    walks.set_model(model)
    walks.draw(1)
    np.testing.assert_array_equal(model.labels, [7] * 4 + [2] * 4)


def test_without_labels_a_walk_keeps_to_one_class(tmp_path):
    """A generator that shows nothing but its class."""
    latents, label = keras.Input((3,)), keras.Input((), dtype="int32")
    shown = keras.layers.Embedding(10, 16)
    generator = keras.Model([latents, label], keras.layers.Reshape((4, 4, 1))(shown(label)))
    shown.set_weights([np.linspace(-1, 1, 10, dtype="float32")[:, None].repeat(16, axis=1)])
    discriminator = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(11)])
    model = ConditionalModel({"generator": generator, "discriminator": discriminator}, classes=10, seed=0)
    walks = Interpolation(tmp_path, rows=5, steps=4)
    walks.set_model(model)
    rows = walks._walks().reshape(5, 4, 16)
    assert np.ptp(rows, axis=(1, 2)).max() == 0 and len(np.unique(rows)) > 1
    assert np.array_equal(rows, walks._walks().reshape(5, 4, 16))
    real = np.repeat(rows, 4, axis=0).reshape(-1, 4, 4, 1)
    for callback in (Diagnosis(None, real, samples=9), NearestNeighbours(tmp_path, real)):
        callback.set_model(model)
        assert np.array_equal(callback._generated(), callback._generated()) and np.ptp(callback._generated()) > 0


def test_refusals(tmp_path, points):
    with pytest.raises(ValueError, match="at least 1 row and 2 steps, not 6 and 1"):
        Interpolation(tmp_path, steps=1)
    with pytest.raises(ValueError, match="at least 1 row"):
        Interpolation(tmp_path, rows=0)
    with pytest.raises(ValueError, match=r"Interpolation draws images .*\(2,\)"):
        points_gan().fit(points, verbose=0, callbacks=[Interpolation(tmp_path)])
