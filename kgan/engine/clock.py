"""The count of a model's epochs, and the data that follow it."""

import keras


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
