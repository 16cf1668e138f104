"""Games between named domains, learned without pairs."""

import itertools

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.guards import check_samples
from kgan.kinds.domains import Domains
from kgan.kinds.guards import shape_of


class DomainModel(Domains, AdversarialModel):
    """A game between domains `a` and `b`, or more of them: what one does with its translators, trained.

    Batches are dicts of samples by domain. The domains need be neither equally large nor of one shape; each has an
    order of its own, the largest makes the epoch, and smaller ones go round again. A subclass says which networks lead
    from one domain to another: by way of a code, in `encoding` and `decoding`, or, where there is none, in `route` and
    `shapes`.

    Args:
        networks, seed, name: as in `AdversarialModel`.

    Attributes:
        domains: names of the domains, in their order.
        shapes: dict of domain to the shape of its samples, None for free axes.
    """

    @property
    def shapes(self):
        return {domain: shape_of(getattr(self, self.encoding(domain)[0]), "input")[1:] for domain in self.domains}

    def encoding(self, domain):
        """Names of the networks that lead from samples of a domain to its code, in the order in which they are called;
        none where the game has no code.
        """
        return ()

    def decoding(self, domain):
        """Names of the networks that lead from a code to samples of a domain, in the order in which they are called."""
        return ()

    def route(self, source, to):
        """Names of the networks that lead from domain `source` to domain `to`, in the order in which they are
        called.
        """
        return (*self.encoding(source), *self.decoding(to))

    @property
    def directions(self):
        """The pairs of domains, from and to, between which the game translates."""
        return tuple(itertools.permutations(self.domains, 2))

    def source_of(self, to, source=None):
        """The domain that is translated into `to`: `source`, or of two domains the other one.

        Raises:
            ValueError: a domain that the game does not have; the same one twice; none where there are several.
        """
        for domain in (to, to if source is None else source):
            self.check_domain(domain)
        others = [domain for domain in self.domains if domain != to]
        if source is None and len(others) > 1:
            raise ValueError(f"Say from which domain: `source=` one of {', '.join(others)}.")
        if source == to:
            raise ValueError(f"`source` and `to` are both {to!r}: translate into another domain.")
        return others[0] if source is None else source

    def translate(self, images, to=None, source=None, batch_size=32):
        """Samples of one domain as samples of another, in inference mode; the state of training does not change.

        Args:
            images: array `(n, ...)` of the domain `source`; images float32 in [-1, 1].
            to: name of the domain to translate into; by default the last.
            source: name of the domain that they come from; of two domains the other one.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, ...)` of the domain `to`; images in [-1, 1].

        Raises:
            ValueError: a domain that the game does not have, no samples, values that are not finite, images outside
                [-1, 1] or of another shape.
        """
        to = self.domains[-1] if to is None else to
        source = self.source_of(to, source)
        return self._along(self.route(source, to), images, source, batch_size)

    def encode(self, images, domain, batch_size=32):
        """Codes of samples of a domain, in inference mode; the state of training does not change.

        Args:
            images: array `(n, ...)` of `domain`; images float32 in [-1, 1].
            domain: name of the domain that they come from.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, ...)`.

        Raises:
            ValueError: a game without a code, and as `translate`.
        """
        self.check_domain(domain)
        if not self.encoding(domain):
            raise ValueError(
                f"A {type(self).__name__} leads straight from domain to domain and has no code: `translate` is what it "
                "does."
            )
        return self._along(self.encoding(domain), images, domain, batch_size)

    def _along(self, route, images, domain, batch_size):
        """What the served networks of these names, one after another, make of samples of a domain."""
        images = np.asarray(images)
        check_samples(images, (None, *self.shapes[domain]), f"Domain {domain!r}")
        return self.infer(route, images, batch_size=batch_size)

    def sheet(self, data):
        """What a sheet of translations shows, a column each: dict of name to samples.

        Args:
            data: dict of domain to samples, arrays of equal length.
        """
        shown = {}
        for source, to in self.directions:
            shown[source] = data[source]
            shown[f"{source} to {to}"] = self.translate(data[source], to, source)
            if len(self.domains) == 2 and (to, source) in self.directions:
                shown[f"and back to {source}"] = self.translate(shown[f"{source} to {to}"], source, to)
        return shown

    def way(self, to=None, source=None):
        """The domain whose samples `predict` and what is exported take, and the names of the networks that they go
        through: by default from the first domain to the last.
        """
        source = self.domains[0] if to is None and source is None else source
        to = self.domains[-1] if to is None else to
        source = self.source_of(to, source)
        return source, self.route(source, to)

    def call(self, samples, training=False):
        """What `predict` computes: samples of the last domain, float32, from those of the first."""
        for name in self.way()[1]:
            samples = self.served(name)(samples, training=training)
        return ops.cast(samples, "float32")

    def serving_model(self, to=None, source=None):
        """A plain `keras.Model` of one direction: samples of `source` to samples of `to`, by default those of the first
        domain to those of the last.
        """
        source, route = self.way(to, source)
        samples = made = keras.Input(self.shapes[source], name=f"domain_{source}")
        for name in route:
            made = self.served(name)(made)
        return keras.Model(samples, keras.layers.Activation("linear", dtype="float32")(made))

    def export(self, filepath, format="tf_saved_model", verbose=False, *, to=None, source=None, **kwargs):
        """As `AdversarialModel.export`, of one direction.

        Args:
            to: the domain to translate into, by default the last.
            source: the domain to translate from; by default, of two domains the other one, and without `to` the first.
        """
        self.write(self.serving_model(to, source), filepath, format, verbose, **kwargs)
