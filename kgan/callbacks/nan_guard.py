"""Stopping where a loss is no number any more."""

import math
import warnings

import keras


def non_finite_losses(model, logs):
    """Names in `logs` of the players' losses and of the step's other quantities that are NaN or infinite."""
    losses = [f"{player}_loss" for player in model.players]
    watched = [*losses, *model.quantities, *(f"val_{loss}" for loss in losses)]
    return [name for name in watched if name in (logs or {}) and not math.isfinite(logs[name])]


class NaNGuard(keras.callbacks.Callback):
    """Stop training as soon as a loss of any player (or a penalty that is logged) is NaN or infinite.

    The logs are means since the epoch began, so one bad step shows in all later ones: looking at every `every`-th batch
    misses nothing, and leaves the steps between unwatched and unsynchronised. At an epoch's end they are looked at in
    any case. `Checkpoint` never saves such a state by itself.

    Args:
        every: batches between two looks within an epoch.
        checkpoint: the run's `Checkpoint`; with it the model goes back to the last state saved there.

    Example:

    >>> checkpoint = kgan.callbacks.Checkpoint("ckpt")
    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.NaNGuard(checkpoint=checkpoint), checkpoint])
    """

    # It reads logs and raises a flag, no more, so Keras may call it from its own thread, while the next steps run.
    async_safe = True

    def __init__(self, every=100, checkpoint=None):
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1 batch, not {every}.")
        self.every, self.checkpoint = every, checkpoint

    def set_model(self, model):
        super().set_model(model)
        # `self.model` would pull all state off the device on JAX, batch by batch.
        self._watched = model

    def on_train_begin(self, logs=None):
        self._found = None

    def on_epoch_begin(self, epoch, logs=None):
        self._looks = 0

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) // self.every > self._looks:
            self._looks = (batch + 1) // self.every
            self._look(logs, f"by batch {batch + 1} of ")

    def on_epoch_end(self, epoch, logs=None):
        self._look(logs, "in ")
        if self._found is not None:
            warnings.warn(
                f"{self._found}epoch {epoch + 1}: training stops{self._roll_back()}.", RuntimeWarning, stacklevel=2
            )

    def _look(self, logs, when):
        names = non_finite_losses(self._watched, logs)
        if names and self._found is None:
            self._found = f"{' and '.join(f'{name} became {logs[name]}' for name in names)} {when}"
            self._watched.stop_training = True

    def _roll_back(self):
        if self.checkpoint is None:
            return ""
        epoch = self.checkpoint.restore()
        if epoch is None:
            return ", and there is no checkpoint to go back to"
        return f" and the model is back where it was after epoch {epoch}"
