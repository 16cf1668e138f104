"""Pix2Pix' generator, for images of any height, width and number of channels."""

import math

import keras
from keras import layers

from kgan.layers import CropLike, DropoutNoise, PadToMultiple
from kgan.networks.dcgan import through
from kgan.networks.normalization import Normalization

DEEPEST = 8
FREE = 5  # levels where the size is free


def unet(
    shape,
    channels=None,
    filters=64,
    depth=None,
    dropout=0.5,
    noise=False,
    normalization="instance",
    output_activation="tanh",
    name="generator",
):
    """Pix2Pix' generator: convolutions of stride 2 down, transposed ones up, and at each resolution a connection from
    the way down to the way up.

    Args:
        shape: `(height, width, channels)` of the images given, at least 4 pixels a side; a side is None where it is
            free, and may then differ from call to call.
        channels: of the images made. Default: as many as are given.
        filters: channels at half the resolution (default the paper's 64); doubled at each further level, up to eight
            times as many.
        depth: levels, each of half the resolution of the one before, 2 to 8. Images are padded to a multiple of
            2^depth, by their mirror image and at all ends alike, and what is made is cropped. Default: as deep as the
            smaller side allows, so long as padding adds at most half of the pixels: 8 at 256 x 256 (as in the paper), 6
            at 64 x 64, 4 at 28 x 28, which becomes 32 x 32 and ends at 2 x 2. 5 where a side is free.
        dropout: share of activations dropped on the way up, in the innermost 3 of 7 layers at a depth of 8 and in as
            large a share of others, at least one.
        noise: whether dropout goes on in inference, which is the paper's only noise (section 3.2.1).
        normalization: `"instance"`, `"batch"`, `"layer"`, `"spectral"` or None; not after the first convolution, and
            not at the innermost level, which may be one pixel.
        output_activation: of the last layer; None for images of any range.
        name: name of the model.

    Returns:
        `keras.Model` of images `(batch, height, width, channels)` to images `(batch, height, width, channels)`, by
        default in [-1, 1].

    Raises:
        ValueError: an image below 4 pixels a side, a depth outside 2 to 8, noise without dropout, another
            `normalization`.

    Departs from the paper: without noise an image has one translation, the same in Python and in what is exported; the
    paper found little variety by it. Instance normalization is what the paper's BatchNorm is in its batches of one with
    the statistics of the test batch, and stays so in larger batches. Weights without normalization start as He et al.
    have it.

    Example:

    >>> kgan.networks.unet((28, 36, 1), channels=3, filters=8).output_shape
    (None, 28, 36, 3)

    Reference: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017, appendix 6.1,
    https://arxiv.org/abs/1611.07004
    """
    depth = checked_depth(shape[:2], depth)
    if noise and not dropout:
        raise ValueError("`noise` is dropout that goes on in inference: give a `dropout` above 0, or `noise=False`.")
    norm = Normalization(normalization)
    drop, dropped = DropoutNoise if noise else layers.Dropout, max(1, round(3 / 7 * (depth - 1)))
    widths = [filters * min(2**level, 8) for level in range(depth)]
    images = keras.Input(shape, name="image")
    padded = None in shape[:2] or any(side % 2**depth for side in shape[:2])
    tensor, maps = PadToMultiple(2**depth)(images) if padded else images, []
    for level, width in enumerate(widths):
        stack = [layers.LeakyReLU(0.2)] if level else []
        stack += norm.convolution(layers.Conv2D, width, 4, 2, normalized=0 < level < depth - 1)
        tensor = through(stack, tensor)
        maps.append(tensor)
    tensor = maps.pop()
    for level in reversed(range(depth - 1)):
        stack = [layers.ReLU(), *norm.convolution(layers.Conv2DTranspose, widths[level], 4, 2)]
        stack += [drop(dropout)] if dropout and level >= depth - 1 - dropped else []
        tensor = layers.Concatenate()([through(stack, tensor), maps.pop()])
    last = norm.convolution(
        layers.Conv2DTranspose, channels or shape[-1], 4, 2, normalized=False, activation=output_activation
    )
    made = through([layers.ReLU(), *last], tensor)
    return keras.Model(images, CropLike()([made, images]) if padded else made, name=name)


def checked_depth(sides, depth):
    """How many levels there are for images of these sides, None where they are free."""
    known = [side for side in sides if side is not None]
    if known and min(known) < 4:
        raise ValueError(f"Images need at least 4 pixels a side, not {' x '.join(map(str, sides))}.")
    if depth is not None:
        if depth not in range(2, DEEPEST + 1):
            raise ValueError(f"`depth` is a number of levels from 2 to {DEEPEST}, not {depth!r}.")
        return depth
    if len(known) < len(sides):
        return FREE
    deepest = min(DEEPEST, int(math.log2(min(sides))))
    area = {level: math.prod(side + -side % 2**level for side in sides) for level in range(2, deepest + 1)}
    return max([level for level in area if area[level] <= 1.5 * math.prod(sides)], default=2)
