import keras
import numpy as np
import pytest
from harness import EngineTests, VariantTests, array, stand_in, tensors

import kgan

layers = keras.layers


class VAEGANTests(VariantTests):
    variant = kgan.VAEGAN
    compile_options = {"reconstruction_weight": 0.1}
    toy_options = {"kl_weight": 0.1}

    def phases(self):
        return ["encoder", "generator", "discriminator"]

    def players(self, shape, dropout=0.0):
        samples = keras.Input(shape)
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dense(6)(layers.Flatten()(samples)))
        hidden = layers.Dropout(dropout)(hidden) if dropout else hidden
        return {
            **super().players(shape, dropout),
            "encoder": keras.Model(samples, [layers.Dense(4)(hidden), layers.Dense(4)(hidden)]),
        }

    def toy_players(self):
        return {
            **super().toy_players(),
            "encoder": kgan.networks.heads(kgan.networks.mlp(2, 32), (4, 4), name="encoder"),
        }


class TestVAEGAN(EngineTests, VAEGANTests):
    pass


class TestFeatures(VAEGANTests):
    options = {"reconstruction": "features"}

    def players(self, shape, dropout=0.0):
        players = super().players(shape, dropout)
        return {**players, "discriminator": self.with_features(players["discriminator"], shape)}

    def toy_players(self):
        players = super().toy_players()
        return {**players, "discriminator": self.with_features(players["discriminator"], (2,))}

    def with_features(self, network, shape):
        samples = keras.Input(shape)
        features = layers.Dense(5)(layers.Flatten()(samples))
        return keras.Model(
            samples, [layers.Add()([network(samples), layers.Dense(1)(layers.LeakyReLU(0.2)(features))]), features]
        )


def build(**options):
    gan = kgan.VAEGAN(**TestVAEGAN().toy_players(), seed=0)
    gan.compile(**options)
    return gan


def test_losses_by_hand():
    gan = build(kl_weight=2.0, reconstruction_weight=0.5)
    stand_in(gan, discriminator=lambda samples, training: array(samples)[:, :1])
    stand_in(gan, generator=lambda codes, training: array(codes)[:, :2])
    mean, log_variance = tensors(
        (np.array([[0.5, 0.0, 0.0, 1.0]], "float32"), np.array([[0, 0, np.log(4.0), 0]], "float32"))
    )
    real, noise = tensors((np.array([[1.0, 2.0]], "float32"), np.array([[1.0, -1.0, 0.0, 0.0]], "float32")))
    error = 0.5 * ((1 - 1.5) ** 2 + (2 + 1) ** 2)
    divergence = 0.5 * (0.25 + 1 + (4 - 1 - np.log(4)))
    np.testing.assert_allclose(
        array(gan.encoder_loss(real, mean, log_variance, noise)), [error + 2 * divergence], rtol=1e-5
    )
    rebuilt, fake = tensors((np.array([[-1.0, 0.0]], "float32"), np.array([[2.0, 0.0]], "float32")))
    fooled = 0.5 * (np.log1p(np.exp(1)) + np.log1p(np.exp(-2)))
    np.testing.assert_allclose(
        array(gan.generator_loss(real, rebuilt, fake)), [0.5 * 0.5 * (4 + 4) + fooled], rtol=1e-5
    )
    told = np.log1p(np.exp(-1)) + 0.5 * (np.log1p(np.exp(-1)) + np.log1p(np.exp(2)))
    np.testing.assert_allclose(array(gan.discriminator_loss(real, rebuilt, fake)), [told], rtol=1e-5)


def test_samples_come_back():
    random = np.random.default_rng(0)
    points = random.normal(size=(1000, 2)).astype("float32") * (2.0, 0.1)
    gan = build(
        kl_weight=0.05,
        reconstruction_weight=5.0,
        **{f"{player}_optimizer": keras.optimizers.Adam(2e-3) for player in kgan.VAEGAN.players},
    )
    gan.fit(points.astype("float32"), batch_size=50, epochs=30, verbose=0)
    assert np.square(gan.reconstruct(points) - points).mean() < 0.1 * points.var(0).mean()
    assert gan.encode(points[:5]).shape == (5, 4)


def test_networks_that_do_not_fit_are_refused():
    players = TestVAEGAN().toy_players()
    with pytest.raises(ValueError, match="log variance"):
        kgan.VAEGAN(**{**players, "encoder": kgan.networks.mlp(2, 4)})
    with pytest.raises(ValueError, match="features"):
        kgan.VAEGAN(**players, reconstruction="features")
    with pytest.raises(ValueError, match="'pixels' or 'features'"):
        kgan.VAEGAN(**players, reconstruction="latents")
