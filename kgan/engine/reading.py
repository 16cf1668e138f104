"""Data of any kind, looked at before they reach a step."""

import keras

from kgan.engine.batches import Batches
from kgan.engine.guards import check_dicts, check_finite_range, check_stream, of_stream
from kgan.engine.streams import CheckedPyDataset, IterableBatches, as_array, as_arrays


class Reading:
    """What a game learns from, and how data are read and looked at; a part of `AdversarialModel`."""

    pairs = False  # whether batches are pairs, such as samples and labels
    aligned = True  # whether the arrays of a data set belong together row by row
    stream_names = ("images", "labels")  # what the two arrays of a pair are called

    def check_form(self, batch, whole=False):
        """Raise a `ValueError` where `batch`, or with `whole` all data, have another structure than the game learns
        from; here where they hold dicts.
        """
        check_dicts(batch, type(self).__name__, self.pairs, whole)

    def compared(self, batch):
        """Of a batch the samples that generated ones are compared with."""
        return keras.tree.flatten(batch)[0]

    def build_metrics(self, batch):
        """Make the metrics ready for what they will be shown of batches such as this one, numpy arrays."""
        shape = self.compared(batch).shape[1:]
        for metric in self.evaluation_metrics:
            if hasattr(metric, "build"):
                metric.build(shape)

    def check_batch(self, batch):
        """Raise a `ValueError` where `batch`, numpy arrays, does not fit the game. A variant says what it takes."""
        raise NotImplementedError

    def check_values(self, array):
        """Raise where an array given to `fit` holds what no game can learn from; a game of tokens has its own say."""
        check_finite_range(array)

    def check_data(self, data, evaluation):
        """Raise a `ValueError` where `data`, all of them as `Batches`, do not fit the game or its `evaluation`."""

    def learn_facts(self, data):
        """Take from `data`, `Batches` to train on, what the game is to know besides: the names of classes, say."""

    def _looked_at(self, batch):
        """`check_batch`, for batches that the trainer reads: what it raises is kept, since data pipelines wrap it."""
        try:
            self.check_form(batch)
            self.check_batch(batch)
        except ValueError as error:
            self.play.refusal = error
            raise

    def _read(self, x, y, batch_size, shuffle, evaluation=False, steps=None):
        """`x` as `Batches` where it is in memory, else as it came, its first batch checked. For `evaluation` the
        metrics are made ready for such samples, of which there are at most `steps` batches."""
        if isinstance(x, tuple) and len(x) in (1, 2) and y is None:
            x, y = x if len(x) == 2 else (x[0], None)
        if in_memory(x) or isinstance(y, Batches):
            x, y, batch_size = self._collected(x, y, batch_size, shuffle), None, None
        if x is None or y is not None or batch_size is not None:
            raise ValueError(
                "`x` must be given as an array of images, a data set of batches, or both images and labels as arrays; "
                "a data set brings its own labels and batch size."
            )
        if isinstance(x, Batches):
            self._check_first(x[0], evaluation)
            for name, array in x.streams.items():
                with self._named(name):
                    check_stream(array)
            self.check_data(x, evaluation)
            self._check_counts(x, evaluation, steps)
            return x
        first = first_batch(x)
        self._check_first(as_arrays(first), evaluation)
        once = not isinstance(x, keras.utils.PyDataset) and iter(x) is x
        return Foreign(x, first if once else None)

    def _collected(self, x, y, batch_size, shuffle):
        """Arrays, or sets of `kgan.data` whose images are taken, as one data set in memory."""
        self.check_form(x if y is None else (x, y), whole=True)
        named = isinstance(x, dict)
        parts = dict(x) if named else {"images": x} if y is None else {"images": x, "labels": y}
        sets = [part for part in parts.values() if isinstance(part, Batches)]
        for name, part in parts.items():
            with self._named(name):
                parts[name] = array_of(part, None if name == "labels" else self.check_values)
        size = batch_size or min((one.batch_size for one in sets), default=32)
        options = {"batch_size": size, "shuffle": shuffle, "seed": self.seed, "aligned": self.aligned}
        if named:
            labels = None if y is None else {name: as_array(part) for name, part in y.items()}
            return Batches(parts, labels, **options)
        return Batches(parts["images"], parts.get("labels"), **options)

    def _named(self, stream):
        return of_stream(dict(zip(("images", "labels"), self.stream_names)).get(stream, stream))

    def _check_first(self, batch, evaluation):
        self.check_form(batch)
        self.check_batch(batch)
        if evaluation:
            # The compiled step cannot create variables.
            with self.variables_scope():
                self.build_metrics(batch)

    def _check_counts(self, data, evaluation, steps):
        """Raise where the samples of an evaluation are too few for a metric;
        a user's own metrics say nothing of that.
        """
        count = min(data.count, (steps or len(data)) * data.batch_size)
        for metric in self.evaluation_metrics if evaluation else ():
            if hasattr(metric, "check_count"):
                metric.check_count(count)

    def _feed(self, data, training=True):
        if isinstance(data, Batches):
            return self.feed(data, training)
        own = self.own_stream(data.data, self._looked_at)
        if own is not None:
            return own
        if isinstance(data.data, keras.utils.PyDataset):
            return CheckedPyDataset(data.data, self._looked_at)
        return IterableBatches(data.data, data.first, self._looked_at)


