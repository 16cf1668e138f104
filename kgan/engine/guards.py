"""What is refused before training starts, each with a sentence that says what came, what was expected and how to mend
it.
"""

import contextlib
import warnings

import keras
import numpy as np


def check_networks(networks):
    """Raise where `networks`, a dict by attribute name, are no built layers, share layers, or have channels first."""
    owner = {}
    for attribute, network in networks.items():
        if not isinstance(network, keras.Layer):
            raise ValueError(f"`{attribute}` must be a keras.Model or keras.Layer, not {type(network).__name__}.")
        if not network.built:
            raise ValueError(f"`{attribute}` is not built: start it with a `keras.Input`, or call it once on a batch.")
        for layer in network._flatten_layers():
            if getattr(layer, "data_format", None) == "channels_first":
                raise ValueError(
                    f"Layer {layer.name!r} of `{attribute}` has its channels first, but images are channels last here: "
                    "`keras.config.set_image_data_format('channels_last')` before the networks are built."
                )
            if owner.setdefault(id(layer), attribute) != attribute and layer.variables:
                raise ValueError(
                    f"`{owner[id(layer)]}` and `{attribute}` share the layer {layer.name!r}, which both players would "
                    f"move and no file could hold: build `{attribute}` of layers of its own, "
                    f"`keras.models.clone_model(network)`."
                )


def check_metrics(metrics, logged):
    """Raise where `metrics` are no metrics, or one of their results would hide another or what is `logged`."""
    names = list(logged)
    for metric in metrics or []:
        if not isinstance(metric, keras.metrics.Metric):
            raise ValueError(
                f"`metrics` takes keras.metrics.Metric objects, which get update_state(real, generated), not "
                f"{metric!r}: "
                "see `kgan.metrics`."
            )
        own = list(getattr(metric, "directions", {metric.name: None}))
        for name in own:
            if name in names:
                raise ValueError(
                    f"Two results would be named {name!r}, of which one would be lost: give one of the metrics another "
                    "`name`."
                )
        names += own


def check_dicts(batch, game, pairs, whole=False):
    """Raise where a batch, or with `whole` all data, hold dicts, as TFDS and Hugging Face give them."""
    parts = batch if isinstance(batch, (tuple, list)) else (batch,)
    found = next((part for part in parts if isinstance(part, dict)), None)
    if found is None:
        return
    names = sorted(found, key=lambda name: -np.ndim(found[name]))
    kinds = "pairs of arrays" if pairs else "arrays"
    if whole:
        wanted = ", ".join(f"data[{name!r}]" for name in names[: 1 + pairs])
        raise ValueError(
            f"{game} takes {kinds}, but this is a dict of {', '.join(map(str, found))}: take them out of it, "
            f"`fit({wanted})`."
        )
    taken = f"(b[{names[0]!r}], b[{names[1]!r}])" if pairs and len(names) > 1 else f"b[{names[0]!r}]"
    arrays = ", ".join(f"np.concatenate([b[{name!r}] for b in data])" for name in names[: 1 + pairs])
    raise ValueError(
        f"{game} takes {kinds}, but a batch is a dict of "
        f"{', '.join(map(str, found))}: take them out of it, `data.map(lambda b: {taken})` of a tf.data set, "
        f"`fit({arrays})` of any other."
    )


@contextlib.contextmanager
def of_stream(name):
    """A context in which a refusal says of which array of a data set it is, unless it is of the images."""
    try:
        yield
    except ValueError as error:
        raise error if name == "images" else ValueError(f"Of {name!r}: {error}") from None


def check_stream(array):
    """Raise where one of the arrays of a data set in memory holds what no game can learn from."""
    if array.dtype.kind in "iub" and not (array.dtype != np.uint8 and array.ndim >= 4):
        return
    if array.ndim >= 2 or array.dtype.kind != "f":
        check_finite_range(array)


