"""Samples of named domains that do not belong together, and metrics of each domain."""

import keras
from keras import ops

from kgan.engine.guards import check_samples, of_stream
from kgan.kinds.guards import check_all_classes, check_labels
from kgan.kinds.of_domain import OfDomain


class Domains:
    """What games of named domains share, whatever they make of them; a part of `DomainModel` and `CoupledModel`.

    Attributes:
        domains: names of the domains, in their order.
        shapes: dict of domain to the shape of its samples, None for free axes.
        classes: how many classes the labels of the first domain tell, or None in a game without labels.
    """

    aligned = False
    domains = ("a", "b")
    classes = None

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

    def labels(self, data):
        """The labels of a batch, int32 `(batch,)`, a dict by domain, of the domains that have some."""
        _, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        return {domain: ops.reshape(ops.cast(one, "int32"), (-1,)) for domain, one in (labels or {}).items()}

    def check_form(self, batch, whole=False):
        parts = batch if isinstance(batch, (tuple, list)) else (batch,)
        streams, labels = (*parts, None)[:2]
        wanted = ", ".join(f"{domain!r}: ..." for domain in self.domains)
        if not isinstance(streams, dict):
            raise ValueError(
                f"{type(self).__name__} learns from named domains, but this is "
                f"{'a pair' if len(parts) > 1 else 'one array'}: `fit({{{wanted}}})`, or a set made by "
                "`kgan.data.domains`."
            )
        if set(streams) != set(self.domains):
            raise ValueError(
                f"{type(self).__name__} has the domains {' and '.join(self.domains)}, but the data have "
                f"{' and '.join(map(str, streams)) or 'none'}: name them so, `fit({{{wanted}}})`, or the game's own by "
                "`domains=` where it is built."
            )
        self.check_labelled(labels, f"{{{wanted}}}")

    def check_labelled(self, labels, wanted):
        """Raise where a game that learns labels gets none of its first domain, or another game gets some."""
        first = self.domains[0]
        if self.classes is None and labels is not None:
            raise ValueError(
                f"This {type(self).__name__} learns without labels, but the data have some: leave them out, "
                f"`fit({wanted})`."
            )
        if self.classes is not None and (not isinstance(labels, dict) or first not in labels):
            raise ValueError(
                f"This {type(self).__name__} learns the labels of {first!r}, but the data have none of it: "
                f"`fit({wanted}, {{{first!r}: labels}})`, or a set made by `kgan.data.domains(..., labels=True)`."
            )
        for domain in labels or ():
            self.check_domain(domain)

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
        _, labels, _ = keras.utils.unpack_x_y_sample_weight(batch)
        for domain, one in (labels or {}).items():
            with of_stream(f"labels of {domain}"):
                check_labels(one, sizes[domain], self.classes, None)

    def check_data(self, data, evaluation):
        for domain, one in (data.labels or {}).items():
            with of_stream(f"labels of {domain}"):
                check_labels(one, len(data.images[domain]), self.classes, None)
        if self.classes is not None and not evaluation:
            check_all_classes(data.labels[self.domains[0]], self.classes)


def streams_of(batch):
    """The dict of domain to samples of a batch."""
    return batch[0] if isinstance(batch, (tuple, list)) else batch
