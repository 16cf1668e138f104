"""Small games for the tests of the engine, played line by line:
compiling takes a hundred times as long as their steps.
"""

import keras
import numpy as np

import kgan

EAGER = keras.config.backend() == "tensorflow"


def points(count=12, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 2)).astype("float32")


def mlp(inputs, outputs, **options):
    return kgan.networks.mlp(inputs, outputs, units=(8,), **options)


def build(variant=kgan.GAN, generator=None, discriminator=None, seed=0, constructor=(), **compile_options):
    """A game of points, compiled."""
    keras.utils.set_random_seed(0)
    players = generator or mlp(3, 2), discriminator or mlp(2, 1)
    gan = variant(*players, **dict(constructor), seed=seed)
    gan.compile(**{"run_eagerly": EAGER, **compile_options})
    return gan


def build_labelled(classes=3, **compile_options):
    """A CGAN of points."""
    keras.utils.set_random_seed(0)
    label, latent, point = (lambda: keras.Input((), dtype="int32")), keras.Input((3,)), keras.Input((2,))
    asked, told = label(), label()
    embed, join, dense = (lambda: keras.layers.Embedding(classes, 2)), keras.layers.Concatenate, keras.layers.Dense
    generator = keras.Model([latent, asked], dense(2)(join()([latent, embed()(asked)])))
    discriminator = keras.Model([point, told], dense(1)(join()([point, embed()(told)])))
    gan = kgan.CGAN(generator, discriminator, classes=classes, seed=0)
    gan.compile(**{"run_eagerly": EAGER, **compile_options})
    return gan


def arrays(variables):
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
