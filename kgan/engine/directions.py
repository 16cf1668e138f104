"""Which way a logged number is better, said where Keras' callbacks look for it."""

from types import SimpleNamespace

from keras.src.trainers.compile_utils import MetricsList


class Directions(MetricsList):
    """An entry of a game's `metrics` that computes nothing: `EarlyStopping`, `ModelCheckpoint` and `ReduceLROnPlateau`
    find in it whether less or more of what they monitor is better.

    Args:
        losses: metrics of which less is better.
        metrics: metrics that say which way they are better, for all their results in `directions` (a dict of log name
            to `"up"` or `"down"`), as kgan's do, or for the metric itself in Keras' own `_direction`.
    """

    def __init__(self, losses, metrics):
        directions = {metric.name: "down" for metric in losses}
        for metric in metrics:
            known = getattr(metric, "_direction", None)
            directions |= getattr(metric, "directions", {metric.name: known} if known else {})
        named = [SimpleNamespace(name=name, _direction=direction) for name, direction in directions.items()]
        super().__init__(named, name="directions")

    @property
    def variables(self):
        return []

    def reset_state(self):
        """Nothing to reset."""
