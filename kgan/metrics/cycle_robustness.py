"""What a translation hides: the way back after the picture in between has been disturbed."""

import io

import numpy as np

NOISES, QUALITIES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2), (95, 75, 50)


def cycle_robustness(game, images, source, to, noises=NOISES, qualities=QUALITIES, seed=0):
    """How far samples are from themselves after the way to another domain and back, where what stands in between has
    been disturbed on the way: by Gaussian noise, by rounding to 8 bits, by JPEG.

    A translator that must give back what the other domain does not show can hide it there, in a pattern of low
    amplitude (Chu et al., 2017). Its way back is then exact, and ruined by a disturbance that no eye sees; an honest
    one gets worse by about what the disturbance is.

    Args:
        game: trained game between domains, such as `kgan.CycleGAN`.
        images: array `(n, height, width, channels)` of the domain `source`, float32 in [-1, 1].
        source, to: names of the two domains.
        noises: standard deviations of the noise, in units of the range [-1, 1]; 0.0 is the undisturbed way.
        qualities: of the JPEGs, 1 to 95, for images of 1 or 3 channels.
        seed: integer that fixes the noise.

    Returns:
        dict of `"noise 0.05"`, ..., `"8 bit"`, `"jpeg 75"`, ... to the mean absolute error of a pixel after the way
        back.

    Raises:
        ValueError: as `game.translate`; JPEG of images of neither 1 nor 3 channels.

    Example:

    >>> translator = lambda: kgan.networks.unet((16, 16, 1), filters=4)
    >>> judge = lambda: kgan.networks.patch_discriminator((16, 16, 1), filters=4, receptive_field=16)
    >>> gan = kgan.CycleGAN(translator(), translator(), judge(), judge())
    >>> images = np.zeros((4, 16, 16, 1), "float32") - 1
    >>> sorted(kgan.metrics.cycle_robustness(gan, images, source="a", to="b", noises=(0.0, 0.1)))
    ['8 bit', 'jpeg 50', 'jpeg 75', 'jpeg 95', 'noise 0', 'noise 0.1']

    Reference: Chu, Zhmoginov, Sandler, CycleGAN, a Master of Steganography, 2017, https://arxiv.org/abs/1712.02950
    """
    between, random = game.translate(images, to, source), np.random.default_rng(seed)
    disturbed = {
        f"noise {noise:g}": lambda noise=noise: between + noise * random.standard_normal(between.shape)
        for noise in noises
    }
    disturbed["8 bit"] = lambda: np.rint((between + 1) * 127.5) / 127.5 - 1
    disturbed |= {f"jpeg {quality}": lambda quality=quality: as_jpeg(between, quality) for quality in qualities}
    back = {name: np.clip(disturb(), -1, 1).astype("float32") for name, disturb in disturbed.items()}
    return {name: float(np.abs(game.translate(one, source, to) - images).mean()) for name, one in back.items()}


def as_jpeg(images, quality):
    """Images in [-1, 1] as they come out of a JPEG of this quality."""
    from PIL import Image

    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"A JPEG is of images of 1 channel or 3, not of samples of shape {images.shape[1:]}: give `qualities=()`."
        )
    read = []
    for image in np.rint((np.clip(images, -1, 1) + 1) * 127.5).astype("uint8"):
        memory = io.BytesIO()
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(memory, "JPEG", quality=quality)
        with Image.open(memory) as picture:
            read.append(np.asarray(picture).reshape(image.shape))
    return np.stack(read) / np.float32(127.5) - 1
