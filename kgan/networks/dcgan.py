"""Convolutional players for images of any height, width and number of channels."""

import functools
import math

import keras
from keras import layers

from kgan.layers import SpectralNormalization


def dcgan_generator(image_shape, latent_dim=100, filters=64, kernel_size=4, name="generator"):
    """DCGAN's generator: transposed convolutions of stride 2 with BatchNorm and ReLU, tanh at the end.

    Args:
        image_shape: `(height, width, channels)`, any of them; at least 4 pixels a side.
        latent_dim: width of the latent (default the paper's 100).
        filters: channels before the last layer; doubled at each halving of the resolution.
        kernel_size: of the transposed convolutions; an even one with stride 2 leaves no checkerboard.
        name: name of the model.

    Returns:
        `keras.Sequential` of latents `(batch, latent_dim)` to images `(batch, height, width, channels)` in [-1, 1]. Weights start at N(0, 0.02^2).

    Reference: Radford, Metz, Chintala, 2016, https://arxiv.org/abs/1511.06434
    """
    height, width, channels = image_shape
    halvings = _halvings(height, width)
    rows, columns = (math.ceil(side / 2**halvings) for side in (height, width))
    widths = [filters * 2**level for level in reversed(range(halvings))]
    normal = keras.initializers.RandomNormal(stddev=0.02)
    upsample = functools.partial(
        layers.Conv2DTranspose, kernel_size=kernel_size, strides=2, padding="same", kernel_initializer=normal
    )
    stack = [
        keras.Input((latent_dim,)),
        layers.Dense(rows * columns * widths[0], use_bias=False, kernel_initializer=normal),
        layers.Reshape((rows, columns, widths[0])),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]
    for channels_here in widths[1:]:
        stack += [upsample(channels_here, use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    stack += [upsample(channels, activation="tanh")]
    surplus = [(side * 2**halvings) - wanted for side, wanted in zip((rows, columns), (height, width))]
    if any(surplus):
        stack += [layers.Cropping2D([(extra // 2, extra - extra // 2) for extra in surplus])]
    return keras.Sequential(stack, name=name)


def dcgan_discriminator(image_shape, filters=64, kernel_size=4, normalization="batch", dropout=0.0, name="discriminator"):
    """DCGAN's discriminator: strided convolutions with leaky ReLU, one logit at the end.

    Args:
        image_shape: `(height, width, channels)`, at least 4 pixels a side.
        filters: channels after the first layer; doubled at each halving of the resolution.
        kernel_size: of the convolutions.
        normalization: `"batch"` (DCGAN; after all but the first layer), `"layer"`, `"spectral"` (SNGAN; every layer) or None (WGAN, WGAN-GP, R3GAN).
        dropout: share of activations dropped after each convolution.
        name: name of the model.

    Returns:
        `keras.Sequential` of images `(batch, height, width, channels)` to logits `(batch, 1)`.

    Raises:
        ValueError: another `normalization`.

    Reference: Radford, Metz, Chintala, 2016, https://arxiv.org/abs/1511.06434
    """
    if normalization not in ("batch", "layer", "spectral", None):
        raise ValueError(f"`normalization` is 'batch', 'layer', 'spectral' or None, not {normalization!r}.")
    wrap = SpectralNormalization if normalization == "spectral" else lambda layer: layer
    # N(0, 0.02^2) counts on BatchNorm to restore the scale; without it the signal would die out.
    initializer = keras.initializers.RandomNormal(stddev=0.02) if normalization == "batch" else "he_normal"
    stack = [keras.Input(image_shape)]
    for level in range(_halvings(*image_shape[:2])):
        stack += [wrap(layers.Conv2D(filters * 2**level, kernel_size, 2, "same", kernel_initializer=initializer))]
        if level and normalization in ("batch", "layer"):
            stack += [layers.BatchNormalization(momentum=0.9) if normalization == "batch" else layers.LayerNormalization(axis=(1, 2, 3))]
        stack += [layers.LeakyReLU(0.2)]
        stack += [layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([*stack, layers.Flatten(), wrap(layers.Dense(1))], name=name)


def _halvings(height, width):
    """How often the resolution is halved: down to about 4 pixels (from 28 to 4, by way of 14 and 7), four times at most."""
    if min(height, width) < 4:
        raise ValueError(f"Images need at least 4 pixels a side, not {height} x {width}.")
    return max(1, min(4, round(math.log2(min(height, width) / 4))))
