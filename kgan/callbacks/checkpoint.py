"""Saving all that a run needs to continue exactly, and continuing."""

import io
import pathlib
import warnings

import keras
import numpy as np

from kgan.callbacks import checkpoint_files
from kgan.callbacks.directories import writable
from kgan.callbacks.model_description import (
    RANDOM_STATES,
    argument_differences,
    data_difference,
    describe,
    describe_arguments,
    describe_data,
    difference,
)
from kgan.callbacks.model_state import ModelState
from kgan.callbacks.nan_guard import non_finite_losses


class NotFinite(ValueError):
    """A state that is not worth saving: some of it is NaN or infinite."""


class Checkpoint(keras.callbacks.Callback):
    """Save the run as it goes, and continue it where a checkpoint exists: `fit` killed and called again ends as if it
    had never been killed.

    Saved are all weights, every player's optimizer slots and learning rate, moving averages, random states and the
    number of epochs done. A checkpoint is `<directory>/epoch-0012/`, with `model.weights.h5`, which
    `model.load_weights` reads too, and `state.json`. It is written beside the others and renamed into place, so a kill
    or a power cut at any instant leaves a usable one. A damaged one is noticed before anything is loaded, and the one
    before is used, with a warning. A state that is not finite is never saved. A full disk costs a warning and no more.
    What it did not write itself it neither deletes nor overwrites: what stands in the way of a checkpoint is moved
    aside.

    A checkpoint knows what game it is of and what data in memory that game learned from: networks, losses,
    hyper-parameters, batch size, order and contents. Where one of them differs, `fit` refuses before it trains. A
    schedule may differ, as it must where more epochs are asked for; that is a warning. An epoch that `stop_training`
    cuts short is not saved as done.

    Put it last in the list of callbacks: what later ones change at an epoch's end (a learning rate, say) is not in that
    epoch's checkpoint. Counters that other callbacks keep (the patience of `EarlyStopping`) start anew when a run is
    resumed.

    Args:
        directory: where checkpoints lie; created if need be. One run a directory.
        every: epochs between checkpoints. The last epoch is saved in any case.
        keep: how many of the newest to keep, at least 1; with 2 or more there is one to fall back on.
        boundary: whether to hold a copy of the state at the end of the last whole epoch in memory, which
            `save_boundary` writes: a run that is stopped in mid-epoch then loses that epoch alone, and nothing is
            trained twice. It costs the memory of a copy.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` or `keep` below 1; or, when `fit` starts, a checkpoint of another model or of other
            data, which is left as it is, as is the model.

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Checkpoint("ckpt")])  # killed after epoch 12
    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Checkpoint("ckpt")])  # in a new process: 8 more epochs
    """

    # It counts batches, no more, so Keras may call it from its own thread, while the next steps run.
    async_safe = True

    def __init__(self, directory, every=1, keep=3, boundary=False):
        super().__init__()
        if every < 1 or keep < 1:
            raise ValueError(f"`every` and `keep` must be at least 1, not {every} and {keep}.")
        self.directory, self.every, self.keep, self.boundary = pathlib.Path(directory), every, keep, boundary
        self._damaged, self._held, self._arguments, self._data, self._cut = set(), None, None, None, False

    def save(self, epoch):
        """Save the model as it stands, `epoch` epochs being done. Outside `fit`, call `set_model` first.

        Returns:
            path of the checkpoint.

        Raises:
            OSError: it could not be written; earlier checkpoints are intact.
            NotFinite: weights or optimizer slots are NaN or infinite (a `ValueError`).
        """
        model = self.model
        described = {"model": describe(model), "game": self._arguments or describe_arguments(model), "data": self._data}
        named = [variable for variable in [*model.weights, *model.optimizer.variables] if "float" in variable.dtype]
        broken = [
            variable.path for variable in named if not np.isfinite(keras.ops.convert_to_numpy(variable.value)).all()
        ]
        if broken:
            raise NotFinite(f"{len(broken)} variables hold NaN or infinity, {broken[0]} among them.")
        weights = _Memory()
        model.save_weights(weights)
        state = {**_versions(), "backend": keras.config.backend(), **described}
        path = checkpoint_files.write(writable(self.directory, "Checkpoint"), epoch, weights.getvalue(), state)
        self._prune(path)
        return path

    def save_boundary(self):
        """Save the state at the end of the last whole epoch (or at the start of `fit`), which `boundary=True` holds;
        the model stays as it is.

        Returns:
            path of the checkpoint, and how many epochs were done.

        Raises:
            OSError, NotFinite: as `save`.
            RuntimeError: nothing is held.
        """
        if self._held is None:
            raise RuntimeError(
                "No state is held: construct Checkpoint with `boundary=True`, and call this during or after `fit`."
            )
        epoch, held = self._held
        present = ModelState(self.model)
        held.put(self.model)
        try:
            return self.save(epoch), epoch
        finally:
            present.put(self.model)

    def restore(self):
        """Load the newest usable checkpoint into the model. Outside `fit`, call `set_model` first.

        Returns:
            how many epochs were done when it was saved, or None where there is none.

        Raises:
            ValueError: it is of another model or of other data. The model is left as it was.
        """
        path, state = self._newest()
        # Workers that were killed between two saves: all go back to what each of them has.
        epoch = self.model.least_of_all_workers(state["epoch"])
        if epoch != state["epoch"]:
            path, state = self._newest(epoch)
        if path is None:
            return None
        self._check(path, state)
        self._load(path / checkpoint_files.WEIGHTS)
        self._restored = path
        return state["epoch"]

    def _check(self, path, state):
        """Refuse the checkpoint at `path` of another model or of other data."""
        another = f"The checkpoint {path} is of another model: as its {{}} it has {{}}, this model has {{}}; "
        cure = "build and compile the model as it was, or give Checkpoint another directory."
        present = describe(self.model)
        if state.get("backend", keras.config.backend()) != keras.config.backend():
            # Not every backend keeps the random state of a Dropout.
            present[RANDOM_STATES] = state["model"][RANDOM_STATES]
        other = difference(state["model"], present)
        if other:
            raise ValueError(another.format(*other) + cure)
        there, here = state.get("game") or {}, self._arguments or describe_arguments(self.model)
        # What another version calls otherwise is no difference.
        common = any(state[name] != version for name, version in _versions().items())
        for other in argument_differences(there.get("arguments", {}), here["arguments"], common or not there):
            raise ValueError(another.format(*other) + cure)
        for name, then, now in argument_differences(there.get("schedules", {}), here["schedules"], common or not there):
            warnings.warn(
                f"{path} was saved under another schedule: {name} was {then}, and is {now} from here on.", stacklevel=4
            )
        other = data_difference(state.get("data"), self._data)
        if other:
            part, then, now = other
            raise ValueError(
                f"The checkpoint {path} is of other data: their {part} was {then} and is {now}; fit on the data as "
                "they were, or give Checkpoint another "
                "directory."
            )

    def _newest(self, epoch=None):
        """Path and state of the newest usable checkpoint, or of that of an epoch; `None, {"epoch": 0}` where there is
        none.
        """
        for path in reversed(checkpoint_files.found(self.directory) if self.directory.exists() else []):
            try:
                state = checkpoint_files.read_state(path)
            except checkpoint_files.Damaged as reason:
                self._damaged.add(path)
                warnings.warn(
                    f"The checkpoint {path} is damaged ({reason}) and is passed over; the one before it is used, if "
                    "any.",
                    stacklevel=3,
                )
                continue
            if epoch in (None, state["epoch"]):
                return path, state
        if epoch:
            raise ValueError(
                f"Another worker is at epoch {epoch}, of which {self.directory} has no checkpoint: copy that "
                "worker's, or start all afresh."
            )
        return None, {"epoch": 0}

    def set_model(self, model):
        super().set_model(model)
        # `self.model` would pull all state off the device on JAX, batch by batch.
        self._watched = model

    def on_train_begin(self, logs=None):
        self.directory = writable(self.directory, "Checkpoint")
        checkpoint_files.tidy(self.directory)
        # As they are before training: a callback may change them while it goes on.
        self._arguments = describe_arguments(self.model)
        self._data = describe_data(self.model.play.data, self.model)
        rates = _learning_rates(self.model)
        epoch, last = self.restore(), (self.params or {}).get("epochs")
        self.model._initial_epoch = epoch
        self._hold(epoch or 0)
        if epoch is not None:
            rest = f"all {last} epochs are done" if last is not None and epoch >= last else f"at epoch {epoch + 1}"
            kept = [
                f"{name} has the saved learning rate {rate:g}"
                for name, rate in _learning_rates(self.model).items()
                if rate != rates[name]
            ]
            print(f"Resuming from {self._restored}: {', '.join([rest, *kept])}.", flush=True)

    def on_epoch_begin(self, epoch, logs=None):
        # `fit` has read it; another `fit`, even after this one is interrupted, must not.
        self.model._initial_epoch = None
        self._cut = False

    def on_train_batch_end(self, batch, logs=None):
        if self._watched.stop_training:
            steps = (self.params or {}).get("steps")
            self._cut = steps is None or batch + 1 < steps

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        done, stopped = epoch + 1, self.model.stop_training
        broken = non_finite_losses(self.model, logs)
        if self._cut and not broken:
            self._give_up(done)
            return
        if not broken:
            self._hold(done)
        if done % self.every and done != (self.params or {}).get("epochs") and not stopped:
            return
        if broken:
            warnings.warn(
                f"Epoch {done} is not saved: {' and '.join(broken)} not finite.", RuntimeWarning, stacklevel=2
            )
            return
        self._save_or_warn(done, lambda: self.save(done))

    def _give_up(self, epoch):
        """Say that an epoch was cut short, and save the end of the one before where it is held."""
        if self._held is not None:
            self._save_or_warn(self._held[0], self.save_boundary)
        warnings.warn(
            f"Epoch {epoch} was cut short and is not saved: a run that goes on runs it again, from its start.",
            RuntimeWarning,
            stacklevel=3,
        )

    def _save_or_warn(self, epoch, save):
        try:
            save()
        except (OSError, NotFinite) as error:
            warnings.warn(f"Epoch {epoch} is not saved, training goes on: {error}", RuntimeWarning, stacklevel=3)

    def _hold(self, epoch):
        if self.boundary:
            self._held = epoch, ModelState(self.model)

    def _load(self, path):
        before = ModelState(self.model)
        try:
            self.model.load_weights(path)
        except BaseException:
            before.put(self.model)
            raise

    def _prune(self, newest):
        """Delete damaged checkpoints and all but the last `keep` up to the `newest`; what this class did not write is
        neither counted nor deleted.
        """
        there = [path for path in checkpoint_files.found(self.directory) if checkpoint_files.is_ours(path)]
        older = [
            path
            for path in there[: there.index(newest)]
            if path not in self._damaged and not path.name.endswith(checkpoint_files.REPLACED)
        ]
        keeping = {newest, *older[len(older) - self.keep + 1 :], *there[there.index(newest) + 1 :]} - (
            self._damaged - {newest}
        )
        self._damaged.clear()
        for path in there:
            if path not in keeping:
                checkpoint_files.delete(path)


def _versions():
    import kgan

    return {"kgan": kgan.__version__, "keras": keras.__version__}


def _learning_rates(model):
    """Dict of optimizer name to its learning rate, of those whose rate is a number: it is state, which a checkpoint
    brings back.
    """
    rates = {}
    for player in model.players:
        optimizer = getattr(model, f"{player}_optimizer")
        inner = optimizer.inner_optimizer if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else optimizer
        if not isinstance(inner._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            rates[f"{player}_optimizer"] = float(inner.learning_rate)
    return rates


class _Memory(io.BytesIO):
    """A file in memory, with the name that Keras asks for: HDF5 kills the process (a segmentation fault) when it writes
    to a disk that is full.
    """

    def __str__(self):
        return checkpoint_files.WEIGHTS
