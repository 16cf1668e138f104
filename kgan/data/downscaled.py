"""Pairs of small images and the large ones that they were made of."""

import numpy as np

from kgan.engine.batches import Batches

CHUNK = 256
METHODS = ("bicubic", "box")


def downscaled(images, scale=4, method="bicubic", batch_size=None, seed=None, flip=None, blocks=False):
    """Pairs for super-resolution from any set of images: each one made `scale` times smaller, and itself.

    Args:
        images: array `(n, height, width, channels)`, uint8 or float in [-1, 1], or what `kgan.data`'s functions return;
            of a set with labels the images are taken. Both sides are multiples of `scale`.
        scale: how many times lower and narrower the sources are, a whole number of at least 2 (default the paper's 4).
        method: `"bicubic"` (default, as benchmarks have it: Pillow's filter, antialiased, `scale` times as wide as the
            one that enlarges), or `"box"`, the mean of each block of `scale x scale` pixels.
        batch_size: pairs a batch. Default: that of the set given, of an array 16, the paper's.
        seed: fixes the order of the batches. Default: that of the set given, of an array 0.
        flip: whether pairs are mirrored, left for right, each with probability 1/2. Default: as the set given has it,
            of an array False.
        blocks: whether each pixel of the small images fills its block of `scale x scale` again, so that both sides have
            one size, as `Pix2Pix` wants it; default False.

    Returns:
        `Batches` whose `images` are the small ones and whose `labels` are the large ones, both uint8 or both float32,
        as they were given; a batch is `(low, high)`, float32 in [-1, 1]. Its `classes` are the labels of a set that had
        some, in the order of the images, else None.

    Raises:
        ValueError: images that are no array of pictures, or whose sides `scale` does not divide; a set whose images are
            moved (`jitter`); another `scale` or `method`.

    Example:

    >>> train = kgan.data.downscaled(kgan.data.digits(size=28), scale=4)
    >>> low, high = train[0]
    >>> low.shape, high.shape
    ((64, 7, 7, 1), (64, 28, 28, 1))
    """
    if scale != int(scale) or scale < 2:
        raise ValueError(f"`scale` is a whole number of at least 2, not {scale!r}.")
    if method not in METHODS:
        raise ValueError(f"`method` must be {' or '.join(map(repr, METHODS))}, not {method!r}.")
    options, classes = {"batch_size": 16, "seed": 0, "flip": False}, None
    if isinstance(images, Batches):
        if images.jitter.pixels:
            raise ValueError(
                "The images of this set are moved by whole pixels, which small ones cannot follow: leave `jitter` out "
                "of it, `flip` may stay."
            )
        options = {"batch_size": images.batch_size, "seed": images.seed, "flip": images.jitter.flip}
        options["shuffle"], classes, images = images.shuffle, images.labels, images.images
    given = {"batch_size": batch_size, "seed": seed, "flip": flip}
    options |= {name: value for name, value in given.items() if value is not None}
    high = checked(images, int(scale))
    low = downscale(high, int(scale), method)
    pairs = Batches(low.repeat(int(scale), 1).repeat(int(scale), 2) if blocks else low, high, **options)
    pairs.classes = classes
    return pairs


def checked(images, scale):
    """Pictures as an array that `scale` divides, uint8 or float32."""
    if isinstance(images, (dict, tuple)):
        raise ValueError("This set has several arrays: give the one whose images are to be made smaller.")
    if isinstance(images, (str, bytes)) or hasattr(images, "__fspath__"):
        raise ValueError(f"A path is no array of images: read it first, `kgan.data.image_folder({images!r}, size)`.")
    images = np.asarray(images)
    if images.ndim != 4 or not len(images):
        hint = ": add a channel axis, `images[..., None]`" if images.ndim == 3 else ""
        raise ValueError(f"Images are an array (n, height, width, channels), not {images.shape}{hint}.")
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(
            f"Images are uint8, or float32 in [-1, 1], not {images.dtype}: write `images.astype('uint8')` where they "
            "lie in 0..255."
        )
    height, width = images.shape[1:3]
    if height % scale or width % scale:
        whole = height // scale * scale, width // scale * scale
        cure = f"crop them, `images[:, :{whole[0]}, :{whole[1]}]`, or read them at `size={whole}`"
        raise ValueError(
            f"Images of {height} x {width} pixels do not become {scale} times smaller in whole pixels: "
            + (cure if min(whole) else f"take images of at least {scale} pixels a side, or a smaller `scale`")
            + "."
        )
    return images if images.dtype == np.uint8 else images.astype("float32", copy=False)


def downscale(images, scale, method):
    """Images `(n, height / scale, width / scale, channels)`, of the dtype of those given."""
    height, width, channels = images.shape[1:]
    down, across = weights(height, scale, method), weights(width, scale, method).T
    small = np.empty((len(images), height // scale, width // scale, channels), images.dtype)
    whole = images.dtype == np.uint8
    for start in range(0, len(images), CHUNK):
        chunk = np.moveaxis(images[start : start + CHUNK].astype("float32"), -1, 1)
        made = np.moveaxis(down @ chunk @ across, 1, -1)
        # The bicubic filter overshoots at edges.
        small[start : start + CHUNK] = np.clip(np.rint(made), 0, 255) if whole else np.clip(made, -1, 1)
    return small


def weights(side, scale, method):
    """What each of `side` pixels counts in each of `side / scale`, `(side / scale, side)`: what Pillow makes of a unit
    matrix.
    """
    from PIL import Image

    filters = {"bicubic": Image.Resampling.BICUBIC, "box": Image.Resampling.BOX}
    unit = Image.fromarray(np.eye(side, dtype="float32"))
    return np.asarray(unit.resize((side, side // scale), filters[method]))
