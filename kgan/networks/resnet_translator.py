"""CycleGAN's generator, for images of any height, width and number of channels."""

import keras
from keras import layers

from kgan.layers import CropLike, PadToMultiple, ReflectionPadding2D
from kgan.networks.dcgan import through
from kgan.networks.normalization import Normalization
from kgan.networks.resnet_coder import residual_blocks

SMALLEST = 5  # pixels a side: padded to 8, they are 2 x 2 in the blocks, which mirror one pixel


def resnet_translator(
    shape,
    channels=None,
    filters=64,
    blocks=None,
    normalization="instance",
    output_activation="tanh",
    name="generator",
):
    """CycleGAN's generator, after Johnson et al. (2016): down to a quarter of the resolution, residual blocks, and up
    again; c7s1-64, d128, d256, R256 x blocks, u128, u64, c7s1-3.

    Args:
        shape: `(height, width, channels)` of the images given, at least 5 pixels a side; a side is None where it is
            free, and may then differ from call to call. Images are padded to a multiple of 4, by their mirror image and
            at all ends alike, and what is made is cropped.
        channels: of the images made. Default: as many as are given.
        filters: channels at full resolution (default the paper's 64); twice and four times as many below it.
        blocks: residual blocks. Default the paper's: 6 for images of at most 128 pixels a side, 9 for larger ones and
            where a side is free.
        normalization: `"instance"`, `"batch"`, `"layer"`, `"spectral"` or None; of all convolutions but the last.
        output_activation: of the last layer; None for images of any range.
        name: name of the model.

    Returns:
        `keras.Model` of images `(batch, height, width, channels)` to images `(batch, height, width, channels)`, by
        default in [-1, 1].

    Raises:
        ValueError: an image below 5 pixels a side, a negative number of blocks, another `normalization`.

    Departs from the paper: without normalization weights start as He et al. have it.

    Example:

    >>> kgan.networks.resnet_translator((30, 42, 3), channels=1, filters=8, blocks=2).output_shape
    (None, 30, 42, 1)

    Reference: Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017,
    appendix 7.2, https://arxiv.org/abs/1703.10593
    """
    sides = shape[:2]
    if any(side is not None and side < SMALLEST for side in sides):
        raise ValueError(f"Images need at least {SMALLEST} pixels a side, not {' x '.join(map(str, sides))}.")
    if blocks is None:
        blocks = 6 if all(side is not None and side <= 128 for side in sides) else 9
    if blocks < 0:
        raise ValueError(f"`blocks` is a number of residual blocks, at least 0, not {blocks!r}.")
    norm, down, up = Normalization(normalization), layers.Conv2D, layers.Conv2DTranspose
    images = keras.Input(shape, name="image")
    padded = None in sides or any(side % 4 for side in sides)
    stack = [PadToMultiple(4)] if padded else []
    stack += [ReflectionPadding2D(3), *norm.convolution(down, filters, 7, padding="valid"), layers.ReLU()]
    for times in (2, 4):
        stack += [*norm.convolution(down, times * filters, 3, 2), layers.ReLU()]
    tensor = through(stack, images)
    tensor = residual_blocks(tensor, 4 * filters, blocks, norm)
    stack = []
    for times in (2, 1):
        stack += [*norm.convolution(up, times * filters, 3, 2), layers.ReLU()]
    last = norm.convolution(
        down, channels or shape[-1], 7, padding="valid", normalized=False, activation=output_activation
    )
    made = through([*stack, ReflectionPadding2D(3), *last], tensor)
    return keras.Model(images, CropLike()([made, images]) if padded else made, name=name)
