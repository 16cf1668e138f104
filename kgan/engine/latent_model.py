"""Games whose generator turns latents into samples."""

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.backend import own_share
from kgan.engine.guards import check_finite_range, check_samples


class LatentModel(AdversarialModel):
    """A game with a `generator` of latents `(batch, latent_dim)`, standard normal: how to draw them, and what one does with a trained generator."""

    def __init__(self, networks, seed=None, name=None):
        super().__init__(networks, seed=seed, name=name)
        if not hasattr(self.generator, "input_shape"):
            raise ValueError(
                "The generator does not say what it takes, as models of your own class do not: "
                "wrap it, `keras.Sequential([keras.Input((latent_dim,)), generator])`."
            )

    @property
    def latent_dim(self):
        """Width of the latent, read off the generator's input."""
        return self.generator.input_shape[-1]

    def latents(self, like, seed_generator=None):
        """As many latents, standard normal, as `like` has samples."""
        seed = seed_generator or self.seed_generator
        return own_share(like, lambda count: keras.random.normal((count, self.latent_dim), seed=seed, dtype="float32"))

    def samples(self, data):
        """The real samples of a batch."""
        return ops.cast(keras.utils.unpack_x_y_sample_weight(data)[0], "float32")

    def check_unlabelled(self, batch, shape):
        """Raise where a batch is more than samples of that shape."""
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if labels is not None or weights is not None:
            raise ValueError(f"{type(self).__name__} learns without labels, but a batch is a pair: keep its images only, `data.map(lambda x, y: x)`.")
        check_samples(samples, shape)

    def feed_metrics(self, real, generated, labels=None):
        """Give the metrics of `compile` a batch: those of labels, such as `ClassAccuracy`, what was asked for and what came of it."""
        for metric in self.evaluation_metrics:
            labelled = getattr(metric, "labelled", False)
            if labelled and labels is None:
                raise ValueError(f"{metric.name!r} compares samples with the labels that they were asked for, and {type(self).__name__} asks for none.")
            metric.update_state(labels if labelled else real, generated)

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
        return self._decode([self._latents_to_decode(n, latents, np.random.default_rng(seed))], batch_size)

    def _latents_to_decode(self, n, latents, random):
        latents = self.random_latents(n, random) if latents is None else np.asarray(latents, "float32")
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"Latents have shape (n, {self.latent_dim}), not {latents.shape}.")
        if not len(latents):
            raise ValueError("`n` must be at least 1.")
        return latents

    def _decode(self, inputs, batch_size):
        """Samples of the generator's inputs, in batches of one size, so that nothing is compiled twice; beside them memory holds one batch."""
        count, samples = len(inputs[0]), None
        batch_size = min(batch_size, count)
        for start in range(0, count, batch_size):
            end = min(start + batch_size, count)
            # The last batch goes back to samples that are there already.
            rows = slice(end - batch_size, end)
            batch = [values[rows] for values in inputs]
            # Of several replicas of one machine each computes the whole batch: the first one's samples come first.
            made = ops.convert_to_numpy(self.predict_on_batch(batch if len(batch) > 1 else batch[0]))[:batch_size]
            samples = np.empty((count, *made.shape[1:]), made.dtype) if samples is None else samples
            samples[rows] = made
        return samples

    def random_latents(self, n, random):
        """Latents `(n, latent_dim)` as the game draws them, from a numpy generator."""
        return random.standard_normal((n, self.latent_dim), "float32")

    def in_batches(self, function, samples, batch_size=256):
        """`function` of samples `(n, ...)`, numpy float32 arrays a batch, as one numpy array."""
        samples = np.asarray(samples)
        if not len(samples):
            raise ValueError("There are no samples.")
        check_finite_range(samples)
        samples = samples.astype("float32", copy=False)
        parts = [function(samples[start : start + batch_size]) for start in range(0, len(samples), batch_size)]
        return np.concatenate([ops.convert_to_numpy(ops.cast(part, "float32")) for part in parts])

    def interpolate(self, steps=8, start=None, end=None, seed=None):
        """Samples along the great circle from one latent to another, which keeps to norms that a normal latent has.

        Args:
            steps: how many, both ends included.
            start, end: latents `(latent_dim,)`; by default two random ones.
            seed: integer that fixes random ends.

        Returns:
            numpy float32 array `(steps, ...)`.
        """
        return self.generate(latents=self.walk(steps, start, end, seed))

    def walk(self, steps=8, start=None, end=None, seed=None):
        """The latents of `interpolate`, `(steps, latent_dim)`."""
        ends = self.random_latents(2, np.random.default_rng(seed))
        start, end = (drawn if given is None else np.asarray(given, "float32") for given, drawn in zip((start, end), ends))
        return great_circle(start, end, steps)

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
