import keras
import numpy as np
from keras import ops

from kgan.metrics.pair_metric import PairMetric, of_each

WINDOW, DEVIATION = 11, 1.5
K1, K2 = 0.01, 0.03
VALUE_RANGE = 2.0  # of images in [-1, 1]


def ssim(target, generated):
    """Structural similarity of each image and its target, as `SSIM` has it.

    Args:
        target, generated: images `(n, height, width, channels)` in [-1, 1] of at least 11 pixels a side, compared row
            by row.

    Returns:
        numpy float32 array `(n,)` in [-1, 1]; 1 for equal images.

    Raises:
        ValueError: other or unequal shapes, images that are too small, not finite or not in [-1, 1].

    Example:

    >>> images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3))
    >>> kgan.metrics.ssim(images, images)
    array([1., 1.], dtype=float32)
    """
    return of_each(structural_similarity, target, generated)


@keras.saving.register_keras_serializable(package="kgan")
class SSIM(PairMetric):
    """Structural similarity of what a game makes of its sources and the targets: `update_state(target, generated)`.

    By channel and window, with the moments of the pixels `x`, `y` that a Gaussian of 11x11 pixels and deviation 1.5
    weighs:

        (2 m_x m_y + C1) (2 s_xy + C2) / ((m_x^2 + m_y^2 + C1) (s_x^2 + s_y^2 + C2)),   C1 = 0.02^2, C2 = 0.06^2

    and of it the mean over all windows that lie within the image, over channels, and over images. It is what
    `tf.image.ssim` computes, and scikit-image with `gaussian_weights=True, use_sample_covariance=False,
    data_range=2`, whose defaults are another window's.

    Args:
        samples: int, how many pairs enter.
        name: by default the protocol, such as `ssim10k`.

    Returns:
        float in [-1, 1]; 1 where all images are their targets.

    Raises:
        ValueError: samples that are no images, of unequal shapes, below 11 pixels a side, or not in [-1, 1]; see
            `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.SSIM(samples=2)
    >>> images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3))
    >>> metric.update_state(images, images)

    References:
        Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004.
            https://doi.org/10.1109/TIP.2003.819861
    """

    def __init__(self, samples=10_000, name=None):
        super().__init__(samples, "ssim", name)

    def values(self, target, generated):
        return structural_similarity(target, generated)


def structural_similarity(target, generated):
    """Float32 `(batch,)` of tensors."""
    if min(side or WINDOW for side in target.shape[1:3]) < WINDOW:
        raise ValueError(
            f"SSIM looks through a window of {WINDOW}x{WINDOW} pixels, larger than images of {target.shape[1]}x"
            f"{target.shape[2]}: measure those by PSNR or L1."
        )
    products = [target, generated, target * target, generated * generated, target * generated]
    structure, luminance = local(*ops.split(blurred(ops.concatenate(products, axis=-1)), 5, axis=-1), VALUE_RANGE)
    return ops.mean(structure * luminance, axis=(1, 2, 3))


def local(x_mean, y_mean, x_square, y_square, xy_mean, value_range):
    """Similarity of contrast and structure, and that of luminance, window by window, of the means of `x`, `y`, their
    squares and their product: arrays or tensors.
    """
    product, squares = 2 * x_mean * y_mean, x_mean**2 + y_mean**2
    of_luminance, of_contrast = (K1 * value_range) ** 2, (K2 * value_range) ** 2
    structure = (2 * xy_mean - product + of_contrast) / (x_square + y_square - squares + of_contrast)
    return structure, (product + of_luminance) / (squares + of_luminance)


def blurred(images):
    """Means under the Gaussian window, or its middle where a side is shorter, wherever it lies within the image: rows
    first, then columns. Arrays or tensors.
    """
    size = min([WINDOW, *(side for side in images.shape[1:3] if side is not None)])
    window = np.exp(-np.square(np.arange(size) - (size - 1) / 2) / (2 * DEVIATION**2))
    # Sums of slices, not a convolution: a GPU rounds the inputs of those, and variances are differences.
    for before in ((slice(None),), (slice(None),) * 2):
        moved = (images[(*before, slice(row, row - size + 1 or None))] for row in range(size))
        images = sum(weight * part for weight, part in zip((window / window.sum()).tolist(), moved))
    return images
