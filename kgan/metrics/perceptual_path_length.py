import keras
import numpy as np
from keras import ops

from kgan.kinds.latent_model import LatentModel
from kgan.kinds.prior import Normal
from kgan.metrics.arrays import as_array, as_natural


def perceptual_path_length(generator, features=None, samples=10_000, epsilon=1e-4, seed=0, batch_size=256):
    """How much samples change along a path between latents: smooth generators have short paths.

        E ||f(G(z(t))) - f(G(z(t + epsilon)))||^2 / epsilon^2

    where z(t) goes along the great circle from one standard normal latent to another and t is uniform in [0, 1]. Of a
    game of kgan, latents come from the game's own law (`random_latents`) and z(t) along its own paths (`walk`):
    InfoGAN's codes stay codes. As in the paper the shortest and the longest percent are left out. The paper's f is
    LPIPS on VGG16; lengths under another f compare only with each other.

    Args:
        generator: game of kgan, or built `keras.Model` from standard normal latents `(batch, latent_dim)` to samples:
            without labels.
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: number of steps.
        epsilon: length of a step in t. Below 1e-4 float32 samples differ by rounding. On a path of the game's own it is
            rounded to 1 over an integer, and takes 1 / epsilon latents a step.
        seed: fixes the latents.
        batch_size: latents at a time.

    Returns:
        dict: `mean` and `std` over the steps, floats.

    Raises:
        ValueError: a generator of other inputs, an epsilon outside (0, 1), samples that are not finite.

    Example:

    >>> metric = kgan.metrics.perceptual_path_length(gan, features=kgan.metrics.Judge("mnist"))["mean"]

    References:
        Karras et al., "A Style-Based Generator Architecture for Generative Adversarial Networks", 2019.
            https://arxiv.org/abs/1812.04948
    """
    if not 0 < epsilon < 1:
        raise ValueError(f"`epsilon` must lie in (0, 1), not {epsilon}.")
    samples = as_natural(samples, "samples")
    here, there, epsilon = steps_on_paths(generator, samples, epsilon, seed)

    def seen(latents):
        images = generator(ops.convert_to_tensor(latents.astype("float32")), training=False)
        outputs = images if features is None else features(images, training=False)
        return as_array(outputs, "samples").reshape(len(latents), -1)

    lengths = []
    for start in range(0, samples, batch_size):
        part = slice(start, start + batch_size)
        lengths.append(np.square(seen(there[part]) - seen(here[part])).sum(1) / epsilon**2)
    lengths = np.concatenate(lengths)
    low, high = np.percentile(lengths, 1, method="lower"), np.percentile(lengths, 99, method="higher")
    lengths = lengths[(low <= lengths) & (lengths <= high)]
    return {"mean": float(lengths.mean()), "std": float(lengths.std())}


def steps_on_paths(generator, samples, epsilon, seed):
    """Latents `(samples, latent_dim)` at random places of random paths, those a step further on, and the step in t."""
    width = width_of_latents(generator)
    if isinstance(generator, LatentModel):
        random = np.random.default_rng(seed)
        starts, ends = generator.random_latents(samples, random), generator.random_latents(samples, random)
    else:
        random = np.random.RandomState(seed)
        starts, ends = random.randn(2, samples, width)
    times = random.uniform(size=(samples, 1))
    if not isinstance(generator, LatentModel) or goes_in_circles(generator):
        starts, ends = starts.astype("float64"), ends.astype("float64")
        return great_circle(starts, ends, times), great_circle(starts, ends, times + epsilon), epsilon
    # A walk goes in even steps from end to end: a random one of them is taken.
    steps = max(1, round(1 / epsilon))
    pairs = np.empty((2, samples, width), "float32")
    for index, (start, end, time) in enumerate(zip(starts, ends, times[:, 0])):
        place = int(time * steps)
        pairs[:, index] = generator.walk(steps + 1, start, end)[place : place + 2]
    return *pairs, 1 / steps


def goes_in_circles(game):
    """Whether a game's walks are great circles: its latents are normal, and it has no walk of its own."""
    return isinstance(game.prior, Normal) and type(game).walk is LatentModel.walk


def width_of_latents(generator):
    """The generator's `latent_dim`, or the width of its only input."""
    if isinstance(getattr(getattr(generator, "generator", generator), "input_shape", None), list):
        raise ValueError(
            "This generator takes more than latents: wrap it in a keras.Model of latents alone, with a label of your "
            "choice."
        )
    shape = getattr(generator, "input_shape", None) if isinstance(generator, keras.Layer) else None
    width = getattr(generator, "latent_dim", shape[-1] if isinstance(shape, tuple) and len(shape) == 2 else None)
    if not isinstance(width, int):
        raise ValueError(
            "`generator` must be a built keras.Model of latents (batch, latent_dim), or have a `latent_dim`."
        )
    return width


def great_circle(start, end, time):
    """Latents between `start` and `end`, rows of equal width, at `time` in [0, 1]:
    a share of the angle between them.
    """
    cosine = (start * end).sum(1) / (np.linalg.norm(start, axis=1) * np.linalg.norm(end, axis=1))
    angle = np.arccos(np.clip(cosine, -1 + 1e-12, 1 - 1e-12))[:, None]
    return (np.sin((1 - time) * angle) * start + np.sin(time * angle) * end) / np.sin(angle)
