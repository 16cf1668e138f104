"""Saving all that a run needs to continue exactly, and continuing."""

import io
import pathlib
import warnings

import keras
import numpy as np

from kgan.callbacks import checkpoint_files
from kgan.callbacks.directories import writable
from kgan.callbacks.model_description import describe, difference
from kgan.callbacks.nan_guard import non_finite_losses


class NotFinite(ValueError):
    """A state that is not worth saving: some of it is NaN or infinite."""


class Checkpoint(keras.callbacks.Callback):
    """Save the run as it goes, and continue it where a checkpoint exists: `fit` killed and called again ends as if it had never been killed.

    Saved are all weights, every player's optimizer slots and learning rate, moving averages, random states and the number of epochs done. A checkpoint is
    `<directory>/epoch-0012/`, with `model.weights.h5`, which `model.load_weights` reads too, and `state.json`. It is written beside the others and renamed
    into place, so a kill or a power cut at any instant leaves a usable one. A damaged one is noticed before anything is loaded, and the one before is
    used, with a warning. A state that is not finite is never saved. A full disk costs a warning and no more.

    Put it last in the list of callbacks: what later ones change at an epoch's end (a learning rate, say) is not in that epoch's checkpoint. Counters that
    other callbacks keep (the patience of `EarlyStopping`) start anew when a run is resumed.

    Args:
        directory: where checkpoints lie; created if need be. One run a directory.
        every: epochs between checkpoints. The last epoch is saved in any case.
        keep: how many of the newest to keep, at least 1; with 2 or more there is one to fall back on.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` or `keep` below 1; or, when `fit` starts, a checkpoint of another model, which is left as it is, as is the model.

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Checkpoint("ckpt")])  # killed after epoch 12
    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.Checkpoint("ckpt")])  # in a new process: 8 more epochs
    """

    def __init__(self, directory, every=1, keep=3):
        super().__init__()
        if every < 1 or keep < 1:
            raise ValueError(f"`every` and `keep` must be at least 1, not {every} and {keep}.")
        self.directory, self.every, self.keep = pathlib.Path(directory), every, keep
        self._damaged = set()

    def save(self, epoch):
        """Save the model as it stands, `epoch` epochs being done. Outside `fit`, call `set_model` first.

        Returns:
            path of the checkpoint.

        Raises:
            OSError: it could not be written; earlier checkpoints are intact.
            NotFinite: weights or optimizer slots are NaN or infinite (a `ValueError`).
        """
        model = self.model
        named = [variable for variable in [*model.weights, *model.optimizer.variables] if "float" in variable.dtype]
        broken = [variable.path for variable in named if not np.isfinite(keras.ops.convert_to_numpy(variable.value)).all()]
        if broken:
            raise NotFinite(f"{len(broken)} variables hold NaN or infinity, {broken[0]} among them.")
        weights = _Memory()
        model.save_weights(weights)
        import kgan

        state = {"kgan": kgan.__version__, "keras": keras.__version__, "model": describe(model)}
        path = checkpoint_files.write(writable(self.directory, "Checkpoint"), epoch, weights.getvalue(), state)
        self._prune(path)
        return path

    def restore(self):
        """Load the newest usable checkpoint into the model. Outside `fit`, call `set_model` first.

        Returns:
            how many epochs were done when it was saved, or None where there is none.

        Raises:
            ValueError: it is of another model. The model is left as it was.
        """
        path, state = self._newest()
        # Workers that were killed between two saves: all go back to what each of them has.
        epoch = self.model.least_of_all_workers(state["epoch"])
        if epoch != state["epoch"]:
            path, state = self._newest(epoch)
        if path is None:
            return None
        other = difference(state["model"], describe(self.model))
        if other:
            part, there, here = other
            raise ValueError(
                f"The checkpoint {path} is of another model: as its {part} it has {there}, this model has {here}; "
                "build and compile the model as it was, or give Checkpoint another directory."
            )
        self._load(path / checkpoint_files.WEIGHTS)
        self._restored = path
        return state["epoch"]

    def _newest(self, epoch=None):
        """Path and state of the newest usable checkpoint, or of that of an epoch; `None, {"epoch": 0}` where there is none."""
        for path in reversed(checkpoint_files.found(self.directory) if self.directory.exists() else []):
            try:
                state = checkpoint_files.read_state(path)
            except checkpoint_files.Damaged as reason:
                self._damaged.add(path)
                warnings.warn(f"The checkpoint {path} is damaged ({reason}) and is passed over; the one before it is used, if any.", stacklevel=3)
                continue
            if epoch in (None, state["epoch"]):
                return path, state
        if epoch:
            raise ValueError(f"Another worker is at epoch {epoch}, of which {self.directory} has no checkpoint: copy that worker's, or start all afresh.")
        return None, {"epoch": 0}

    def on_train_begin(self, logs=None):
        self.directory = writable(self.directory, "Checkpoint")
        checkpoint_files.tidy(self.directory)
        epoch, last = self.restore(), (self.params or {}).get("epochs")
        self.model._initial_epoch = epoch
        if epoch is not None:
            rest = f"all {last} epochs are done" if last is not None and epoch >= last else f"at epoch {epoch + 1}"
            print(f"Resuming from {self._restored}: {rest}.", flush=True)

    def on_epoch_begin(self, epoch, logs=None):
        # `fit` has read it; another `fit`, even after this one is interrupted, must not.
        self.model._initial_epoch = None

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        done = epoch + 1
        if done % self.every and done != (self.params or {}).get("epochs") and not self.model.stop_training:
            return
        broken = non_finite_losses(self.model, logs)
        if broken:
            warnings.warn(f"Epoch {done} is not saved: {' and '.join(broken)} not finite.", RuntimeWarning, stacklevel=2)
            return
        try:
            self.save(done)
        except (OSError, NotFinite) as error:
            warnings.warn(f"Epoch {done} is not saved, training goes on: {error}", RuntimeWarning, stacklevel=2)

    def _load(self, path):
        variables = [*self.model.variables, *self.model.optimizer.variables]
        before = [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
        seed, outside = self.model.seed, self.model.global_random_states()
        try:
            self.model.load_weights(path)
        except BaseException:
            for variable, value in zip(variables, before):
                variable.assign(value)
            self.model.seed = seed
            self.model.restore_global_random_states(outside)
            raise

    def _prune(self, newest):
        """Delete damaged checkpoints and all but the last `keep` up to the `newest`."""
        there = checkpoint_files.found(self.directory)
        older = [path for path in there[: there.index(newest)] if path not in self._damaged and not path.name.endswith(checkpoint_files.REPLACED)]
        keeping = {newest, *older[len(older) - self.keep + 1 :], *there[there.index(newest) + 1 :]} - (self._damaged - {newest})
        self._damaged.clear()
        for path in there:
            if path not in keeping:
                checkpoint_files.delete(path)


class _Memory(io.BytesIO):
    """A file in memory, with the name that Keras asks for: HDF5 kills the process (a segmentation fault) when it writes to a disk that is full."""

    def __str__(self):
        return checkpoint_files.WEIGHTS
