"""The 2-D toys on which mode coverage is measured."""

import difflib

import numpy as np

from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

NAMES = ("ring", "grid", "swiss_roll", "wgan_gp_ring", "wgan_gp_grid")


def mixture(name, samples=100_000, seed=0, batch_size=256):
    """Points in the plane, drawn once, whose distribution is known.

    | name | distribution | source |
    |---|---|---|
    | `"ring"` | 8 Gaussians on the unit circle, deviation 0.01 | VEEGAN, PacGAN |
    | `"grid"` | 25 Gaussians at {-4, -2, 0, 2, 4}^2, deviation 0.05 | VEEGAN, PacGAN |
    | `"swiss_roll"` | scikit-learn's, noise 0.25, first and last coordinate / 7.5 | WGAN-GP |
    | `"wgan_gp_ring"` | 8 Gaussians at radius 2, deviation 0.02, all / 1.414 | WGAN-GP |
    | `"wgan_gp_grid"` | 25 Gaussians at {-4, -2, 0, 2, 4}^2, deviation 0.05, all / 2.828 | WGAN-GP |

    Args:
        name: one of the table. The components of a mixture are equally likely.
        samples: number of points; 100,000 is PacGAN's.
        seed: fixes the points and the order of the batches.
        batch_size: points a batch. 256 is WGAN-GP's.

    Returns:
        `Batches` whose `images` are the points, float32 `(samples, 2)`, as they are (not brought to [-1, 1]). It has
        `name`, `centres`, float32 `(k, 2)`, and `deviation`, the standard deviation of each coordinate about its
        centre; the last two are None for the swiss roll.

    Raises:
        ValueError: an unknown name (the nearest one is given), or no samples.

    Example:

    >>> train = kgan.data.mixture("ring")
    >>> kgan.metrics.mode_report(train.images[:2500], train.centres, train.deviation)["modes"]
    8

    References:
        Srivastava et al., VEEGAN, NIPS 2017. Lin et al., PacGAN, NeurIPS 2018. Gulrajani et al., Improved Training of
            Wasserstein GANs, NIPS 2017.
    """
    if name not in NAMES:
        nearest = difflib.get_close_matches(str(name), NAMES, n=1, cutoff=0)[0]
        raise ValueError(f"There is no mixture {name!r}. Did you mean {nearest!r}? There are {', '.join(NAMES)}.")
    if not is_whole(samples) or samples < 1:
        raise ValueError(f"`samples` must be an integer of at least 1, not {samples!r}.")
    samples = int(samples)
    centres, deviation = components(name)
    points = swiss_roll(samples, seed) if centres is None else gaussians(centres, deviation, samples, seed)
    batches = Batches(points, batch_size=batch_size, seed=seed)
    batches.name, batches.centres, batches.deviation = name, centres, deviation
    return batches


def components(name):
    """Centres `(k, 2)` and their common standard deviation, or None and None."""
    angles = np.arange(8) * (2 * np.pi / 8)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    lattice = np.stack(np.meshgrid([-4, -2, 0, 2, 4], [-4, -2, 0, 2, 4], indexing="ij"), axis=-1).reshape(-1, 2)
    centres, deviation = {
        "ring": (circle, 0.01),
        "grid": (lattice, 0.05),
        "swiss_roll": (None, None),
        "wgan_gp_ring": (2 * circle / 1.414, 0.02 / 1.414),
        "wgan_gp_grid": (lattice / 2.828, 0.05 / 2.828),
    }[name]
    return None if centres is None else centres.astype("float32"), deviation


def gaussians(centres, deviation, samples, seed):
    """Points `(samples, 2)` of equally likely Gaussians."""
    generator = np.random.default_rng(seed)
    chosen = centres[generator.integers(len(centres), size=samples)]
    return (chosen + deviation * generator.standard_normal((samples, 2))).astype("float32")


def swiss_roll(samples, seed):
    """Points `(samples, 2)` of the spiral, within about [-2, 2]."""
    from sklearn.datasets import make_swiss_roll

    points, _ = make_swiss_roll(samples, noise=0.25, random_state=seed)
    return (points[:, [0, 2]] / 7.5).astype("float32")
