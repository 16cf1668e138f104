"""Small games for the tests of callbacks."""

import keras
import numpy as np

import kgan
from kgan.kinds.prior import Normal

# Tracing a graph takes TensorFlow a hundred times as long as these few steps do; tests that are about the compiled step
# say so.
EAGER = keras.config.backend() == "tensorflow"


class StandIn:
    """What callbacks ask of a game beside `generate`; a subclass has a `latent_dim`."""

    random_latents, walk = kgan.kinds.LatentModel.random_latents, kgan.kinds.LatentModel.walk

    @property
    def prior(self):
        return Normal(self.latent_dim)


def points_gan(
    seed=3,
    critic_steps=1,
    optimizer=None,
    units=8,
    dropout=True,
    variant=kgan.GAN,
    packing=1,
    rate=0.3,
    loss=None,
    **compile_arguments,
):
    """Points in the plane; the discriminator has Dropout (a random state) and BatchNorm (statistics, scales and
    offsets).
    """
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(units),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Dense(2),
        ]
    )
    hidden = [keras.layers.Dense(units), keras.layers.BatchNormalization(), keras.layers.LeakyReLU()]
    hidden += [keras.layers.Dropout(rate)] * dropout
    discriminator = keras.Sequential([keras.Input((2 * packing,)), *hidden, keras.layers.Dense(1)])
    given = {} if loss is None else {"loss": loss}
    given |= {} if packing == 1 else {"packing": packing}
    gan = variant(generator=generator, discriminator=discriminator, seed=seed, **given)
    compile_arguments.setdefault("run_eagerly", EAGER)
    gan.compile(discriminator_optimizer=optimizer, critic_steps=critic_steps, **compile_arguments)
    return gan


def image_gan(shape=(8, 8, 1), seed=3):
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(int(np.prod(shape)), "tanh"), keras.layers.Reshape(shape)]
    )
    discriminator = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)])
    gan = kgan.GAN(generator=generator, discriminator=discriminator, seed=seed)
    gan.compile(keras.optimizers.Adam(0.05), keras.optimizers.Adam(0.05), run_eagerly=EAGER)
    return gan


def state(gan):
    """Every weight, optimizer slot and random state, as copies; the metrics' state is left out."""
    metrics = {id(variable) for variable in gan.metrics_variables}
    variables = [*(v for v in gan.variables if id(v) not in metrics), *gan.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables] + [np.asarray(gan.seed)]


def same(first, second):
    return len(first) == len(second) and all(np.array_equal(a, b) for a, b in zip(first, second))
