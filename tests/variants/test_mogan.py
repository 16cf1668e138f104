import keras
import numpy as np
import pytest
from harness import VariantTests, array, stand_in

import kgan


def frozen(shape, activation=None):
    classifier = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(3, activation)])
    classifier.trainable = False
    return classifier


class TestMOGAN(VariantTests):
    variant = kgan.MOGAN
    toy_options = {"confidence_weight": 0.0}

    def players(self, shape, dropout=0.0):
        return {**super().players(shape, dropout), "classifier": frozen(shape)}

    def toy_players(self):
        return {**super().toy_players(), "classifier": frozen((2,))}


def test_the_generator_gains_by_confidence_and_the_classifier_stays_as_it_is():
    players = TestMOGAN().toy_players()
    gan = kgan.MOGAN(**players, seed=0)
    gan.compile(confidence_weight=0.5)
    stand_in(gan, classifier=lambda samples, training: np.array([[3.0, 0.0, 1.0]], "float32"))
    fake = np.zeros((1, 2), "float32")
    logit = float(array(gan.discriminator(fake))[0, 0])
    expected = np.log1p(np.exp(-logit)) - 0.5 * (3 - np.log(np.exp([3, 0, 1]).sum()))
    np.testing.assert_allclose(array(gan.generator_loss(fake, fake)), [expected], rtol=1e-5)

    gan = kgan.MOGAN(**players, seed=0)
    gan.compile(keras.optimizers.Adam(1e-2), confidence_weight=5.0)
    before = players["classifier"].get_weights()
    points = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")
    history = gan.fit(points, batch_size=32, epochs=10, verbose=0).history
    assert history["confidence"][-1] > history["confidence"][0]
    assert all(np.array_equal(a, b) for a, b in zip(before, players["classifier"].get_weights()))


def test_a_classifier_that_does_not_fit_is_refused():
    players = TestMOGAN().toy_players()
    with pytest.raises(ValueError, match="trainable = False"):
        kgan.MOGAN(**{**players, "classifier": keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])})
    with pytest.raises(ValueError, match="softmax"):
        kgan.MOGAN(**{**players, "classifier": frozen((2,), "softmax")})
    one = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    one.trainable = False
    with pytest.raises(ValueError, match="at least two classes"):
        kgan.MOGAN(**{**players, "classifier": one})
    with pytest.raises(ValueError, match=r"must take inputs of shape \(None, 2\).*not \(None, 5\)"):
        kgan.MOGAN(**{**players, "classifier": frozen((5,))})
    with pytest.raises(ValueError, match="is built"):
        kgan.MOGAN(**{**players, "classifier": keras.Sequential([keras.layers.Dense(3)])})
    with pytest.raises(ValueError, match="`confidence_weight` must be"):
        kgan.MOGAN(**players).compile(confidence_weight=-1)
