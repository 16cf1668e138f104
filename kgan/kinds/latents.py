"""Latents of a game, by its prior."""

import numpy as np

from kgan.engine.backend import own_share
from kgan.kinds import prior as priors


class Latents:
    """What games that draw latents share, whatever they make of them; a part of `LatentModel` and `CoupledModel`.

    Attributes:
        entrance: name of the network that takes latents `(batch, latent_dim)`.
        prior: the law of latents, which training, `generate`, walks, pictures and cards share.
    """

    entrance = "generator"

    def take_prior(self, prior):
        """Take a prior, by its name or as an object, for the latents that the entrance takes.

        Raises:
            ValueError: a prior that does not fit; an entrance that takes no latents.
        """
        self.check_entrance()
        self.prior = priors.get(prior, self.latent_dim)

    def check_entrance(self):
        """Raise where the entrance does not take latents."""
        shape = getattr(getattr(self, self.entrance), "input_shape", None)
        if shape is None:
            raise ValueError(
                f"The {self.entrance} does not say what it takes, as models of your own class do not: "
                f"wrap it, `keras.Sequential([keras.Input((latent_dim,)), {self.entrance}])`."
            )
        if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] is None:
            raise ValueError(
                f"The {self.entrance} of a {type(self).__name__} takes latents (batch, latent_dim), one vector a "
                f"sample, but this one takes {shape}: begin it with `keras.Input((latent_dim,))` and a "
                "`keras.layers.Reshape`."
            )

    @property
    def latent_dim(self):
        """Width of the latent, read off the entrance's input."""
        return getattr(self, self.entrance).input_shape[-1]

    def latents(self, like):
        """As many latents as `like` has samples, by the game's prior."""
        return own_share(like, lambda count: self.prior.draw(count, self.random))

    def random_latents(self, n, random):
        """Latents `(n, latent_dim)` as the game draws them, from a numpy generator."""
        return self.prior.sample(n, random)

    def walk(self, steps=8, start=None, end=None, seed=None):
        """The latents of `interpolate`, `(steps, latent_dim)`."""
        ends = self.random_latents(2, np.random.default_rng(seed))
        start, end = (
            drawn if given is None else np.asarray(given, "float32") for given, drawn in zip((start, end), ends)
        )
        return self.prior.walk(start, end, steps)

    def _latents_to_decode(self, n, latents, random):
        latents = self.random_latents(n, random) if latents is None else np.asarray(latents, "float32")
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"Latents have shape (n, {self.latent_dim}), not {latents.shape}.")
        if not len(latents):
            raise ValueError("`n` must be at least 1.")
        return latents

    def check_latents(self, latents):
        """Raise where the game is called on anything but latents."""
        if len(latents.shape) != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(
                f"A {type(self).__name__} is called on latents (batch, {self.latent_dim}), not on an input of shape "
                f"{tuple(latents.shape)}."
            )