class Foreign:
    """Data that are not in memory, and their first batch where it had to be taken out of them to be looked at."""

    def __init__(self, data, first):
        self.data, self.first = data, first


def check_repeats(data, steps):
    """Raise where data that can be read once are to be read in several epochs."""
    if isinstance(data, Foreign) and data.first is not None and steps is None:
        raise ValueError(
            "An iterator is read once, in one epoch: give an object that can be iterated anew (with `__iter__`), or "
            "say in `steps_per_epoch` (or `validation_steps`) how many of its batches make an epoch."
        )


def in_memory(x):
    return isinstance(x, (list, tuple, dict)) or hasattr(x, "__array__")


def array_of(part, check):
    """An array, or the images of a set of `kgan.data`; one of the user's own is given to `check`, or to that of
    pictures where there is none and it is one.
    """
    if isinstance(part, Batches) and not isinstance(part.images, dict):
        if part.jitter or not part.shuffle:
            raise ValueError(
                "how this set is moved, mirrored or ordered is lost where it is one of several: say it of the whole, "
                "`kgan.data.Batches(..., jitter=, flip=, shuffle=)`, and leave it out of its parts."
            )
        return part.images
    if not (isinstance(part, (list, tuple)) or hasattr(part, "__array__")):
        raise ValueError(
            f"an array or a set of `kgan.data` is wanted, not {type(part).__name__}; a data set of whole batches "
            "goes to `fit` as it is."
        )
    array = as_array(part)
    if check is not None:
        check(array)
    elif array.ndim >= 4:
        check_finite_range(array)
    return array


def split(x, y, share):
    """`x`, `y` and validation data: the last `share` of arrays."""
    if not isinstance(x, list) and not hasattr(x, "__array__"):
        raise ValueError("`validation_split` takes its share of arrays; beside a data set give `validation_data`.")
    held_out = max(1, int(len(x) * share))
    if y is None:
        return x[:-held_out], None, x[-held_out:]
    return x[:-held_out], y[:-held_out], (x[-held_out:], y[-held_out:])


def first_batch(data):
    """The first batch of `data`, which an iterator has lost by that."""
    try:
        if isinstance(data, keras.utils.PyDataset):
            return data[0]
        return next(iter(data))
    except (StopIteration, IndexError):
        raise ValueError("The data set is empty: there is no batch to train on.") from None
    except TypeError:
        raise ValueError(
            f"`x` is an array, a data set or an iterable of batches, not {type(data).__name__}: see the docstring of "
            f"`fit`."
        ) from None
