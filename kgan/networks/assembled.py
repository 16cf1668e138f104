"""Networks put together from others."""

import keras
from keras import layers

from kgan.layers import Ensemble


def heads(body, widths, name="discriminator"):
    """A network with several outputs that share all but their last layers.

    Args:
        body: network of samples to features `(batch, d)`; leaky ReLU follows it.
        widths: of the outputs.
        name: name of the model.

    Returns:
        `keras.Model` of samples to a list of `(batch, width)`.

    Example:

    >>> kgan.networks.heads(kgan.networks.mlp(2, 64), (1, 4)).output_shape
    [(None, 1), (None, 4)]
    """
    samples = keras.Input(body.input_shape[1:])
    features = layers.LeakyReLU(0.2)(body(samples))
    return keras.Model(samples, [layers.Dense(width)(features) for width in widths], name=name)


def ensemble(generators, trunk=None, name="generator"):
    """Several generators as one network that is told which to use.

    Args:
        generators: list of networks of latents `(batch, latent_dim)`, all to the same shape: to samples, or to what
            `trunk` takes.
        trunk: network that all share after their own layers; None for independent generators.
        name: name of the model.

    Returns:
        `keras.Model` of `[latents, index]`, index int32 `(batch,)` in 0..len(generators) - 1, to samples. All
        generators (but the trunk only once) are computed for each sample.

    Example:

    >>> mlp = kgan.networks.mlp
    >>> kgan.networks.ensemble([mlp(2, 32, units=()) for _ in range(4)], trunk=mlp(32, 2)).output_shape
    (None, 2)
    """
    latents, index = (
        keras.Input(generators[0].input_shape[1:], name="latent"),
        keras.Input((), dtype="int32", name="index"),
    )
    chosen = Ensemble(generators)([latents, index])
    return keras.Model([latents, index], chosen if trunk is None else trunk(chosen), name=name)


def pair_discriminator(sample_shape, latent_dim, units=(128, 128, 128), name="discriminator"):
    """A multilayer perceptron that judges pairs of a sample and a latent (BiGAN).

    Args:
        sample_shape: of one sample; flattened.
        latent_dim: width of a latent.
        units: widths of the hidden layers; the latent stands beside the sample at the first one and beside the features
            at each further one.
        name: name of the model.

    Returns:
        `keras.Model` of `[samples, latents]` to logits `(batch, 1)`.
    """
    samples, latents = keras.Input(sample_shape, name="sample"), keras.Input((latent_dim,), name="latent")
    features = layers.Flatten()(samples)
    for width in units:
        features = layers.LeakyReLU(0.2)(
            layers.Dense(width, kernel_initializer="he_normal")(layers.Concatenate()([features, latents]))
        )
    return keras.Model([samples, latents], layers.Dense(1)(features), name=name)
