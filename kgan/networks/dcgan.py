"""Convolutional players for images of any height, width and number of channels."""

import functools
import math

import keras
from keras import layers

from kgan.layers import SpectralNormalization


def dcgan_generator(image_shape, latent_dim=100, filters=64, kernel_size=4, classes=None, name="generator"):
    """DCGAN's generator: transposed convolutions of stride 2 with BatchNorm and ReLU, tanh at the end.

    Args:
        image_shape: `(height, width, channels)`, any of them; at least 4 pixels a side.
        latent_dim: width of the latent (default the paper's 100).
        filters: channels before the last layer (the paper's 128; default half of them); doubled at each halving of the
            resolution.
        kernel_size: of the transposed convolutions; an even one with stride 2 leaves no checkerboard.
        classes: of the labels, for conditional games. None for all others.
        name: name of the model.

    Returns:
        `keras.Sequential` of latents `(batch, latent_dim)` to images `(batch, height, width, channels)` in [-1, 1].
        Weights start at N(0, 0.02^2). With `classes` a `keras.Model` of `[latents, labels]`, int32 `(batch,)`: a
        learned vector of the class stands beside the latent.

    Departs from the paper: kernels of 4 in place of 5 (no checkerboard, two thirds of the work) and half its channels
    (for processors); images of other sizes than 64x64 are halved as often as they allow. The paper gives no momentum
    and no epsilon for BatchNorm: 0.9, so that the averages keep up in a short run, and Keras' 1e-3.

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
    stack += crop((rows * 2**halvings, columns * 2**halvings), (height, width))
    if classes is None:
        return keras.Sequential(stack, name=name)
    latents, labels = keras.Input((latent_dim,), name="latent"), keras.Input((), dtype="int32", name="label")
    embedded = layers.Embedding(classes, latent_dim)(labels)
    return keras.Model([latents, labels], through(stack[1:], layers.Concatenate()([latents, embedded])), name=name)


def dcgan_discriminator(
    image_shape,
    filters=64,
    kernel_size=4,
    normalization="batch",
    dropout=0.0,
    outputs=1,
    classes=None,
    design="joint",
    heads=(),
    name="discriminator",
):
    """DCGAN's discriminator: strided convolutions with leaky ReLU, one logit at the end.

    Args:
        image_shape: `(height, width, channels)`, at least 4 pixels a side.
        filters: channels after the first layer (the authors' 128; default half of them); doubled at each halving of the
            resolution.
        kernel_size: of the convolutions.
        normalization: `"batch"` (DCGAN; after all but the first layer), `"layer"`, `"spectral"` (SNGAN; every layer,
            the label's vectors too) or None (WGAN, WGAN-GP, R3GAN).
        dropout: share of activations dropped after each convolution.
        outputs: how many logits, of the form without `classes` and `heads`: N + 1 for SGAN.
        classes: of the labels, for discriminators of pairs (CGAN). None for all others.
        design: how a pair is judged. `"joint"`: the label is a picture beside the image's channels. `"two_branch"`: one
            logit for the image, one for the pair. `"projection"`: the features' product with a learned vector of the
            class is added to the logit (Miyato and Koyama, 2018).
        heads: widths of further outputs that share all but the last layer, such as `(10,)` for a classifier beside the
            logit (ACGAN).
        name: name of the model.

    Returns:
        `keras.Sequential` of images `(batch, height, width, channels)` to logits `(batch, 1)`. With `classes` a
        `keras.Model` of `[images, labels]` to the logit, or to `[logit, match logit]` for `"two_branch"`. With `heads`
        a `keras.Model` of images to `[logit, *heads]`.

    Raises:
        ValueError: another `normalization` or `design`; both `classes` and `heads`.

    Departs from the paper: kernel, channels and BatchNorm as in `dcgan_generator`, so that the players match. Without
    BatchNorm weights start as He et al. have it, for N(0, 0.02^2) would let the signal die out.

    Reference: Radford, Metz, Chintala, 2016, https://arxiv.org/abs/1511.06434
    """
    if normalization not in ("batch", "layer", "spectral", None):
        raise ValueError(f"`normalization` is 'batch', 'layer', 'spectral' or None, not {normalization!r}.")
    if design not in ("joint", "two_branch", "projection"):
        raise ValueError(f"`design` is 'joint', 'two_branch' or 'projection', not {design!r}.")
    if classes is not None and heads:
        raise ValueError("A discriminator of pairs has no further `heads`: give `classes` or `heads`.")
    trunk, wrap = _trunk(image_shape, filters, kernel_size, normalization, dropout)
    if classes is None and not heads:
        return keras.Sequential([keras.Input(image_shape), *trunk, wrap(layers.Dense(outputs))], name=name)
    images = keras.Input(image_shape, name="image")
    if heads:
        features = through(trunk, images)
        return keras.Model(images, [wrap(layers.Dense(width))(features) for width in (1, *heads)], name=name)
    labels = keras.Input((), dtype="int32", name="label")
    if design == "joint":
        embedded = wrap(layers.Embedding(classes, image_shape[0] * image_shape[1]))(labels)
        picture = layers.Reshape((*image_shape[:2], 1))(embedded)
        features = through(trunk, layers.Concatenate()([images, picture]))
        return keras.Model([images, labels], wrap(layers.Dense(1))(features), name=name)
    features = through(trunk, images)
    logit = wrap(layers.Dense(1))(features)
    if design == "projection":
        embedded = wrap(layers.Embedding(classes, features.shape[1]))(labels)
        product = layers.Dot(1)([embedded, features])
        return keras.Model([images, labels], layers.Add()([logit, product]), name=name)
    pair = layers.Concatenate()([features, wrap(layers.Embedding(classes, 64))(labels)])
    match = through(
        [wrap(layers.Dense(256, kernel_initializer="he_normal")), layers.LeakyReLU(0.2), wrap(layers.Dense(1))], pair
    )
    return keras.Model([images, labels], [logit, match], name=name)


def dcgan_encoder(image_shape, latent_dim, filters=64, kernel_size=4, variational=True, name="encoder"):
    """DCGAN's discriminator with codes in place of the logit.

    Args:
        image_shape: `(height, width, channels)`, at least 4 pixels a side.
        latent_dim: width of a code.
        filters, kernel_size: as in `dcgan_discriminator`.
        variational: whether there are two outputs, mean and log variance (VAE-GAN), or one code (BiGAN).
        name: name of the model.

    Returns:
        `keras.Model` of images to `[mean, log variance]`, each `(batch, latent_dim)`, or `keras.Sequential` to codes.
    """
    trunk, _ = _trunk(image_shape, filters, kernel_size, "batch", 0.0)
    if not variational:
        return keras.Sequential([keras.Input(image_shape), *trunk, layers.Dense(latent_dim)], name=name)
    images = keras.Input(image_shape, name="image")
    features = through(trunk, images)
    return keras.Model(images, [layers.Dense(latent_dim)(features), layers.Dense(latent_dim)(features)], name=name)


def autoencoder(image_shape, code_dim=64, filters=64, kernel_size=4, name="discriminator"):
    """EBGAN's discriminator: DCGAN's two halves back to back.

    Args:
        image_shape: `(height, width, channels)`, at least 4 pixels a side.
        code_dim: width of the code.
        filters, kernel_size: as in `dcgan_discriminator`.
        name: name of the model.

    Returns:
        `keras.Model` of images to `[reconstruction, code]`, `(batch, height, width, channels)` in [-1, 1] and `(batch,
        code_dim)`.
    """
    encoder = dcgan_encoder(image_shape, code_dim, filters, kernel_size, variational=False)
    decoder = dcgan_generator(image_shape, code_dim, filters, kernel_size, name="decoder")
    images = keras.Input(image_shape, name="image")
    code = encoder(images)
    return keras.Model(images, [decoder(code), code], name=name)


def _trunk(image_shape, filters, kernel_size, normalization, dropout):
    """Layers of images to features `(batch, d)`, and what to wrap a layer after them in."""
    wrap = SpectralNormalization if normalization == "spectral" else lambda layer: layer
    # N(0, 0.02^2) counts on BatchNorm to restore the scale; without it the signal would die out.
    initializer = keras.initializers.RandomNormal(stddev=0.02) if normalization == "batch" else "he_normal"
    trunk = []
    for level in range(_halvings(*image_shape[:2])):
        trunk += [wrap(layers.Conv2D(filters * 2**level, kernel_size, 2, "same", kernel_initializer=initializer))]
        if level and normalization in ("batch", "layer"):
            trunk += [
                layers.BatchNormalization(momentum=0.9)
                if normalization == "batch"
                else layers.LayerNormalization(axis=(1, 2, 3))
            ]
        trunk += [layers.LeakyReLU(0.2)]
        trunk += [layers.Dropout(dropout)] if dropout else []
    return [*trunk, layers.Flatten()], wrap


def _halvings(height, width):
    """How often the resolution is halved: down to about 4 pixels (from 28 to 4, by way of 14 and 7), four times at
    most.
    """
    if min(height, width) < 4:
        raise ValueError(f"Images need at least 4 pixels a side, not {height} x {width}.")
    return max(1, min(4, round(math.log2(min(height, width) / 4))))


def through(stack, tensor):
    """The tensor after all layers of the stack."""
    for layer in stack:
        tensor = layer(tensor)
    return tensor


def crop(sides, wanted):
    """The layers, one or none, from pictures of `sides` to their middle of `wanted` height and width."""
    surplus = [made - side for made, side in zip(sides, wanted)]
    return [layers.Cropping2D([(extra // 2, extra - extra // 2) for extra in surplus])] if any(surplus) else []
