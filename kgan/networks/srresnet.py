"""SRGAN's generator: small images in, large ones out."""

import keras
from keras import layers

from kgan.layers import PixelShuffle
from kgan.networks.dcgan import through
from kgan.networks.normalization import Normalization


def srresnet(
    shape,
    scale=4,
    filters=64,
    blocks=16,
    normalization="batch",
    output_activation="tanh",
    name="generator",
):
    """SRResNet: residual blocks at the resolution given, then pixel shuffles, each behind a convolution; PReLU
    throughout, 9x9 convolutions at both ends.

    Args:
        shape: `(height, width, channels)` of the images given, of any size; a side is None where it is free, and may
            then differ from call to call: trained on crops, whole pictures are enlarged.
        scale: how many times as high and as wide images become, a whole number of at least 2: twice by 2 for the
            paper's 4, and so by the prime factors of any other, the largest last.
        filters: channels of all inner layers (default the paper's 64).
        blocks: residual blocks (default the paper's 16).
        normalization: of the residual blocks: `"batch"` (the paper's), `"instance"`, `"layer"`, `"spectral"` or None,
            as later networks have it (Lim et al., 2017).
        output_activation: of the last layer; None for images of any range.
        name: name of the model.

    Returns:
        `keras.Model` of images `(batch, height, width, channels)` to images `(batch, height * scale, width * scale,
        channels)`, by default in [-1, 1].

    Raises:
        ValueError: a scale below 2, a negative number of blocks, another `normalization`.

    Departs from the paper: it names no activation of the last layer; tanh keeps images in their range. Weights
    outside the residual blocks start as He et al. have it, those of the last layer smaller.

    Example:

    >>> kgan.networks.srresnet((None, None, 3), scale=4, filters=8, blocks=2).output_shape
    (None, None, None, 3)

    Reference: Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, 2017,
    figure 4, https://arxiv.org/abs/1609.04802
    """
    if scale != int(scale) or scale < 2:
        raise ValueError(f"`scale` is a whole number of at least 2, not {scale!r}.")
    if blocks < 0:
        raise ValueError(f"`blocks` is a number of residual blocks, at least 0, not {blocks!r}.")
    norm, he = Normalization(normalization), keras.initializers.HeNormal
    # Of full size, what the last layer makes would lie where tanh is flat.
    small = keras.initializers.VarianceScaling(0.01)

    def normalized():
        return norm.convolution(layers.Conv2D, filters, 3)

    images = keras.Input(shape, name="image")
    first = tensor = through([layers.Conv2D(filters, 9, padding="same", kernel_initializer=he()), prelu()], images)
    for _ in range(blocks):
        change = [*normalized(), prelu(), *normalized()]
        tensor = layers.Add()([tensor, through(change, tensor)])
    tensor = layers.Add()([first, through(normalized(), tensor)])
    stack = []
    for factor in prime_factors(int(scale)):
        stack += [layers.Conv2D(filters * factor**2, 3, padding="same", kernel_initializer=he())]
        stack += [PixelShuffle(factor), prelu()]
    stack += [layers.Conv2D(shape[-1], 9, 1, "same", activation=output_activation, kernel_initializer=small)]
    return keras.Model(images, through(stack, tensor), name=name)


def prelu():
    """One slope a channel, so that images of any size have it; it starts where He et al. start theirs."""
    return layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25), shared_axes=(1, 2))


def prime_factors(number):
    """Prime factors of a whole number, in rising order."""
    factor = next((divisor for divisor in range(2, number + 1) if number % divisor == 0), None)
    return [] if factor is None else [factor, *prime_factors(number // factor)]
