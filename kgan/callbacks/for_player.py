"""Stock Keras callbacks for one player of a game."""

import keras


class _PlayerView:
    """The model, but for its optimizer, which is the player's. What is assigned is assigned to the model."""

    def __init__(self, model, player):
        object.__setattr__(self, "_viewed", (model, player))

    @property
    def optimizer(self):
        model, player = self._viewed
        return getattr(model, f"{player}_optimizer")

    def __getattr__(self, name):
        return getattr(self._viewed[0], name)

    def __setattr__(self, name, value):
        setattr(self._viewed[0], name, value)


class ForPlayer(keras.callbacks.Callback):
    """Let a Keras callback that speaks of "the" loss or "the" learning rate act on one player.

    The callback sees the model with that player's optimizer in its slot `optimizer`, and logs in which `loss` and
    `val_loss` are `<player>_loss` and `val_<player>_loss`; all else is the model itself. What it writes into the logs
    appears there as `<player>_<name>`, such as `generator_learning_rate`.

    Args:
        player: name of the player.
        callback: `ReduceLROnPlateau`, `LearningRateScheduler`, `TerminateOnNaN`, `EarlyStopping`, or any other
            `keras.callbacks.Callback`.

    Raises:
        TypeError: `callback` is no Keras callback.
        ValueError: when `fit` starts: a player that the game does not have.

    Example:

    >>> halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    >>> gan.fit(train, epochs=5, callbacks=[kgan.callbacks.ForPlayer("generator", halve)])
    """

    def __init__(self, player, callback):
        super().__init__()
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(f"ForPlayer wraps a keras.callbacks.Callback, not {type(callback).__name__}.")
        self.player, self.callback = player, callback

    @property
    def async_safe(self):
        """Whether Keras may call the batch hooks from its own thread: where the callback says so or has none."""
        hooks = ("on_batch_end", "on_train_batch_end", "on_test_batch_end", "on_predict_batch_end")
        default = all(getattr(type(self.callback), hook) is getattr(keras.callbacks.Callback, hook) for hook in hooks)
        return default or getattr(self.callback, "async_safe", False)

    def set_params(self, params):
        super().set_params(params)
        self.callback.set_params(params)

    def set_model(self, model):
        super().set_model(model)
        if self.player not in model.players:
            name = type(self.callback).__name__
            raise ValueError(
                f"There is no player {self.player!r} for {name} to act on; this game has {', '.join(model.players)}."
            )
        self.callback.set_model(_PlayerView(model, self.player))

    def _call(self, hook, *position, logs):
        """Call the callback's `hook` with the player's logs, and carry what it wrote over into `logs`."""
        logs = {} if logs is None else logs
        renamed = {
            name: logs[f"{prefix}{self.player}_loss"]
            for name, prefix in (("loss", ""), ("val_loss", "val_"))
            if f"{prefix}{self.player}_loss" in logs
        }
        seen = {**logs, **renamed}
        before = dict(seen)
        getattr(self.callback, hook)(*position, logs=seen)
        for name, value in seen.items():
            if name not in before:
                logs[f"{self.player}_{name}"] = value
            elif value is not before[name]:
                logs[f"{self.player}_{name}" if name in renamed else name] = value


def _forward(hook, *position):
    def method(self, *arguments, logs=None):
        if len(arguments) > len(position):
            *arguments, logs = arguments
        self._call(hook, *arguments, logs=logs)

    method.__name__ = hook
    method.__doc__ = f"The callback's `{hook}`, for the player."
    return method


for _phase in ("train", "test", "predict"):
    for _hook in (f"on_{_phase}_begin", f"on_{_phase}_end"):
        setattr(ForPlayer, _hook, _forward(_hook))
    for _hook in (f"on_{_phase}_batch_begin", f"on_{_phase}_batch_end"):
        setattr(ForPlayer, _hook, _forward(_hook, "batch"))
for _hook in ("on_epoch_begin", "on_epoch_end"):
    setattr(ForPlayer, _hook, _forward(_hook, "epoch"))
