"""Samples of named domains that do not belong together, and metrics of each domain."""

import keras
from keras import ops

from kgan.engine.guards import check_samples, of_stream
from kgan.kinds.of_domain import OfDomain


class Domains:
    """What games of named domains share, whatever they make of them; a part of `DomainModel` and `CoupledModel`.

    Attributes:
        domains: names of the domains, in their order.
        shapes: dict of domain to the shape of its samples, None for free axes.
    """

    aligned = False
    domains = ("a", "b")

    def compile(self, optimizers, metrics=None, **kwargs):
        """As `AdversarialModel.compile`; metrics may be given by domain.

        Args:
            metrics: dict of domain to a list of metrics of samples made in it, whose results bear its name in front
                (`a_fid10k_test`); or a list: of the last domain, under their own names.

        Raises:
            ValueError: metrics of a domain that the game does not have, and as in `AdversarialModel.compile`.
        """
        if isinstance(metrics, dict):
            for domain in metrics:
                self.check_domain(domain)
            metrics = [OfDomain(metric, domain) for domain, chosen in metrics.items() for metric in chosen]
        super().compile(optimizers, metrics=metrics, **kwargs)

    def present(self, domain=None, **things):
        """As `AdversarialModel.present`, to the metrics of one domain.

        Args:
            domain: the domain that `generated` is of, by default the last.
            **things: batches by name.
        """
        self.show(self.metrics_of(self.domains[-1] if domain is None else domain), things)

    def metrics_of(self, domain):
        """The metrics of samples made in a domain."""
        last = self.domains[-1]
        return [one for one in self.evaluation_metrics if domain == (one.of if isinstance(one, OfDomain) else last)]

    def build_metrics(self, batch):
        for domain in self.domains:
            for metric in self.metrics_of(domain):
                if hasattr(metric, "build"):
                    metric.build(streams_of(batch)[domain].shape[1:])

    def parts(self, data):
        """The samples of a batch, float32, in the order of the domains."""
        streams, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return [ops.cast(streams[domain], "float32") for domain in self.domains]

    def check_domain(self, domain):
        """Raise where the game has no domain of that name."""
        if domain not in self.domains:
            raise ValueError(f"{type(self).__name__} has the domains {' and '.join(self.domains)}, not {domain!r}.")

    def check_form(self, batch, whole=False):
        streams = batch[0] if isinstance(batch, (tuple, list)) and len(batch) == 1 else batch
        wanted = ", ".join(f"{domain!r}: ..." for domain in self.domains)
        if not isinstance(streams, dict):
            raise ValueError(
                f"{type(self).__name__} learns from named domains, but this is "
                f"{'a pair' if isinstance(streams, (tuple, list)) else 'one array'}: `fit({{{wanted}}})`, or a set "
                f"made by `kgan.data.domains`."
            )
        if set(streams) != set(self.domains):
            raise ValueError(
                f"{type(self).__name__} has the domains {' and '.join(self.domains)}, but the data have "
                f"{' and '.join(map(str, streams)) or 'none'}: name them so, `fit({{{wanted}}})`, or the game's own by "
                "`domains=` where it is built."
            )

    def check_batch(self, batch):
        streams = streams_of(batch)
        for domain in self.domains:
            with of_stream(domain):
                check_samples(streams[domain], (None, *self.shapes[domain]), "The discriminator")
        sizes = {domain: len(streams[domain]) for domain in self.domains}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                f"A batch has {' and '.join(f'{size} of {domain!r}' for domain, size in sizes.items())}: its parts "
                f"must be equally many, as `kgan.data.domains` makes them."
            )


def streams_of(batch):
    """The dict of domain to samples of a batch."""
    return batch[0] if isinstance(batch, (tuple, list)) else batch
