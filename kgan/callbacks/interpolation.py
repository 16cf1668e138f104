"""Walks from one latent to another, epoch by epoch."""

import numpy as np

from kgan.callbacks.film import Film
from kgan.callbacks.subjects import check_latents
from kgan.pictures import check_images, image_grid


class Interpolation(Film):
    """Draw what the generator makes along great circles between pairs of latents, the same pairs each time: a row a
    walk, and a film of all pictures.

    A generator that has learned the data changes its images by degrees along a row; one that has memorised them jumps.
    A great circle keeps to norms that normal latents have; a straight line does not. Pictures are
    `<directory>/epoch-0000.png` (before training), `epoch-0001.png`, ...; the film is `film.gif`. With an average kept
    (`EMA`), it is the average that is drawn.

    Args:
        directory: where the pictures go; created if need be.
        every: epochs between pictures. The last epoch is drawn in any case.
        rows: number of walks, each between two latents of its own.
        steps: images a walk, both ends included, at least 2.
        seed: integer that fixes the latents.
        labels: for conditional variants: the class of each row (`rows` is then their number); by default each row has
            one at random, the same each time. None for all others.
        gif: whether to make the film.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` or `rows` below 1, `steps` below 2; or, when `fit` starts, a generator of anything but
            images of 1 or 3 channels.

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Interpolation("walks", every=5)])

    Reference: White, Sampling Generative Networks, 2016, https://arxiv.org/abs/1609.04468
    """

    def __init__(self, directory, every=1, rows=6, steps=10, seed=0, labels=None, gif=True):
        super().__init__(directory, every, gif)
        self.labels = None if labels is None else np.asarray(labels)
        self.rows, self.steps, self.seed = rows if labels is None else len(self.labels), steps, seed
        if self.rows < 1 or steps < 2:
            raise ValueError(f"There must be at least 1 row and 2 steps, not {self.rows} and {steps}.")

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        check_latents(self)
        check_images("Interpolation", self._walks().shape[1:])

    def draw(self, epoch):
        return image_grid(self._walks(), self.rows, self.steps)

    def _walks(self):
        pairs = self.model.random_latents(2 * self.rows, np.random.default_rng(self.seed)).reshape(self.rows, 2, -1)
        if self.labels is None:
            # A conditional game draws a class for each walk here: the same each time.
            walks = enumerate(pairs, self.seed)
            return np.concatenate([self.model.interpolate(self.steps, *ends, seed=seed) for seed, ends in walks])
        latents = np.concatenate([self.model.walk(self.steps, start, end) for start, end in pairs])
        return self.model.generate(latents=latents, labels=np.repeat(self.labels, self.steps, axis=0))
