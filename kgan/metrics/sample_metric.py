import inspect
import os

import keras
import numpy as np
from keras import ops

from kgan.engine.backend import compiling, share
from kgan.engine.guards import alike
from kgan.metrics.arrays import as_natural

SLACK = 1.001  # what rounding may add to an image's range
NETWORK = "network.npz"


class Hidden:
    """Keeps a network out of a model's weights, which are whatever attributes and properties lead to."""

    def __init__(self, network):
        self.network = network


class SampleMetric(keras.metrics.Metric):
    """What the metrics of generated samples share: exactly so many samples enter, as a network sees them.

    A subclass is fed by `update_state(real, generated)`, on every backend and inside a compiled step, with samples of
    the same shape: images `(batch, height, width, channels)` in [-1, 1] or points `(batch, d)`. The first `samples`
    rows of each of its `streams` enter, those of all replicas together and in their order; the rest is ignored.
    `result()` is a float, or a dict of floats whose keys are names for a log, and is called outside compiled code.

    The metric's name is its protocol unless `name` is given: a score without its sample size, split and network
    compares with nothing.

    A subclass says in `width_of` or `rows` what it keeps of a sample, and in `compute` what it makes of all of them, as
    numpy arrays `(samples, width)`.

    A subclass says in `takes` what it is fed of what a step presents: `("labels", "generated")` is what was asked for
    and what came of it.

    A subclass says in `better` where each part of its result is best: that is how `EarlyStopping` and its like know. A
    float is the part `mean`.

    A network's weights are saved in a `.keras` file of a model with the metric, but for those of kgan's own networks,
    which come from files; they are no part of a weights file or a checkpoint.

    Args:
        network: a `keras.Layer` or `keras.Model`, called in inference mode; None takes the samples themselves,
            flattened.
        samples: int, how many enter.
        kind: what the name begins with where `name` is None.
        protocol: what it goes on with.
        name: name of the metric.

    Raises:
        ValueError: `network` is no layer; `samples` is no integer of at least 1, or below what the score needs. By
            `update_state`: samples of unequal shapes; images outside [-1, 1] (arrays at once, tensors by `result`); a
            network that was made from a configuration and has no weights. By `check_count` and `result`: fewer samples
            than `samples`.

    Attributes:
        directions: dict of the names that the result has in a log to `"up"` where more is better, or else `"down"`.
    """

    streams = ("real", "generated")
    takes = ("real", "generated")
    network_argument = "features"
    better = {}
    least = 1

    def __init__(self, network, samples, kind, protocol, name=None):
        if network is not None and not isinstance(network, keras.Layer):
            raise ValueError(
                f"`{self.network_argument}` must be a keras.Model or keras.Layer, such as "
                f"kgan.metrics.Judge('mnist'), not {network!r}."
            )
        super().__init__(name=name or kind + protocol, dtype="float32")
        self.given_name, self.protocol, self.samples = name, protocol.lstrip("_"), as_natural(samples, "samples")
        if self.samples < self.least:
            raise ValueError(f"{type(self).__name__} needs at least {self.least} samples, not {samples}.")
        self.hidden, self.lost_weights, self.built = Hidden(network), False, False
        self.seen = {
            stream: self.add_variable((), "zeros", aggregation="only_first_replica", name=f"{stream}_seen")
            for stream in self.streams
        }
        self.outside = self.add_variable((), "zeros", name="outside")

    # ---- in the step -------------------------------------------------------------------------------------------------

    def build(self, sample_shape):
        """Create the variables for samples of `sample_shape`, which has no batch axis.

        The first eager update does it, and so does the `evaluate` of kgan's models. Call it before a step that you
        compile yourself.
        """
        self.check_weights()
        if not self.built:
            self.create(ops.shape(self.rows(np.zeros((1, *sample_shape), "float32")))[1])
            self.built = True

    def create(self, width):
        """Create variables that keep `samples` rows of `width` values a stream."""
        # One row more takes what does not enter.
        self.kept = {
            stream: self.add_variable((self.samples + 1, width), "zeros", name=f"{stream}_samples")
            for stream in self.streams
        }

    def update_state(self, real, generated):
        """Take in a batch of real and one of generated samples."""
        real, generated = as_alike("Real samples", real, generated)
        for stream, samples in (("real", real), ("generated", generated)):
            if stream in self.streams:
                self.take(stream, samples)

    def take(self, stream, samples):
        """Take in a batch of one stream."""
        self.prepare(samples)
        if self.looks_at_images(samples):
            self.check_range(samples)
        rows = self.rows(samples)
        self.keep(stream, rows, self.places(stream, ops.shape(rows)[0]))

    def prepare(self, samples):
        """Build on first use, or say why that cannot be."""
        if not self.built:
            if compiling():
                raise ValueError(
                    f"{self.name!r} has no variables yet: call its `build(sample_shape)` before the step is compiled."
                )
            self.build(tuple(samples.shape[1:]))

    def check_weights(self):
        """Raise where the network has weights that nobody trained."""
        if self.lost_weights:
            raise ValueError(
                f"{self.name!r} was made from a configuration, which has the architecture of its network but not its "
                "weights: compile again with "
                f"metrics=[{type(self).__name__}({self.network_argument}=your_network, ...)]."
            )

    def rows(self, samples):
        """What is kept of a batch, float32 `(batch, width)`: the network's output, or the samples themselves."""
        samples = ops.cast(samples, "float32")
        if self.hidden.network is None:
            return ops.reshape(samples, (ops.shape(samples)[0], -1))
        rows = ops.cast(self.hidden.network(samples, training=False), "float32")
        if len(rows.shape) != 2:
            raise ValueError(
                f"{self.hidden.network.name!r} must return one row a sample, (batch, d), not {tuple(rows.shape)}: end "
                f"it in a pooling or Flatten."
            )
        return ops.stop_gradient(rows)

    def places(self, stream, count):
        """Where the `count` rows of a batch stand among all that came, int32 `(count,)`: those at `samples` and above
        do not enter.
        """
        seen = self.seen[stream]
        before, together = share(count)
        places = ops.cast(seen.value, "int32") + before + ops.arange(count, dtype="int32")
        seen.assign(ops.minimum(seen.value + ops.cast(together, "float32"), float(self.samples)))
        return places

    def keep(self, stream, rows, places):
        """Write the rows to their places."""
        kept = self.kept[stream]
        kept.assign(ops.scatter_update(kept.value, ops.expand_dims(ops.minimum(places, self.samples), 1), rows))

    def looks_at_images(self, samples):
        """Whether the range of the samples is known to be [-1, 1]: a network sees images."""
        return self.hidden.network is not None and len(samples.shape) == 4

    def check_range(self, images):
        """Refuse images outside [-1, 1]: arrays at once, tensors (whose values may not be known yet) in `result`."""
        if isinstance(images, np.ndarray) and images.size and not np.abs(images).max() <= SLACK:
            raise ValueError(f"Images must be finite and lie in [-1, 1], but {out_of_range(images)}.")
        fits = ops.all(ops.abs(ops.cast(images, "float32")) <= SLACK, axis=(1, 2, 3))
        self.outside.assign(self.outside + ops.sum(1.0 - ops.cast(fits, "float32")))

    # ---- after the steps ---------------------------------------------------------------------------------------------

    def result(self):
        """The score, a float or a dict of floats.

        Raises:
            ValueError: too few samples came, or images outside [-1, 1].
        """
        self.check_complete()
        result = self.compute(*(self.read(self.kept[stream])[: self.samples] for stream in self.streams))
        return (
            {self.log_name(part): float(value) for part, value in result.items()}
            if isinstance(result, dict)
            else float(result)
        )

    def compute(self, *streams):
        """The score, or a dict of part to score, of all rows of each stream."""
        raise NotImplementedError

    def check_complete(self):
        """Raise where the protocol is not met."""
        came = {stream: int(self.read(self.seen[stream])) for stream in self.streams}
        if min(came.values()) < self.samples:
            counts = " and ".join(f"{count:,} {stream}" for stream, count in came.items())
            raise ValueError(self.too_few(f"{counts} ones came", min(came.values())))
        if outside := int(self.read(self.outside)):
            raise ValueError(
                f"{self.name!r} saw {outside:,} images that are not finite or not in [-1, 1]. For 0..255 write "
                f"`images / 127.5 - 1`."
            )

    def check_count(self, count):
        """Raise where `count`, the number of samples to evaluate on, is too small: what can be known before training.

        Raises:
            ValueError: fewer than `samples`.
        """
        if count < self.samples:
            raise ValueError(self.too_few(f"there are {count:,} to evaluate on", count))

    def too_few(self, came, count):
        """The sentence on `count` samples where the protocol takes more, with arguments that take them if any do."""
        fewer = self.arguments_for(count)
        try:
            type(self)(**{**self.arguments(), **fewer})
            arguments = ", ".join(f"{name}={value}" for name, value in fewer.items())
            instead = f", or say {type(self).__name__}(..., {arguments})"
        except ValueError:
            instead = ""
        return f"{self.name!r} is defined on {self.samples:,} samples, but {came}: evaluate on more data{instead}."

    def arguments_for(self, count):
        """The constructor's arguments with which `count` samples would do, by name."""
        return {"samples": count}

    def read(self, variable):
        """A variable as a numpy array, the replicas' values together."""
        return ops.convert_to_numpy(ops.convert_to_tensor(variable))

    def log_name(self, part):
        """Name in a log of one part of a result: the metric's own for the mean, with `_std` for the deviation, else the
        part and the protocol.
        """
        if part in ("mean", "std"):
            return self.name if part == "mean" else f"{self.name}_std"
        return f"{part}_{self.given_name or self.protocol}"

    @property
    def directions(self):
        """Dict of the names of a log to `"up"` where more is better and `"down"` where less is."""
        return {self.log_name(part): direction for part, direction in self.better.items()}

    @property
    def _direction(self):
        """Where Keras' callbacks look for the direction of what bears the metric's own name."""
        if self.name not in self.directions:
            raise AttributeError(f"{self.name!r} has no single direction.")
        return self.directions[self.name]

    # ---- saving ------------------------------------------------------------------------------------------------------

    def arguments(self):
        """The constructor's arguments by name: what makes another metric like this one."""
        own = {self.network_argument: self.hidden.network, "name": self.given_name}
        return {
            name: own[name] if name in own else getattr(self, name) for name in inspect.signature(type(self)).parameters
        }

    def get_config(self):
        return {name: keras.saving.serialize_keras_object(value) for name, value in self.arguments().items()}

    @classmethod
    def from_config(cls, config):
        metric = cls(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})
        # Until `load_assets` brings them; kgan's own networks read theirs from their files.
        metric.lost_weights = metric.hidden.network is not None and bool(metric.hidden.network.weights)
        return metric

    def save_assets(self, folder):
        """Write the network's weights: into a `.keras` file, not into a weights file, hence into no checkpoint."""
        if self.hidden.network is not None and self.hidden.network.weights and not self.lost_weights:
            arrays = (ops.convert_to_numpy(weight) for weight in self.hidden.network.weights)
            # numpy's format does not know bfloat16.
            arrays = (array.astype("float32") if array.dtype.kind == "V" else array for array in arrays)
            np.savez(os.path.join(folder, NETWORK), *arrays)

    def load_assets(self, folder):
        """Read what `save_assets` wrote; None stands for a file without."""
        path = folder and os.path.join(folder, NETWORK)
        if path and self.lost_weights and os.path.exists(path):
            with np.load(path) as arrays:
                self.hidden.network.set_weights([arrays[f"arr_{index}"] for index in range(len(arrays))])
            self.lost_weights = False


