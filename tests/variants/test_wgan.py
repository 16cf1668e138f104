import keras
import numpy as np
import pytest
from harness import BACKEND, VariantTests, images

import kgan


class TestWGAN(VariantTests):
    variant = kgan.WGAN
    compile_options = {"critic_steps": 2}
    moves = 2
    toy_options = {
        "critic_steps": 3,
        "clip": 0.1,
        "generator_optimizer": "rmsprop",
        "discriminator_optimizer": "rmsprop",
    }


SPARED = {"clip_normalization": False}


@pytest.mark.parametrize("options", [{}, {"jit_compile": True}, {"steps_per_execution": 2, **SPARED}])
def test_weights_are_clipped_after_every_move_of_the_critic(options):
    spared = SPARED.items() <= options.items()
    if options and BACKEND == "torch" or "jit_compile" in options and BACKEND == "jax":
        pytest.skip("graph options of the other backends; JAX always compiles")
    critic = kgan.networks.dcgan_discriminator((16, 16, 1), filters=4)
    gan = kgan.WGAN(kgan.networks.dcgan_generator((16, 16, 1), latent_dim=4, filters=4), critic)
    gan.compile(critic_steps=2, discriminator_optimizer=keras.optimizers.RMSprop(0.1), **options)
    gan.fit(images(8, (16, 16, 1)), batch_size=2, verbose=0)
    for variable in critic.trainable_variables:
        largest = np.abs(keras.ops.convert_to_numpy(variable)).max()
        if not spared or "batch_normalization" not in variable.path:
            assert largest <= 0.01 + 1e-9, variable.path
        elif "gamma" in variable.path:
            assert largest > 0.5, variable.path


def test_clipping_holds_inside_the_step():
    gan = kgan.WGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    gan.compile(run_eagerly=True, critic_steps=3, discriminator_optimizer=keras.optimizers.RMSprop(0.1))
    minimize, largest = gan.minimize, []

    def watched(*arguments, **keywords):
        minimize(*arguments, **keywords)
        largest.append(max(np.abs(keras.ops.convert_to_numpy(v)).max() for v in gan.discriminator.trainable_variables))

    gan.minimize = watched
    gan.fit(np.zeros((4, 2), "float32"), batch_size=4, verbose=0)
    assert len(largest) == 4 and max(largest) <= 0.01 + 1e-9


def test_published_settings():
    gan = kgan.WGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    gan.compile()
    assert isinstance(gan.discriminator_optimizer, keras.optimizers.RMSprop)
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(5e-5)
    assert (gan.critic_steps, gan.clip) == (5, 0.01)
