import keras
import numpy as np
import pytest
from harness import VariantTests, array, stand_in

import kgan

layers = keras.layers


class TestBiGAN(VariantTests):
    variant = kgan.BiGAN

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        samples, latents = keras.Input(shape), keras.Input((4,))
        pair = layers.Dense(1)(layers.Concatenate()([layers.Flatten()(samples), latents]))
        judge = keras.Model([samples, latents], layers.Add()([players["discriminator"](samples), pair]))
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dense(6)(layers.Flatten()(samples)))
        hidden = layers.Dropout(dropout)(hidden) if dropout else hidden
        return {
            "generator": players["generator"],
            "encoder": keras.Model(samples, layers.Dense(4)(hidden)),
            "discriminator": judge,
        }

    def toy_players(self):
        # As many latents as coordinates, and codes of unit spread from the start: wider latents than any code give
        # pairs away whatever the sample is, and the generator would learn nothing from them. Points are normal, so that
        # an affine map and its inverse win.
        leaky = {"units": (32, 32), "activation": "leaky_relu"}
        spread = keras.Sequential(
            [
                kgan.networks.mlp(2, 2, units=(32, 32)),
                layers.BatchNormalization(momentum=0.9, center=False, scale=False),
            ]
        )
        return {
            "generator": kgan.networks.mlp(2, 2, **leaky),
            "encoder": spread,
            "discriminator": kgan.networks.pair_discriminator((2,), 2, units=(64, 64)),
        }


def build():
    gan = kgan.BiGAN(**TestBiGAN().toy_players(), seed=0)
    gan.compile()
    return gan


def test_losses_by_hand():
    gan = build()
    stand_in(gan, discriminator=lambda pair, training: array(pair[0])[:, :1] + array(pair[1])[:, :1])
    real, codes = np.full((1, 2), 1.0, "float32"), np.full((1, 4), 0.5, "float32")
    fake, latents = np.full((1, 2), -2.0, "float32"), np.full((1, 4), 1.0, "float32")
    np.testing.assert_allclose(
        array(gan.discriminator_loss(real, latents, fake, codes)),
        [np.log1p(np.exp(-1.5)) + np.log1p(np.exp(-1.0))],
        rtol=1e-5,
    )
    np.testing.assert_allclose(
        array(gan.generator_loss(real, latents, fake, codes)),
        [np.log1p(np.exp(1.5)) + np.log1p(np.exp(1.0))],
        rtol=1e-5,
    )


def test_encoder_and_generator_become_each_others_inverse_unasked():
    points = np.random.default_rng(0).normal(size=(2000, 1)).astype("float32") * 2 + 1
    generator, encoder = kgan.networks.mlp(1, 1, units=(32,)), kgan.networks.mlp(1, 1, units=(32,))
    gan = kgan.BiGAN(encoder, generator, kgan.networks.pair_discriminator((1,), 1, units=(64, 64)), seed=0)
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
    gan.keep_average(0.99)
    before = np.corrcoef(gan.reconstruct(points)[:, 0], points[:, 0])[0, 1]
    gan.fit(points, batch_size=100, epochs=60, verbose=0)
    error = np.square(gan.reconstruct(points) - points).mean()
    assert error < 0.25 * points.var(), (before, error)
    codes = gan.encode(points)
    np.testing.assert_allclose([codes.mean(), codes.std()], [0, 1], atol=0.3)


def test_networks_that_do_not_fit_are_refused():
    players = TestBiGAN().toy_players()
    with pytest.raises(ValueError, match="and back"):
        kgan.BiGAN(**{**players, "encoder": kgan.networks.mlp(2, 3)})
    with pytest.raises(ValueError, match=r"\[samples, latents\]"):
        kgan.BiGAN(**{**players, "discriminator": kgan.networks.pair_discriminator((2,), 3)})