def as_alike(what, samples, generated):
    """A batch of `what`, in words, and one of generated samples, as arrays or tensors; raise where their samples differ
    in shape.
    """
    batches = [batch if hasattr(batch, "shape") else np.asarray(batch) for batch in (samples, generated)]
    shapes = [tuple(batch.shape[1:]) for batch in batches]
    if not alike(*shapes):
        raise ValueError(f"{what} have shape {shapes[0]} but generated ones {shapes[1]}: they must be alike.")
    return batches


def out_of_range(images):
    """How images miss the range [-1, 1], and what brings these very ones there."""
    finite = np.isfinite(images)
    if not finite.all():
        return f"{images.size - finite.sum()} values of these are NaN or infinite: remove or repair those images"
    low, high = images.min(), images.max()
    if 0 <= low and high <= 255:
        return f"these go from {low:g} to {high:g}: if they are of 0..255, write `images / 127.5 - 1`"
    shift, width = (f"+ {-low:g}" if low < 0 else f"- {low:g}"), float(high) - float(low) or 1.0
    return (
        f"these go from {low:g} to {high:g}: write `(images {shift}) / {width:g} * 2.0 - 1`, if that is the whole "
        "range that they can have"
    )


def sample_count(samples):
    """A number of samples as names have it: 10,000 is `10k`, 2,500 is `2500`."""
    samples = as_natural(samples, "samples")
    return f"{samples // 1000}k" if samples >= 10_000 and samples % 1000 == 0 else str(samples)


def protocol(samples, split, network):
    """The part of a name that says on what a score was taken, `10k_test_mnist-cnn`; samples that no network looked at
    are `raw`.
    """
    return "_".join(
        part
        for part in (sample_count(samples), split, "raw" if network is None else getattr(network, "name", "?"))
        if part
    )
