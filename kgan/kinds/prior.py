"""The law of latents, once: in the step, in numpy, on a walk, in words."""

import keras
import numpy as np
from keras import ops


class Law:
    """What laws of latents share."""

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@keras.saving.register_keras_serializable(package="kgan")
class Normal(Law):
    """Standard normal latents of width `width`; walks follow great circles,
    which keep to norms that such latents have.
    """

    name = "normal"

    def __init__(self, width):
        self.width = width

    def get_config(self):
        return {"width": self.width}

    def draw(self, count, seed):
        """`(count, width)` float32, a tensor of the backend, from a `keras.random.SeedGenerator`."""
        return keras.random.normal((count, self.width), seed=seed, dtype="float32")

    def sample(self, count, random):
        """The same as a numpy array, from a numpy generator."""
        return random.standard_normal((count, self.width), "float32")

    def walk(self, start, end, steps):
        """Latents `(steps, width)` from one to another, both `(width,)`."""
        return great_circle(start, end, steps)

    def words(self):
        """What a latent is, for a card."""
        return f"{self.width}, standard normal"

    def expression(self, count):
        """An expression of TensorFlow for `count` latents, for a card."""
        return f"tf.random.normal([{count}, {self.width}])"


@keras.saving.register_keras_serializable(package="kgan")
class Uniform(Law):
    """Latents uniform in [-1, 1], the law of the first papers; walks are straight lines, which stay inside."""

    name = "uniform"

    def __init__(self, width):
        self.width = width

    def get_config(self):
        return {"width": self.width}

    def draw(self, count, seed):
        """As `Normal.draw`."""
        return keras.random.uniform((count, self.width), -1.0, 1.0, seed=seed, dtype="float32")

    def sample(self, count, random):
        """As `Normal.sample`."""
        return random.uniform(-1, 1, (count, self.width)).astype("float32")

    def walk(self, start, end, steps):
        """As `Normal.walk`."""
        return straight(start, end, steps)

    def words(self):
        """As `Normal.words`."""
        return f"{self.width}, uniform in [-1, 1]"

    def expression(self, count):
        """As `Normal.expression`."""
        return f"tf.random.uniform([{count}, {self.width}], -1, 1)"


@keras.saving.register_keras_serializable(package="kgan")
class Codes(Law):
    """InfoGAN's latents: normal noise, then each categorical code one-hot, then continuous codes, uniform in [-1, 1].

    Args:
        noise: width of the noise, at least 0.
        categorical: tuple of the number of categories of each code.
        continuous: how many continuous codes.
    """

    name = "codes"

    def __init__(self, noise, categorical, continuous):
        self.noise, self.categorical, self.continuous = noise, tuple(categorical), continuous
        self.width = noise + sum(categorical) + continuous

    def get_config(self):
        return {"noise": self.noise, "categorical": list(self.categorical), "continuous": self.continuous}

    def draw(self, count, seed):
        """As `Normal.draw`."""
        parts = [keras.random.normal((count, self.noise), seed=seed, dtype="float32")]
        for categories in self.categorical:
            drawn = ops.floor(keras.random.uniform((count,), 0.0, float(categories), seed=seed, dtype="float32"))
            parts.append(ops.one_hot(ops.cast(drawn, "int32"), categories, dtype="float32"))
        parts.append(keras.random.uniform((count, self.continuous), -1.0, 1.0, seed=seed, dtype="float32"))
        return ops.concatenate(parts, axis=-1)

    def sample(self, count, random):
        """As `Normal.sample`."""
        parts = [random.standard_normal((count, self.noise), "float32")]
        parts += [
            np.eye(categories, dtype="float32")[random.integers(categories, size=count)]
            for categories in self.categorical
        ]
        return np.concatenate([*parts, random.uniform(-1, 1, (count, self.continuous)).astype("float32")], axis=1)

    def walk(self, start, end, steps):
        """The noise goes along the great circle, the codes straight, which keeps them in their range."""
        noise = great_circle(start[: self.noise], end[: self.noise], steps)
        return np.concatenate([noise, straight(start[self.noise :], end[self.noise :], steps)], axis=1)

    def words(self):
        """As `Normal.words`."""
        codes = [f"{categories} one-hot" for categories in self.categorical]
        codes += [f"{self.continuous} uniform in [-1, 1]"] if self.continuous else []
        return f"{self.width}: {', '.join([f'{self.noise} standard normal', *codes])}"

    def expression(self, count):
        """As `Normal.expression`."""
        parts = [f"tf.random.normal([{count}, {self.noise}])"]
        parts += [f"tf.one_hot(tf.random.uniform([{count}], 0, {k}, tf.int32), {k})" for k in self.categorical]
        parts += [f"tf.random.uniform([{count}, {self.continuous}], -1, 1)"] if self.continuous else []
        return f"tf.concat([{', '.join(parts)}], 1)"


LAWS = {law.name: law for law in (Normal, Uniform)}


def get(prior, width):
    """The law of latents of that width that `"normal"` or `"uniform"` names; a law is itself.

    Raises:
        ValueError: another name; a law of another width.
    """
    if isinstance(prior, str) and prior in LAWS:
        return LAWS[prior](width)
    if not isinstance(prior, Law):
        raise ValueError(f"`prior` is 'normal' or 'uniform', not {prior!r}.")
    if prior.width != width:
        raise ValueError(f"The generator takes latents of width {width}, but the prior draws {prior.width}.")
    return prior


def great_circle(start, end, steps):
    """Latents `(steps, width)` float32 from `start` to `end`, both `(width,)`, in even angles; ends of one norm keep
    it.
    """
    cosine = start @ end / (np.linalg.norm(start) * np.linalg.norm(end) + 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1)) + 1e-6
    shares = np.linspace(0, 1, steps, dtype="float32")[:, None]
    return (np.sin((1 - shares) * angle) * start + np.sin(shares * angle) * end) / np.sin(angle)


def straight(start, end, steps):
    """Latents `(steps, width)` float32 from `start` to `end`, both `(width,)`, in even steps."""
    shares = np.linspace(0, 1, steps, dtype="float32")[:, None]
    return (1 - shares) * start + shares * end
