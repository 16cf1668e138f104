import numpy as np

from kgan.metrics.arrays import as_array
from kgan.metrics.ssim import blurred, local

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def multiscale_ssim(first, second, value_range=2.0):
    """MS-SSIM of pairs of images: similarity of contrast and structure on five scales, each half the size of the one
    before, and of luminance on the last.

        product over s < 5 of max(0, cs_s)^w_s * max(0, ssim_5)^w_5,   w = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333

    by channel, then the mean over channels. Local moments are taken under a Gaussian of 11x11 pixels and deviation
    1.5, or of the image's size where that is smaller. A side of odd length repeats its last pixel before it is
    halved. K1 = 0.01, K2 = 0.03.

    Below 176 pixels a side the last scale is smaller than the window, which the paper does not provide for. Here the
    window is cut and keeps its deviation of 1.5; the widespread `msssim.py` of TensorFlow's models lets the deviation
    shrink with the window, to 1.5 times its size over 11. Scores by the two conventions do not compare: of the images
    of one class of `kgan.data.digits(28, "test")` the mean is 0.693 here and 0.631 there.

    Args:
        first, second: images `(n, height, width, channels)` of at least 16 pixels a side, so that the fifth scale has
            one.
        value_range: largest less smallest possible value of a pixel: 2 for images in [-1, 1].

    Returns:
        numpy float64 array `(n,)` in [0, 1]; 1 for equal images.

    Raises:
        ValueError: other or unequal shapes, images that are too small, values that are not finite or lie further apart
            than `value_range`.

    Example:

    >>> images = np.random.default_rng(0).uniform(-1, 1, (3, 32, 32, 1))
    >>> kgan.metrics.multiscale_ssim(images, images)
    array([1., 1., 1.])

    References:
        Wang et al., "Multiscale Structural Similarity for Image Quality Assessment", 2003.
            https://doi.org/10.1109/ACSSC.2003.1292216
    """
    first, second = as_images(first, "first", value_range), as_images(second, "second", value_range)
    if first.shape != second.shape:
        raise ValueError(
            f"`first` and `second` are compared image by image, but have the shapes {first.shape} and {second.shape}."
        )
    return similarity(scales(first), scales(second), value_range)


def as_images(images, name, value_range):
    """Images as finite float64, their shape and range checked."""
    images = as_array(images, name)
    if images.ndim != 4 or min(images.shape[1:3]) < 16:
        raise ValueError(
            f"`{name}` must be images (n, height, width, channels) of at least 16x16 pixels, not {images.shape}."
        )
    if np.ptp(images) > value_range * 1.001:
        raise ValueError(
            f"`{name}` have values from {images.min():g} to {images.max():g}, further apart than `value_range`, "
            f"{value_range:g}: give the range that pixels have, `value_range=255` for 0..255."
        )
    return images


def scales(images):
    """Per scale the images with their local means and local mean squares."""
    result = []
    for scale in range(len(WEIGHTS)):
        images = halved(images) if scale else images
        result.append((images, blurred(images), blurred(np.square(images))))
    return result


def similarity(first, second, value_range):
    """MS-SSIM of two lists of `scales`, image by image."""
    result = 1.0
    for scale, ((x, x_mean, x_square), (y, y_mean, y_square)) in enumerate(zip(first, second)):
        structure, luminance = local(x_mean, y_mean, x_square, y_square, blurred(x * y), value_range)
        similar = structure * luminance if scale == len(WEIGHTS) - 1 else structure
        result = result * np.maximum(similar.mean((1, 2)), 0) ** WEIGHTS[scale]
    return result.mean(-1)


def halved(images):
    """Means of 2x2 pixels."""
    images = np.pad(images, [(0, 0), *((0, side % 2) for side in images.shape[1:3]), (0, 0)], mode="symmetric")
    return (images[:, ::2, ::2] + images[:, 1::2, ::2] + images[:, ::2, 1::2] + images[:, 1::2, 1::2]) / 4
