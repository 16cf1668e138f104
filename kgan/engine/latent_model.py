"""Games whose generator turns latents into samples."""

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.backend import share


class LatentModel(AdversarialModel):
    """A game with a `generator` of latents `(batch, latent_dim)`, standard normal: how to draw them, and what one does with a trained generator."""

    @property
    def latent_dim(self):
        """Width of the latent, read off the generator's input."""
        return self.generator.input_shape[-1]

    def latents(self, like, seed_generator=None):
        """As many latents, standard normal, as `like` has samples."""
        count = ops.shape(like)[0]
        # Replicas hold the same random state: each takes its share of what one device would draw.
        before, together = share(count)
        return keras.random.normal((together, self.latent_dim), seed=seed_generator or self.seed_generator, dtype="float32")[before : before + count]

    def generate(self, n=1, labels=None, latents=None, seed=None, batch_size=256):
        """Generate samples in inference mode; the state of training does not change.

        Args:
            n: how many.
            labels: classes to generate, for conditional variants; here it must be None.
            latents: array `(n, latent_dim)` to decode, in place of `n` random ones.
            seed: integer: the same seed gives the same samples; by default fresh ones.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, ...)`; images in [-1, 1].

        Raises:
            ValueError: labels for a variant that has none, latents of the wrong shape, or nothing to generate.
        """
        if labels is not None:
            raise ValueError(f"{type(self).__name__} generates without labels; `labels` belongs to conditional variants.")
        if latents is None:
            latents = np.random.default_rng(seed).standard_normal((n, self.latent_dim), "float32")
        latents = np.asarray(latents, "float32")
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"Latents have shape (n, {self.latent_dim}), not {latents.shape}.")
        if not len(latents):
            raise ValueError("`n` must be at least 1.")
        batch_size = min(batch_size, len(latents))
        padded = np.concatenate([latents, np.zeros((-len(latents) % batch_size, self.latent_dim), "float32")])
        parts = [self.predict_on_batch(part) for part in np.split(padded, len(padded) // batch_size)]
        return np.concatenate([ops.convert_to_numpy(part) for part in parts])[: len(latents)]

    def interpolate(self, steps=8, start=None, end=None, seed=None):
        """Samples along the great circle from one latent to another, which keeps to norms that a normal latent has.

        Args:
            steps: how many, both ends included.
            start, end: latents `(latent_dim,)`; by default two random ones.
            seed: integer that fixes random ends.

        Returns:
            numpy float32 array `(steps, ...)`.
        """
        ends = np.random.default_rng(seed).standard_normal((2, self.latent_dim), "float32")
        start, end = (drawn if given is None else np.asarray(given, "float32") for given, drawn in zip((start, end), ends))
        return self.generate(latents=great_circle(start, end, steps))

    def call(self, latents, training=False):
        """Samples, float32, of latents `(batch, latent_dim)`: what `predict` and the exported model compute."""
        if len(latents.shape) != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"A {type(self).__name__} is called on latents (batch, {self.latent_dim}), not on an input of shape {tuple(latents.shape)}.")
        return ops.cast(self.served("generator")(latents, training=training), "float32")

    def serving_model(self):
        """A plain `keras.Model`: latents `(batch, latent_dim)` to samples, float32."""
        latents = keras.Input((self.latent_dim,), name="latent")
        return keras.Model(latents, keras.layers.Activation("linear", dtype="float32")(self.served("generator")(latents)))


def great_circle(start, end, steps):
    """Latents `(steps, latent_dim)` float32 from `start` to `end`, both `(latent_dim,)`, in even angles; ends of one norm keep it."""
    cosine = start @ end / (np.linalg.norm(start) * np.linalg.norm(end) + 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1)) + 1e-6
    shares = np.linspace(0, 1, steps, dtype="float32")[:, None]
    return (np.sin((1 - shares) * angle) * start + np.sin(shares * angle) * end) / np.sin(angle)
