"""A discriminator that judges an image patch by patch."""

import keras
from keras import layers

from kgan.networks.dcgan import through
from kgan.networks.normalization import Normalization

# Convolutions of stride 2 by the side of what one logit sees: two of stride 1 see 7 x 7, each before them 2 r + 2.
STRIDED = {7: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}


def patch_discriminator(
    shape, filters=64, receptive_field=70, condition=None, normalization="instance", name="discriminator"
):
    """PatchGAN: a map of logits, each of one patch of the image (Pix2Pix, CycleGAN).

    Convolutions of 4x4: some of stride 2, then two of stride 1 with a margin of one pixel, so that a side of s pixels
    becomes ceil(s / 2^n) - 2 logits: 30 x 30 of 256 x 256 at 70. Patches that reach over the edge see zeros there.

    Args:
        shape: `(height, width, channels)` of the images judged; a side is None where it is free.
        filters: channels after the first layer (default the paper's 64); doubled at each further one, up to eight times
            as many.
        receptive_field: side in pixels of the patch that a logit sees: 1, 7, 16, 34, 70 (default, the papers'), 142 or
            286. With 1 all convolutions are of 1x1, and there is a logit for each pixel.
        condition: `(height, width, channels)` of the source that a pair's target is judged with, of the same height and
            width. None for a discriminator of images alone.
        normalization: `"instance"`, `"batch"`, `"layer"`, `"spectral"` (every layer) or None; never after the first
            convolution and the last.
        name: name of the model.

    Returns:
        `keras.Model` of images to logits `(batch, rows, columns, 1)`; with `condition` one of `[source, target]`.

    Raises:
        ValueError: another `receptive_field` or `normalization`; images so small that no logit is left; a condition of
            another height or width.

    Departs from the paper: Pix2Pix has BatchNorm, which in its batches of one is instance normalization. Without either
    weights start as He et al. have it.

    Example:

    >>> builder = kgan.networks.patch_discriminator
    >>> builder((28, 28, 1), filters=8, receptive_field=16, condition=(28, 28, 3)).output_shape
    (None, 12, 12, 1)

    References:
        Isola et al., 2017, appendix 6.1.2, https://arxiv.org/abs/1611.07004. Zhu et al., 2017, appendix 7.2,
            https://arxiv.org/abs/1703.10593
    """
    check_receptive_field(shape, receptive_field)
    norm = Normalization(normalization)
    targets = keras.Input(shape, name="image" if condition is None else "target")
    inputs, tensor = targets, targets
    if condition is not None:
        if tuple(condition[:2]) != tuple(shape[:2]):
            raise ValueError(
                f"Source and target are judged as one picture: a `condition` of {condition[0]} x {condition[1]} pixels "
                f"needs a `shape` of as many, not of {shape[0]} x {shape[1]}."
            )
        sources = keras.Input(condition, name="source")
        inputs, tensor = [sources, targets], layers.Concatenate()([sources, targets])
    if receptive_field == 1:
        stack = [*norm.convolution(layers.Conv2D, filters, 1, normalized=False), layers.LeakyReLU(0.2)]
        stack += [*norm.convolution(layers.Conv2D, 2 * filters, 1), layers.LeakyReLU(0.2)]
        stack += norm.convolution(layers.Conv2D, 1, 1, normalized=False)
        return keras.Model(inputs, through(stack, tensor), name=name)
    strided, stack = STRIDED[receptive_field], []
    for level in range(strided + 1):
        stack += [] if level < strided else [layers.ZeroPadding2D(1)]
        stack += norm.convolution(
            layers.Conv2D,
            filters * min(2**level, 8),
            4,
            *((2, "same") if level < strided else (1, "valid")),
            normalized=level > 0,
        )
        stack += [layers.LeakyReLU(0.2)]
    stack += [layers.ZeroPadding2D(1), *norm.convolution(layers.Conv2D, 1, 4, padding="valid", normalized=False)]
    return keras.Model(inputs, through(stack, tensor), name=name)


def check_receptive_field(shape, receptive_field):
    """Raise where there is no such patch, or no room for one."""
    if receptive_field != 1 and receptive_field not in STRIDED:
        raise ValueError(
            f"`receptive_field` is the side of a patch in pixels, {', '.join(map(str, (1, *STRIDED)))}, not "
            f"{receptive_field!r}."
        )
    known = [side for side in shape[:2] if side is not None]
    if receptive_field == 1 or not known:
        return
    fitting = [field for field, strided in STRIDED.items() if -(-min(known) // 2**strided) > 2]
    if receptive_field not in fitting:
        raise ValueError(
            f"Images of {shape[0]} x {shape[1]} pixels are too small for a `receptive_field` of {receptive_field}, "
            f"which leaves no logit: choose {max(fitting, default=1)} or less."
        )
