"""Games that turn a latent into a sample in each of several domains."""

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.kinds.domains import Domains
from kgan.kinds.guards import shape_of
from kgan.kinds.latents import Latents


class CoupledModel(Domains, Latents, AdversarialModel):
    """A game that makes of one latent a sample in each domain, learned without pairs: what one does with it, trained.

    Batches are those of a `DomainModel`, latents those of a `LatentModel`. A subclass says in `decoding` which networks
    lead from latents to a domain, and in `entrance` which one takes latents.

    Args:
        networks, seed, name: as in `AdversarialModel`.
        prior: as in `LatentModel`.
        domains: names of the domains.
    """

    def __init__(self, networks, prior="normal", domains=("a", "b"), seed=None, name=None):
        super().__init__(networks, seed=seed, name=name)
        self.domains = domains
        self.take_prior(prior)

    @property
    def shapes(self):
        return {domain: shape_of(getattr(self, self.decoding(domain)[-1]), "output")[1:] for domain in self.domains}

    def decoding(self, domain):
        """Names of the networks that lead from latents to samples of a domain, in the order in which they are called;
        what domains have in common comes first.
        """
        raise NotImplementedError

    def generate(self, n=1, latents=None, seed=None, batch_size=256):
        """Generate what belongs together, in inference mode; the state of training does not change.

        Args:
            n: how many in each domain.
            latents: array `(n, latent_dim)` to decode, in place of `n` random ones.
            seed: integer: the same seed gives the same samples; by default fresh ones.
            batch_size: how many are computed at a time.

        Returns:
            dict of domain to a numpy float32 array `(n, ...)`; images in [-1, 1]. Row `i` of each is of one latent.

        Raises:
            ValueError: latents of the wrong shape, or nothing to generate.
        """
        latents = self._latents_to_decode(n, latents, np.random.default_rng(seed))
        # As Keras flattens a dict: by its sorted names.
        made = dict(zip(sorted(self.domains), self.in_batches(self.predict_on_batch, latents, batch_size=batch_size)))
        return {domain: made[domain] for domain in self.domains}

    def interpolate(self, steps=8, start=None, end=None, seed=None):
        """What belongs together along a walk from one latent to another; arguments as of `LatentModel.interpolate`.

        Returns:
            dict of domain to a numpy float32 array `(steps, ...)`.
        """
        return self.generate(latents=self.walk(steps, start, end, seed))

    def sheet(self, data):
        """What a sheet shows, a column each: dict of domain to samples, a row of which is of one latent.

        Args:
            data: latents `(n, latent_dim)`.
        """
        return self.generate(latents=data)

    def call(self, latents, training=False):
        """Dict of domain to samples, float32, of latents `(batch, latent_dim)`: what `predict` computes."""
        self.check_latents(latents)
        return {domain: ops.cast(self._decoded(domain, latents, training), "float32") for domain in self.domains}

    def _decoded(self, domain, values, training=False):
        for name in self.decoding(domain):
            values = self.served(name)(values, training=training)
        return values

    def serving_model(self, to=None):
        """A plain `keras.Model` of latents `(batch, latent_dim)` to samples of the domain `to`, float32; without `to`
        to a dict of domain to samples.
        """
        if to is not None:
            self.check_domain(to)
        latents = keras.Input((self.latent_dim,), name="latent")
        made = {
            domain: keras.layers.Activation("linear", dtype="float32")(self._decoded(domain, latents))
            for domain in (self.domains if to is None else (to,))
        }
        return keras.Model(latents, made if to is None else made[to])

    def export(self, filepath, format="tf_saved_model", verbose=False, *, to=None, **kwargs):
        """As `AdversarialModel.export`, of one domain or of all.

        Args:
            to: the domain to export; by default all, whose samples belong together.
        """
        self.write(self.serving_model(to), filepath, format, verbose, **kwargs)
