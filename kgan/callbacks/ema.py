"""A moving average of the generator."""

import keras


class EMA(keras.callbacks.Callback):
    """Keep an exponential moving average of the generator, and use it wherever the model generates, evaluates or
    exports.

        average <- d average + (1 - d) weights,    d = min(decay, (1 + t) / (10 + t)) after move t of the generator

    BatchNorm's moving statistics are averaged too. The average is updated inside the compiled step, saved with the
    model and found again by `Checkpoint`, whatever the order of the two in the list. It outlives `fit`: a later `fit`
    without this callback keeps following.

    Args:
        decay: share of the old average that one step keeps, in [0, 1): 0.999 remembers about 1000 steps.

    Raises:
        ValueError: a decay outside [0, 1).

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.EMA(0.999)])
    >>> images = gan.generate(64)  # by the average

    Reference: Yazici et al., The Unusual Effectiveness of Averaging in GAN Training, 2019,
    https://arxiv.org/abs/1806.04498
    """

    def __init__(self, decay=0.999):
        super().__init__()
        if not 0 <= decay < 1:
            raise ValueError(f"`decay` must lie in [0, 1), not {decay}.")
        self.decay = decay

    def set_model(self, model):
        super().set_model(model)
        # Not later: a checkpoint restored in `on_train_begin` must find the average's variables. Not again: that would
        # compile the step anew.
        if model.ema_decay != self.decay:
            model.keep_average(self.decay)
