"""How data of any kind reach the steps of a game, looked at before the first of them."""

import keras
import numpy as np

from kgan.engine.batches import Batches
from kgan.engine.guards import check_callbacks, check_dicts, check_finite_range, check_stream, of_stream
from kgan.engine.streams import CheckedPyDataset, IterableBatches, as_array, as_arrays


class EpochClock(keras.callbacks.Callback):
    """Counts the epochs that a model was trained, and tells the data: their order depends on the seed and on that
    number.
    """

    def __init__(self, batches, own_seed):
        super().__init__()
        self.batches, self.own_seed = batches, own_seed

    def on_epoch_begin(self, epoch, logs=None):
        self.model.enter_phase()
        if self.batches is not None:
            self.batches.epoch = self.model.epochs_trained
            if self.own_seed:
                self.batches.seed = self.model.seed

    def on_epoch_end(self, epoch, logs=None):
        self.model.epochs_trained += 1


class Feeding:
    """`fit`, `evaluate` and what comes before their first step; a part of `AdversarialModel`."""

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

    def check_batch(self, batch):
        """Raise a `ValueError` where `batch`, numpy arrays, does not fit the game. A variant says what it takes."""
        raise NotImplementedError

    def check_data(self, data, evaluation):
        """Raise a `ValueError` where `data`, all of them as `Batches`, do not fit the game or its `evaluation`."""

    def learn_facts(self, data):
        """Take from `data`, `Batches` to train on, what the game is to know besides: the names of classes, say."""

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """As `keras.Model.fit`; data in memory are checked whole before anything is trained, others batch by batch.

        Arrays (and `kgan.data`'s sets) are read in an order that depends on the seed and on the number of epochs that
        the model has been trained so far, so that a resumed run continues exactly (but with `steps_per_epoch`, whose
        epochs share a pass) and a second `fit` sees another order. Data of your own keep their own order.

        Args:
            x: array of images or points, a `kgan.data` set, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a PyTorch
                `DataLoader` or any other iterable of batches. Images are float32 in [-1, 1], channels last. For games
                between domains a dict of such arrays or sets by the domains' names.
            y: labels, for the variants that take them; targets of a translation from pairs.
            validation_data: the same kinds of data; the metrics given to `compile` compare them with generated images.
            class_weight, sample_weight: must be None: the losses of a game are means over samples that count alike.

        Raises:
            ValueError: data that do not fit the game, an argument that it has no use for, a metric that needs more
                samples than there are, or a Keras callback that speaks of "the" loss or learning rate without naming a
                player.
        """
        self._refuse_weights(class_weight, sample_weight, validation_data)
        check_callbacks(callbacks, list(self.players))
        if isinstance(x, Batches) and not shuffle and x.shuffle:
            raise ValueError(
                "`shuffle=False` is for arrays; say it of the data set itself, `Batches(..., shuffle=False)`."
            )
        if validation_split and validation_data is None:
            x, y, validation_data = _split(x, y, validation_split)
        data, own = self._read(x, y, batch_size, shuffle), None
        if validation_data is not None:
            size = validation_batch_size or (batch_size if _in_memory(validation_data) else None)
            own = self._read(validation_data, None, size, False, evaluation=True, steps=validation_steps)
            validation_data = self._feed(own, training=False)
        if epochs - initial_epoch > 1:
            _check_repeats(data, steps_per_epoch)
            _check_repeats(own, validation_steps)
        self.play.data = data if isinstance(data, Batches) else None
        if self.play.data is not None:
            self.learn_facts(data)
        clock = EpochClock(self.play.data, own_seed=data is not x)
        with self._sentences():
            return super().fit(
                self._feed(data),
                epochs=epochs,
                verbose=verbose,
                callbacks=self._clocked(callbacks, clock),
                validation_data=validation_data,
                shuffle=False,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_freq=validation_freq,
            )

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        _use_cached_eval_dataset=False,
    ):
        """As `keras.Model.evaluate`: the game played by the served networks with nobody moving, and the metrics given
        to `compile`, on latents that are the same each time.

        A metric gets every batch inside the compiled step and computes its result once, at the end; one that returns a
        dict gives several values.

        Raises:
            ValueError: as `fit`; metrics that the game never feeds.
        """
        self._refuse_weights(None, sample_weight, None)
        generator = self.evaluation_seed_generator
        generator.state.assign(np.array([self.seed + 1, 0], generator.state.dtype))
        if not _use_cached_eval_dataset:
            x = self._feed(self._read(x, y, batch_size, False, evaluation=True, steps=steps), training=False)
        with self._sentences():
            logs = super().evaluate(
                x,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=True,
                _use_cached_eval_dataset=_use_cached_eval_dataset,
            )
        if self.evaluation_metrics and not self.play.presented:
            name = type(self).__name__
            raise ValueError(
                f"{name} has metrics, but its steps feed none: call `self.present(real=..., generated=...)` in "
                f"`train_step`."
            )
        for metric in self.evaluation_metrics:
            result = metric.result()
            logs |= result if isinstance(result, dict) else {metric.name: result}
        logs = {name: float(value) for name, value in logs.items()}
        return logs if return_dict else list(logs.values())

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """As `keras.Model.train_on_batch`; the batch is looked at first."""
        self._refuse_weights(class_weight, sample_weight, None)
        self.check_batch(as_arrays(x if y is None else (x, y)))
        return super().train_on_batch(x, y, return_dict=return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """As `keras.Model.test_on_batch`; the batch is looked at first."""
        self._refuse_weights(None, sample_weight, None)
        self.check_batch(as_arrays(x if y is None else (x, y)))
        return super().test_on_batch(x, y, return_dict=return_dict)

    def _refuse_weights(self, class_weight, sample_weight, validation_data):
        weighted = isinstance(validation_data, (tuple, list)) and len(validation_data) == 3
        given = {"class_weight": class_weight is not None, "sample_weight": sample_weight is not None}
        given["the third element of validation_data"] = weighted
        for name in (name for name, there in given.items() if there):
            raise ValueError(
                f"A game has no use for {name}: its losses are means over samples that count alike. Leave it out; to "
                f"make a class or a sample count more, repeat it in the data."
            )

    def _clocked(self, callbacks, clock):
        """The callbacks with the clock before them all."""
        if not isinstance(callbacks, keras.callbacks.CallbackList):
            return [clock, *keras.tree.flatten(callbacks or [])]
        clock.set_model(self)
        callbacks.callbacks[:] = [clock, *(c for c in callbacks.callbacks if not isinstance(c, EpochClock))]
        return callbacks

    def _sentences(self):
        return _Sentences(self.play)

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
        if _in_memory(x) or isinstance(y, Batches):
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
        first = _first_batch(x)
        self._check_first(as_arrays(first), evaluation)
        once = not isinstance(x, keras.utils.PyDataset) and iter(x) is x
        return _Foreign(x, first if once else None)

    def _collected(self, x, y, batch_size, shuffle):
        """Arrays, or sets of `kgan.data` whose images are taken, as one data set in memory."""
        self.check_form(x if y is None else (x, y), whole=True)
        parts = dict(x) if isinstance(x, dict) else {"images": x} if y is None else {"images": x, "labels": y}
        sets = [part for part in parts.values() if isinstance(part, Batches)]
        for name, part in parts.items():
            with self._named(name):
                parts[name] = _array_of(part, checked=name != "labels")
        size = batch_size or min((one.batch_size for one in sets), default=32)
        options = {"batch_size": size, "shuffle": shuffle, "seed": self.seed, "aligned": self.aligned}
        return Batches(parts if isinstance(x, dict) else parts["images"], parts.get("labels"), **options)

    def _named(self, stream):
        return of_stream(dict(zip(("images", "labels"), self.stream_names)).get(stream, stream))

    def _check_first(self, batch, evaluation):
        self.check_form(batch)
        self.check_batch(batch)
        shape = self.compared(batch).shape[1:]
        # The compiled step cannot create variables.
        with self.variables_scope():
            for metric in self.evaluation_metrics if evaluation else ():
                if hasattr(metric, "build"):
                    metric.build(shape)

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


class _Foreign:
    """Data that are not in memory, and their first batch where it had to be taken out of them to be looked at."""

    def __init__(self, data, first):
        self.data, self.first = data, first


class _Sentences:
    """Of an error in reading data, raises the sentence alone, without what a data pipeline wrapped around it."""

    def __init__(self, play):
        self.play = play

    def __enter__(self):
        self.play.refusal = None

    def __exit__(self, kind, error, trace):
        refusal, self.play.refusal = self.play.refusal, None
        if refusal is not None and error is not None and error is not refusal:
            raise refusal from None


def _check_repeats(data, steps):
    """Raise where data that can be read once are to be read in several epochs."""
    if isinstance(data, _Foreign) and data.first is not None and steps is None:
        raise ValueError(
            "An iterator is read once, in one epoch: give an object that can be iterated anew (with `__iter__`), or "
            "say in `steps_per_epoch` (or `validation_steps`) how many of its batches make an epoch."
        )


def _in_memory(x):
    return isinstance(x, (list, tuple, dict)) or hasattr(x, "__array__")


def _array_of(part, checked):
    """An array, or the images of a set of `kgan.data`; one of the user's own is `checked` as samples are, pictures in
    any case.
    """
    if isinstance(part, Batches) and not isinstance(part.images, dict):
        return part.images
    if not (isinstance(part, (list, tuple)) or hasattr(part, "__array__")):
        raise ValueError(
            f"an array or a set of `kgan.data` is wanted, not {type(part).__name__}; a data set of whole batches "
            "goes to `fit` as it is."
        )
    array = as_array(part)
    if checked or array.ndim >= 4:
        check_finite_range(array)
    return array


def _split(x, y, share):
    """`x`, `y` and validation data: the last `share` of arrays."""
    if not isinstance(x, list) and not hasattr(x, "__array__"):
        raise ValueError("`validation_split` takes its share of arrays; beside a data set give `validation_data`.")
    held_out = max(1, int(len(x) * share))
    if y is None:
        return x[:-held_out], None, x[-held_out:]
    return x[:-held_out], y[:-held_out], (x[-held_out:], y[-held_out:])


def _first_batch(data):
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
