import keras
import numpy as np
import pytest
from harness import EngineTests, VariantTests, images

import kgan
from kgan.layers import SpectralNormalization


class TestSNGAN(EngineTests, VariantTests):
    variant = kgan.SNGAN
    normalization = "spectral"

    def toy_players(self):
        layers = keras.layers
        dense = [SpectralNormalization(layers.Dense(32, "leaky_relu")) for _ in range(2)]
        critic = keras.Sequential([keras.Input((2,)), *dense, SpectralNormalization(layers.Dense(1))])
        return {"generator": kgan.networks.mlp(4, 2, units=(32, 32)), "discriminator": critic}


def test_a_move_of_the_discriminator_is_one_power_step_and_the_generators_is_none():
    critic = kgan.networks.dcgan_discriminator((8, 8, 1), filters=4, normalization="spectral")
    gan = kgan.SNGAN(kgan.networks.dcgan_generator((8, 8, 1), latent_dim=4, filters=4), critic)
    gan.compile(run_eagerly=True, discriminator_optimizer=keras.optimizers.SGD(0.0))
    layer = critic.layers[0]
    matrix = keras.ops.convert_to_numpy(layer.layer.kernel).reshape(-1, layer.layer.filters).T
    u = keras.ops.convert_to_numpy(layer.u)
    v = matrix.T @ u
    step = matrix @ (v / np.linalg.norm(v))
    gan.fit(images(4), batch_size=4, verbose=0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer.u), step / np.linalg.norm(step), atol=1e-5)


def test_a_plain_discriminator_is_refused():
    with pytest.raises(ValueError, match="spectral"):
        kgan.SNGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
