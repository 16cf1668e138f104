"""The two halves of CycleGAN's generator, for games whose domains share a code."""

import keras
from keras import layers

from kgan.layers import ReflectionPadding2D
from kgan.networks.dcgan import through
from kgan.networks.normalization import Normalization


def resnet_encoder(shape, filters=64, blocks=3, normalization="instance", name="encoder"):
    """The first half of `resnet_translator`: down to a quarter of the resolution, then residual blocks.

    Args:
        shape: `(height, width, channels)` of the images, sides multiples of 4 and at least 8, or None where free.
        filters: channels at full resolution (default the paper's 64); a code has four times as many.
        blocks: residual blocks (default 3, half of the paper's six for small images).
        normalization: `"instance"`, `"batch"`, `"layer"`, `"spectral"` or None.
        name: name of the model.

    Returns:
        `keras.Model` of images `(batch, height, width, channels)` to codes `(batch, height / 4, width / 4, 4 filters)`.

    Raises:
        ValueError: sides that are no multiples of 4 or below 8; another `normalization`.

    Example:

    >>> kgan.networks.resnet_encoder((28, 36, 3), filters=8, blocks=1).output_shape
    (None, 7, 9, 32)

    References:
        Zhu et al., 2017, appendix 7.2, https://arxiv.org/abs/1703.10593; halved as by Anoosheh et al., 2018,
            https://arxiv.org/abs/1712.06909
    """
    check_sides(shape)
    norm, images = Normalization(normalization), keras.Input(shape, name="image")
    stack = [ReflectionPadding2D(3), *norm.convolution(layers.Conv2D, filters, 7, padding="valid"), layers.ReLU()]
    for times in (2, 4):
        stack += [*norm.convolution(layers.Conv2D, times * filters, 3, 2), layers.ReLU()]
    return keras.Model(images, residual_blocks(through(stack, images), 4 * filters, blocks, norm), name=name)


def resnet_decoder(shape, filters=64, blocks=3, normalization="instance", output_activation="tanh", name="decoder"):
    """The second half of `resnet_translator`: residual blocks, then up to four times the resolution.

    Args:
        shape: `(height, width, channels)` of the images made, sides multiples of 4 and at least 8, or None where free.
        filters, blocks, normalization: as in `resnet_encoder`; `filters` as of the encoder whose codes it takes.
        output_activation: of the last layer; None for images of any range.
        name: name of the model.

    Returns:
        `keras.Model` of codes `(batch, height / 4, width / 4, 4 filters)` to images, by default in [-1, 1].

    Raises:
        ValueError: as `resnet_encoder`.

    Example:

    >>> kgan.networks.resnet_decoder((28, 36, 3), filters=8, blocks=1).output_shape
    (None, 28, 36, 3)

    References: as `resnet_encoder`.
    """
    check_sides(shape)
    norm, sides = Normalization(normalization), [side and side // 4 for side in shape[:2]]
    codes = keras.Input((*sides, 4 * filters), name="code")
    tensor, stack = residual_blocks(codes, 4 * filters, blocks, norm), []
    for times in (2, 1):
        stack += [*norm.convolution(layers.Conv2DTranspose, times * filters, 3, 2), layers.ReLU()]
    last = norm.convolution(
        layers.Conv2D, shape[-1], 7, padding="valid", normalized=False, activation=output_activation
    )
    return keras.Model(codes, through([*stack, ReflectionPadding2D(3), *last], tensor), name=name)


def residual_blocks(tensor, filters, blocks, norm):
    """The tensor after so many residual blocks of two convolutions each."""
    for _ in range(blocks):
        change = []
        for _ in range(2):
            change += [ReflectionPadding2D(1), *norm.convolution(layers.Conv2D, filters, 3, padding="valid")]
            change += [layers.ReLU()]
        tensor = layers.Add()([tensor, through(change[:-1], tensor)])
    return tensor


def check_sides(shape):
    """Raise where an image cannot be halved twice, or is too small to be mirrored then."""
    for side in shape[:2]:
        if side is not None and (side % 4 or side < 8):
            raise ValueError(
                f"Sides must be multiples of 4 and at least 8, not {shape[0]} x {shape[1]}: read the images at "
                f"{' x '.join(str(max(8, side + -side % 4)) for side in shape[:2])}, such as by `size=` of `kgan.data`."
            )
