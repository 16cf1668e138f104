import keras
import numpy as np
import pytest

import kgan
from kgan.metrics import perceptual_path_length


def scaled(width, factor):
    return keras.Sequential([keras.Input((width,)), keras.layers.Rescaling(factor)])


def test_a_linear_generator_of_wide_latents():
    """Wide normal latents are orthogonal: the circle has the radius sqrt(d) and takes pi / 2 per unit of t."""
    length = perceptual_path_length(scaled(512, 1.0), samples=300, epsilon=1e-2)["mean"]
    assert length == pytest.approx(512 * (np.pi / 2) ** 2, rel=0.01)
    assert perceptual_path_length(scaled(512, 3.0), samples=300, epsilon=1e-2)["mean"] == pytest.approx(
        9 * length, rel=1e-4
    )


def test_a_constant_generator_has_no_length_and_features_count():
    assert perceptual_path_length(scaled(8, 0.0), samples=20) == {"mean": 0, "std": 0}
    assert perceptual_path_length(scaled(8, 1.0), features=scaled(8, 0.0), samples=20) == {"mean": 0, "std": 0}


def test_the_seed_fixes_it_and_batches_change_nothing():
    measured = perceptual_path_length(scaled(8, 1.0), samples=50, epsilon=1e-2, batch_size=50)
    assert measured == pytest.approx(
        perceptual_path_length(scaled(8, 1.0), samples=50, epsilon=1e-2, batch_size=7), rel=1e-4
    )
    assert measured != perceptual_path_length(scaled(8, 1.0), samples=50, epsilon=1e-2, seed=1)


def test_the_extreme_percents_are_left_out():
    """One latent in 300 whose sample jumps must not decide."""
    plain = perceptual_path_length(scaled(8, 1.0), samples=300, epsilon=1e-2)
    assert plain["mean"] > 0 and plain["std"] > 0
    seen = []

    class Jump(keras.layers.Layer):
        def call(self, latents):
            seen.append(1)
            first = keras.ops.cast(keras.ops.arange(keras.ops.shape(latents)[0]) == 0, "float32")[:, None]
            return latents + first * (1e6 if len(seen) % 2 else 0.0)

    jumping = keras.Sequential([keras.Input((8,)), Jump()])
    assert perceptual_path_length(jumping, samples=300, epsilon=1e-2, batch_size=300)["mean"] < 2 * plain["mean"]


def infogan(generator):
    """Three values of noise, a code of four categories, a continuous one."""
    samples = keras.Input((8,))
    heads = [keras.layers.Dense(width)(samples) for width in (1, 4, 1)]
    return kgan.InfoGAN(generator, keras.Model(samples, heads), categorical=(4,), continuous=1, seed=0)


def test_latents_of_a_game_come_by_its_own_law():
    """Categories add up to 1, and a uniform code in [-1, 1] goes straight, by 2 / 3 in the mean square."""
    seen = []

    class Recorder(keras.layers.Layer):
        def call(self, latents):
            seen.append(latents)
            return latents

    game = infogan(keras.Sequential([keras.Input((8,)), Recorder()]))
    seen.clear()  # what building the game went through holds no numbers
    perceptual_path_length(game, samples=200, epsilon=0.1)
    latents = np.concatenate([keras.ops.convert_to_numpy(batch) for batch in seen])
    assert len(latents) == 400 and np.abs(latents[:, :3]).max() > 1.5
    categories, code = latents[:, 3:7], latents[:, 7]
    assert categories.sum(1) == pytest.approx(np.ones(400), abs=1e-5) and categories.min() >= 0
    assert np.abs(code).max() <= 1
    last = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, use_bias=False)])
    last.set_weights([np.diag([0.0] * 7 + [1.0])])
    length = perceptual_path_length(infogan(last), samples=400, epsilon=0.01)["mean"]
    assert length == pytest.approx(2 / 3, rel=0.2)


def test_a_game_of_normal_latents_is_its_generator():
    game = kgan.GAN(scaled(512, 1.0), keras.Sequential([keras.Input((512,)), keras.layers.Dense(1)]), seed=0)
    length = perceptual_path_length(game, samples=300, epsilon=1e-2)["mean"]
    assert length == pytest.approx(512 * (np.pi / 2) ** 2, rel=0.01)


@pytest.mark.parametrize(
    "generator, options, says",
    [
        (scaled(8, 1.0), {"epsilon": 0}, "epsilon"),
        (lambda latents: latents, {}, "latent_dim"),
        (scaled(8, 1.0), {"samples": 0}, "samples"),
    ],
)
def test_refuses(generator, options, says):
    with pytest.raises(ValueError, match=says):
        perceptual_path_length(generator, **options)
