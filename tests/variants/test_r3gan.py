import keras
import numpy as np
import pytest
from harness import VariantTests

import kgan


class TestR3GAN(VariantTests):
    variant = kgan.R3GAN
    normalization = None
    compile_options = {"gamma": 0.1}


def test_losses_of_a_linear_critic():
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    critic.layers[0].kernel.assign([[3.0], [4.0]])
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    gan = kgan.R3GAN(generator, critic)
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), gamma=0.2)
    logs = gan.fit(np.full((4, 2), 0.1, "float32"), batch_size=4, verbose=0).history
    # V(x) - V(G(z)) = 0.7, and the squared gradient is 25 on both.
    assert logs["r1_penalty"][0] == pytest.approx(25) and logs["r2_penalty"][0] == pytest.approx(25)
    assert logs["discriminator_loss"][0] == pytest.approx(np.log1p(np.exp(-0.7)) + 0.1 * 50, rel=1e-5)
    assert logs["generator_loss"][0] == pytest.approx(np.log1p(np.exp(0.7)), rel=1e-5)


def test_gamma_may_be_a_schedule():
    gan = kgan.R3GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    gan.compile(gamma=keras.optimizers.schedules.PolynomialDecay(1.0, 10, end_learning_rate=0.0))
    assert float(gan.scheduled(gan.gamma, "discriminator")) == 1.0
    gan.fit(np.zeros((10, 2), "float32"), batch_size=2, verbose=0)
    assert float(gan.scheduled(gan.gamma, "discriminator")) == pytest.approx(0.5)
