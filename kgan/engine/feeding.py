"""`fit`, `evaluate` and their like, and what comes before their first step."""

import keras
import numpy as np

from kgan.engine.batches import Batches
from kgan.engine.clock import EpochClock
from kgan.engine.guards import check_callbacks
from kgan.engine.reading import Reading, check_repeats, in_memory, split
from kgan.engine.streams import as_arrays


class Feeding(Reading):
    """How a game is trained and evaluated on data; a part of `AdversarialModel`."""

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
                between domains a dict of such arrays or sets by the domains' names; of a set that is one of several the
                images are taken, not its labels.
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
            x, y, validation_data = split(x, y, validation_split)
        data, held_out = self._read(x, y, batch_size, shuffle), None
        if validation_data is not None:
            size = validation_batch_size or (batch_size if in_memory(validation_data) else None)
            held_out = self._read(validation_data, None, size, False, evaluation=True, steps=validation_steps)
        if epochs - initial_epoch > 1:
            check_repeats(data, steps_per_epoch)
            check_repeats(held_out, validation_steps)
        clock = self._begin(data, own_seed=data is not x)
        with self._sentences():
            return super().fit(
                self._feed(data),
                epochs=epochs,
                verbose=verbose,
                callbacks=self._clocked(callbacks, clock),
                validation_data=None if held_out is None else self._feed(held_out, training=False),
                shuffle=False,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_freq=validation_freq,
            )

    def _begin(self, data, own_seed):
        """Take what the game is to know of `data`, and make the clock that they follow."""
        self.play.data = data if isinstance(data, Batches) else None
        if self.play.data is not None:
            self.learn_facts(data)
        return EpochClock(self.play.data, own_seed)

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
