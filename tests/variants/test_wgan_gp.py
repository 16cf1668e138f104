import keras
import numpy as np
import pytest
from harness import UNCOMPILED, EngineTests, VariantTests

import kgan


class TestWGANGP(EngineTests, VariantTests):
    variant = kgan.WGANGP
    normalization = "layer"
    compile_options = {"critic_steps": 2}
    moves = 2
    toy_options = {"penalty_weight": 0.1}


def linear_critic(weights):
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    critic.layers[0].kernel.assign(np.asarray(weights, "float32")[:, None])
    return critic


@pytest.mark.parametrize(
    "weights, one_sided, expected",
    [((3.0, 4.0), False, 16.0), ((3.0, 4.0), True, 16.0), ((0.3, 0.4), False, 0.25), ((0.3, 0.4), True, 0.0)],
)
def test_penalty_of_a_linear_critic(weights, one_sided, expected):
    gan = kgan.WGANGP(kgan.networks.mlp(2, 2), linear_critic(weights), one_sided=one_sided)
    frozen = keras.optimizers.SGD(0.0)
    gan.compile(keras.optimizers.SGD(0.0), frozen, penalty_weight=7.0, critic_steps=1, **UNCOMPILED)
    points = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    logs = gan.fit(points, batch_size=4, verbose=0).history
    assert logs["gradient_penalty"][0] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    # The critic's loss is E f(G(z)) - E f(x) + 7 penalty, and the generator's is -E f(G(z)) on the same samples.
    expectation = float(np.mean(points @ np.asarray(weights, "float32")))
    assert logs["discriminator_loss"][0] == pytest.approx(
        -logs["generator_loss"][0] - expectation + 7 * expected, rel=1e-4, abs=1e-4
    )


def test_batch_normalization_in_the_critic_is_refused():
    with pytest.raises(ValueError, match="BatchNormalization"):
        critic = kgan.networks.dcgan_discriminator((16, 16, 1), filters=4, normalization="batch")
        kgan.WGANGP(kgan.networks.dcgan_generator((16, 16, 1), filters=4), critic)


def test_published_settings():
    gan = kgan.WGANGP(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    gan.compile()
    adam = gan.generator_optimizer
    assert (float(adam.learning_rate), adam.beta_1, adam.beta_2) == (pytest.approx(1e-4), 0.5, 0.9)
    assert (gan.critic_steps, gan.penalty_weight) == (5, 10.0)
