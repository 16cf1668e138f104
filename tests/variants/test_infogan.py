import math

import keras
import numpy as np
import pytest
from conditional import with_heads
from harness import VariantTests, array, stand_in, tensors

import kgan


class TestInfoGAN(VariantTests):
    variant = kgan.InfoGAN
    options = {"categorical": (2,), "continuous": 1}
    toy_options = {"information_weight": 0.0, "continuous_weight": 0.0}  # there is nothing to tell apart in one blob

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        return {**players, "discriminator": with_heads(players["discriminator"], shape, 2, 1)}

    def toy_players(self):
        players = super().toy_players()
        return {**players, "discriminator": with_heads(players["discriminator"], (2,), 2, 1)}


def build(noise=3, categorical=(4, 2), continuous=2, seed=0):
    width = noise + sum(categorical) + continuous
    heads = (1, *categorical, *([continuous] if continuous else []))
    return kgan.InfoGAN(
        kgan.networks.mlp(width, 2),
        kgan.networks.heads(kgan.networks.mlp(2, 16), heads),
        categorical,
        continuous,
        seed=seed,
    )


@pytest.mark.parametrize("source", ["in the step", "in generate"])
def test_latents_are_noise_then_one_hot_categories_then_uniform_numbers(source):
    gan = build()
    latents = (
        array(gan.latents(np.zeros((4000, 2))))
        if source == "in the step"
        else gan.random_latents(4000, np.random.default_rng(0))
    )
    noise, first, second, numbers = np.split(latents, [3, 7, 9], axis=1)
    assert latents.shape == (4000, 11)
    np.testing.assert_allclose([noise.mean(), noise.std()], [0, 1], atol=0.05)
    for code in (first, second):
        assert set(np.unique(code)) == {0, 1} and (code.sum(1) == 1).all()
        np.testing.assert_allclose(code.mean(0), 1 / code.shape[1], atol=0.03)
    assert numbers.min() < -0.99 and numbers.max() > 0.99
    np.testing.assert_allclose(numbers.std(0), 1 / math.sqrt(3), atol=0.02)


def test_the_bound_by_hand():
    gan = build(categorical=(3,), continuous=1)
    gan.compile(information_weight=2.0, continuous_weight=0.5)
    latents = np.array([[0, 0, 0, 0, 1, 0, 0.5]], "float32")
    logits, mean = np.array([[1.0, 2.0, 0.0]], "float32"), np.array([[-0.5]], "float32")
    categorical = math.log(3) + 2 - np.log(np.exp(logits).sum())
    continuous = math.log(2) - 0.5 * math.log(2 * math.pi) - 0.5
    gain = gan.gain(*tensors(([logits, mean], latents)))
    np.testing.assert_allclose(array(gain), [2 * categorical + 0.5 * continuous], rtol=1e-5)


def test_both_players_gain_by_a_right_guess():
    gan = build(categorical=(3,), continuous=0)
    gan.compile()
    latents, point = tensors((np.array([[0, 0, 0, 0, 0, 1]], "float32"), np.zeros((1, 2), "float32")))
    losses = []
    for guess in ([[0.0, 0.0, 5.0]], [[5.0, 0.0, 0.0]]):
        stand_in(
            gan,
            discriminator=lambda samples, training, guess=guess: [
                np.zeros((1, 1), "float32"),
                np.array(guess, "float32"),
            ],
        )
        losses.append(
            (
                float(array(gan.discriminator_loss(point, point, latents))[0]),
                float(array(gan.generator_loss(point, latents))[0]),
            )
        )
    right, wrong = losses
    np.testing.assert_allclose(np.subtract(wrong, right), 5.0, rtol=1e-5)


def test_a_category_names_a_mode_without_labels():
    random = np.random.default_rng(0)
    centres = np.array([[2.0, 0], [-2, 2], [-2, -2]])
    points = (centres[random.integers(3, size=1200)] + 0.1 * random.normal(size=(1200, 2))).astype("float32")
    generator = kgan.networks.mlp(5, 2, units=(64, 64))
    gan = kgan.InfoGAN(generator, kgan.networks.heads(kgan.networks.mlp(2, 64, units=(64,)), (1, 3)), (3,), 0, seed=0)
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
    gan.fit(points, batch_size=60, epochs=40, verbose=0)
    made = gan.traverse(0, rows=50, columns=3)
    nearest = np.linalg.norm(made[:, :, None] - centres, axis=-1).argmin(-1)
    assert sorted(np.median(nearest, axis=0)) == [0, 1, 2]
    (probabilities,) = gan.codes(made.reshape(-1, 2))
    assert (probabilities.argmax(1) == np.tile(range(3), 50)).mean() > 0.95
    assert gan.evaluate(points, return_dict=True, verbose=0)["categorical_information"] > 0.9


def test_a_traversal_moves_one_code():
    gan = build()
    gan.generate = lambda latents: latents
    walk = gan.traverse(0, rows=2, columns=4)
    np.testing.assert_array_equal(walk[:, :, 3:7], np.tile(np.eye(4, dtype="float32"), (2, 1, 1)))
    rest = np.delete(walk, range(3, 7), axis=2)
    assert (rest == rest[:, :1]).all() and not np.array_equal(rest[0], rest[1])
    walk = gan.traverse(3, rows=1, columns=5, limits=(-2, 2))
    np.testing.assert_allclose(walk[0, :, 10], [-2, -1, 0, 1, 2])


def test_on_a_walk_codes_keep_to_their_range():
    gan = build()
    start, end = gan.random_latents(2, np.random.default_rng(0))
    walk = gan.walk(5, start, end)
    np.testing.assert_allclose(walk[[0, -1]], [start, end], atol=1e-6)
    np.testing.assert_allclose(walk[2, 3:], (start[3:] + end[3:]) / 2, atol=1e-6)
    assert gan.interpolate(4, seed=0).shape == (4, 2)


def test_codes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="take 12 of a latent that has 6"):
        kgan.InfoGAN(kgan.networks.mlp(6, 2), kgan.networks.heads(kgan.networks.mlp(2, 4), (1, 10, 2)))
    with pytest.raises(ValueError, match="categorical code 0"):
        kgan.InfoGAN(kgan.networks.mlp(16, 2), kgan.networks.heads(kgan.networks.mlp(2, 4), (1, 9, 2)))
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.InfoGAN(kgan.networks.mlp(16, 3), kgan.networks.heads(kgan.networks.mlp(2, 4), (1, 10, 2)))
    points = keras.Input((2,))
    softmax = keras.Model(points, [keras.layers.Dense(1)(points), keras.layers.Dense(10, "softmax")(points)])
    with pytest.raises(ValueError, match="ends in a softmax"):
        kgan.InfoGAN(kgan.networks.mlp(16, 2), softmax, continuous=0)
    with pytest.raises(ValueError, match=r"\(10,\), not 10"):
        kgan.InfoGAN(kgan.networks.mlp(16, 2), softmax, categorical=10)
    with pytest.raises(ValueError, match="needs a code"):
        build(categorical=(), continuous=0)
    with pytest.raises(ValueError, match="no 4"):
        build().traverse(4)
    with pytest.raises(ValueError, match="cannot be 10"):
        build().traverse(0, columns=10)
