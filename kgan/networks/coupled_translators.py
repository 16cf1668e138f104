"""UNIT's encoders and decoders, for images of any height, width and number of channels."""

import math

import keras
from keras import layers

from kgan.layers import PadToMultiple
from kgan.networks.dcgan import crop, through
from kgan.networks.normalization import Normalization


def coupled_translators(shape_a, shape_b, filters=64, blocks=3, shared_blocks=1, normalization="instance"):
    """UNIT's encoders and decoders: down to a quarter of the resolution and up again, with residual blocks around a
    code that both domains share.

    Args:
        shape_a, shape_b: `(height, width, channels)` of the images of each domain, at least 5 pixels a side; padded to
            a multiple of 4, by their mirror image, they are of one height and width.
        filters: channels at full resolution (default the paper's 64); twice and four times as many below it.
        blocks: residual blocks of each encoder and decoder (default the paper's 3).
        shared_blocks: of the shared encoder and the shared decoder (default the paper's 1).
        normalization: `"instance"`, `"batch"`, `"layer"`, `"spectral"` or None; of all convolutions but the last of
            each decoder.

    Returns:
        dict of `encoder_a`, `encoder_b`, `shared_encoder`, `shared_decoder`, `decoder_a`, `decoder_b`, the arguments of
        `kgan.UNIT`. A code is a map of `4 * filters` channels at a quarter of the resolution, of any range.

    Raises:
        ValueError: images that do not have codes of one shape; an image below 5 pixels a side; another
            `normalization`; no shared block.

    Example:

    >>> networks = kgan.networks.coupled_translators((28, 28, 1), (28, 28, 3), filters=8, blocks=1)
    >>> networks["shared_encoder"].output_shape, networks["decoder_b"].output_shape
    ((None, 7, 7, 32), (None, 28, 28, 3))

    Reference: Liu, Breuel, Kautz, Unsupervised Image-to-Image Translation Networks, 2017, appendix A,
    https://arxiv.org/abs/1703.00848
    """
    codes = [tuple(math.ceil(side / 4) for side in shape[:2]) for shape in (shape_a, shape_b)]
    if min(*shape_a[:2], *shape_b[:2]) < 5 or codes[0] != codes[1]:
        raise ValueError(
            f"Images of {shape_a} and {shape_b} would have codes of {codes[0]} and {codes[1]} pixels: bring both to "
            "one size, of at least 5 pixels a side."
        )
    if shared_blocks < 1:
        raise ValueError("The domains share one residual block at least, each side of the code: `shared_blocks=1`.")
    norm, code = Normalization(normalization), (*codes[0], 4 * filters)

    def chain(shape, *stages, name):
        inputs = tensor = keras.Input(shape)
        for stage in stages:
            tensor = stage(tensor)
        return keras.Model(inputs, tensor, name=name)

    def residual(count):
        return [lambda tensor: block(tensor, norm, 4 * filters) for _ in range(count)]

    def encoder(shape, name):
        stack = [PadToMultiple(4)] if any(side % 4 for side in shape[:2]) else []
        for width, kernel_size, strides in ((filters, 7, 1), (2 * filters, 4, 2), (4 * filters, 4, 2)):
            stack += [*norm.convolution(layers.Conv2D, width, kernel_size, strides, padding="same"), layers.ReLU()]
        return chain(shape, lambda images: through(stack, images), *residual(blocks), name=name)

    def decoder(shape, name):
        stack = []
        for width in (2 * filters, filters):
            stack += [*norm.convolution(layers.Conv2DTranspose, width, 4, 2, padding="same"), layers.ReLU()]
        stack += norm.convolution(layers.Conv2D, shape[2], 7, padding="same", normalized=False, activation="tanh")
        stack += crop(tuple(4 * side for side in codes[0]), shape[:2])
        return chain(code, *residual(blocks), lambda features: through(stack, features), name=name)

    return {
        "encoder_a": encoder(shape_a, "encoder_a"),
        "encoder_b": encoder(shape_b, "encoder_b"),
        "shared_encoder": chain(code, *residual(shared_blocks), name="shared_encoder"),
        "shared_decoder": chain(code, *residual(shared_blocks), name="shared_decoder"),
        "decoder_a": decoder(shape_a, "decoder_a"),
        "decoder_b": decoder(shape_b, "decoder_b"),
    }


def block(tensor, norm, filters):
    """A residual block of two convolutions."""
    change = [*norm.convolution(layers.Conv2D, filters, 3), layers.ReLU(), *norm.convolution(layers.Conv2D, filters, 3)]
    return layers.Add()([tensor, through(change, tensor)])