def check_finite_range(samples):
    """Raise where `samples` (a numpy array) are not finite float samples, or are images outside [-1, 1]."""
    if not len(samples):
        raise ValueError("The data set is empty: there is no sample to train on.")
    if samples.dtype.kind == "V":
        raise ValueError(
            f"Images must be float32 in [-1, 1], but these are {samples.dtype}: write `images.astype('float32')`."
        )
    if samples.dtype.kind not in "fiub":
        raise ValueError(
            f"Images must be an array of float32 in [-1, 1], but these are {samples.dtype}: read files with "
            f"`kgan.data.image_folder`."
        )
    if samples.dtype.kind != "f":
        raise ValueError(
            f"Images must be float32 in [-1, 1], but these are {samples.dtype} with values from {samples.min()} to "
            f"{samples.max()}: write `{_into_range(samples, 'images.astype(' + repr('float32') + ')')}`."
        )
    # Without copies: a NaN shows in both ends.
    if not np.isfinite([samples.min(), samples.max()]).all():
        broken = np.size(samples) - np.isfinite(samples).sum()
        raise ValueError(f"The data hold {broken} non-finite values (NaN or infinite): remove or repair them.")
    if samples.ndim >= 4 and max(samples.max(), -samples.min()) > 1.001:
        raise ValueError(
            f"Images must lie in [-1, 1], but these go from {samples.min():g} to {samples.max():g}: "
            f"write `{_into_range(samples, 'images')}`."
        )
    if samples.ndim >= 4 and samples.min() >= 0:
        warnings.warn(
            "No pixel is below 0: images in [0, 1]? The range is [-1, 1]; write `images * 2 - 1`.", stacklevel=2
        )


def _into_range(samples, images):
    """An expression that brings samples of this range into [-1, 1], of `images` as they are to be written in it."""
    low, high = samples.min().item(), samples.max().item()
    if samples.dtype == np.uint8:
        return f"{images} / 127.5 - 1"
    if samples.dtype.kind == "b" or 0 <= low and high <= 1:
        return f"{images} * 2 - 1"
    if 0 <= low and high <= 255:
        return f"{images} / 127.5 - 1"
    if low == high:
        return f"{images} * 0"
    return f"({images} - {low!r}) / {high - low!r} * 2 - 1"


def check_samples(samples, expected_shape, taker="The discriminator"):
    """Raise where a batch of `samples` does not have `expected_shape` (None for free axes), that of what `taker` takes,
    or fails `check_finite_range`.
    """
    shape = tuple(samples.shape)
    if expected_shape is not None and not alike(shape, expected_shape):
        hint = ""
        if alike(shape, expected_shape[1:]):
            hint = " That is one sample, not a batch: `data.batch(32)` of a tf.data set, `images[None]` of an array."
        elif len(shape) == 3 and alike((*shape, 1), expected_shape):
            hint = " Add a channel axis: `images[..., None]`."
        raise ValueError(
            f"{taker} takes samples of shape {tuple(expected_shape)}, but a batch has shape {shape}.{hint}"
        )
    check_finite_range(samples)


def alike(one, other):
    """Whether two shapes fit each other; a None in either fits any length."""
    return len(one) == len(other) and all(None in pair or pair[0] == pair[1] for pair in zip(one, other))


def check_callbacks(callbacks, players):
    """Raise for Keras callbacks that speak of "the" loss or "the" learning rate: a game has one a player."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    ambiguous = (
        keras.callbacks.LearningRateScheduler,
        keras.callbacks.ReduceLROnPlateau,
        keras.callbacks.TerminateOnNaN,
    )
    for callback in keras.tree.flatten(callbacks or []):
        name = type(callback).__name__
        if isinstance(callback, ambiguous):
            raise ValueError(
                f"{name} acts on one loss or learning rate, but this game has the players {', '.join(players)}. "
                f"Say which: `kgan.callbacks.ForPlayer({players[-1]!r}, {name}(...))`."
            )
        watches = not isinstance(callback, keras.callbacks.ModelCheckpoint) or callback.save_best_only
        if watches and getattr(callback, "monitor", None) in ("loss", "val_loss"):
            raise ValueError(
                f"{name} watches {callback.monitor!r}, which a game does not have. Watch a player's "
                f"(`monitor='{players[-1]}_loss'`) or a metric given to compile, or say "
                f"`kgan.callbacks.ForPlayer({players[-1]!r}, {name}(...))`."
            )
