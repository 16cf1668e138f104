"""A metric of the samples of one domain, under its name."""

import keras


@keras.saving.register_keras_serializable(package="kgan")
class OfDomain(keras.metrics.Metric):
    """A metric that gets what is made in one of a game's domains; its results bear the domain's name in front. What
    `compile(metrics={"a": [metric]})` makes of each metric.

    Args:
        metric: a `keras.metrics.Metric`.
        of: name of the domain.

    Attributes:
        metric, of: as above.
    """

    def __init__(self, metric, of):
        if not isinstance(metric, keras.metrics.Metric):
            raise ValueError(
                f"`metrics` of {of!r} are keras.metrics.Metric objects, not {metric!r}: see `kgan.metrics`."
            )
        super().__init__(name=f"{of}_{metric.name}")
        self.metric, self.of = metric, of

    @property
    def takes(self):
        """What the metric compares."""
        return getattr(self.metric, "takes", ("real", "generated"))  # a user's own metric says nothing of it

    @property
    def directions(self):
        """Which way each result is better, where the metric says it, by the names of the log."""
        known = getattr(self.metric, "_direction", None)
        own = getattr(self.metric, "directions", {self.metric.name: known})
        return {f"{self.of}_{name}": direction for name, direction in own.items()}

    def build(self, shape):
        """Make ready for samples of that shape, where the metric has something to make."""
        if hasattr(self.metric, "build"):
            self.metric.build(shape)

    def check_count(self, count):
        """Raise where so many samples are too few, where the metric minds."""
        if hasattr(self.metric, "check_count"):
            self.metric.check_count(count)

    def update_state(self, *things):
        """As the metric's."""
        self.metric.update_state(*things)

    def result(self):
        """The metric's results, a dict by the names of the log."""
        result = self.metric.result()
        named = result if isinstance(result, dict) else {self.metric.name: result}
        return {f"{self.of}_{name}": value for name, value in named.items()}

    def reset_state(self):
        """As the metric's."""
        self.metric.reset_state()

    def get_config(self):
        return {"metric": keras.saving.serialize_keras_object(self.metric), "of": self.of}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config["metric"]), config["of"])
