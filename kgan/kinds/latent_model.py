"""Games whose generator turns latents into samples."""

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.guards import check_samples
from kgan.kinds.guards import alone, shape_of
from kgan.kinds.latents import Latents


class LatentModel(Latents, AdversarialModel):
    """A game with a `generator` of latents `(batch, latent_dim)`: what one does with it, trained.

    Args:
        networks, seed, name: as in `AdversarialModel`.
        prior: law of the latents: `"normal"` (standard normal) or `"uniform"` (in [-1, 1]), or an object of
            `kgan.kinds.prior`.

    Attributes:
        prior: the law of latents, which training, `generate`, walks, pictures and cards share.
    """

    def __init__(self, networks, prior="normal", seed=None, name=None):
        super().__init__(networks, seed=seed, name=name)
        self.take_prior(prior)
        shape_of(self.generator, "output")

    def samples(self, data):
        """The real samples of a batch."""
        return ops.cast(keras.utils.unpack_x_y_sample_weight(data)[0], "float32")

    def check_unlabelled(self, batch, shape):
        """Raise where a batch is more than samples of that shape."""
        check_samples(alone(batch, self), shape)

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
            raise ValueError(
                f"{type(self).__name__} generates without labels; `labels` belongs to conditional variants."
            )
        return self._decode([self._latents_to_decode(n, latents, np.random.default_rng(seed))], batch_size)

    def _decode(self, inputs, batch_size):
        """Samples of the generator's inputs."""
        return self.in_batches(
            lambda *batch: self.predict_on_batch(list(batch) if len(batch) > 1 else batch[0]),
            *inputs,
            batch_size=batch_size,
        )

    def interpolate(self, steps=8, start=None, end=None, seed=None):
        """Samples along a walk from one latent to another: a great circle, or where the prior is uniform a straight
        line.

        Args:
            steps: how many, both ends included.
            start, end: latents `(latent_dim,)`; by default two random ones.
            seed: integer that fixes random ends.

        Returns:
            numpy float32 array `(steps, ...)`.
        """
        return self.generate(latents=self.walk(steps, start, end, seed))

    def call(self, latents, training=False):
        """Samples, float32, of latents `(batch, latent_dim)`: what `predict` and the exported model compute."""
        self.check_latents(latents)
        return ops.cast(self.served("generator")(latents, training=training), "float32")

    def serving_model(self):
        """A plain `keras.Model`: latents `(batch, latent_dim)` to samples, float32."""
        latents = keras.Input((self.latent_dim,), name="latent")
        return keras.Model(
            latents, keras.layers.Activation("linear", dtype="float32")(self.served("generator")(latents))
        )
