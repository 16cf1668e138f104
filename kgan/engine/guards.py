"""What is refused before training starts, each with a sentence that says what came, what was expected and how to mend
it.
"""

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
            if owner.setdefault(id(layer), attribute) != attribute and layer.weights:
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


def check_no_batch_normalization(discriminator, game, reason):
    """Raise where `discriminator` has BatchNormalization, which lets samples of a batch depend on each other."""
    for layer in discriminator._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            raise ValueError(
                f"{game}'s discriminator must not have BatchNormalization, such as {layer.name!r}: {reason}; "
                "LayerNormalization is fine."
            )


def check_dicts(batch, game, labelled):
    """Raise where a batch holds dicts, as TFDS and Hugging Face give them."""
    parts = batch if isinstance(batch, (tuple, list)) else (batch,)
    found = next((part for part in parts if isinstance(part, dict)), None)
    if found is None:
        return
    names = sorted(found, key=lambda name: -np.ndim(found[name]))
    taken = f"(b[{names[0]!r}], b[{names[1]!r}])" if labelled and len(names) > 1 else f"b[{names[0]!r}]"
    arrays = ", ".join(f"np.concatenate([b[{name!r}] for b in data])" for name in names[: 1 + labelled])
    raise ValueError(
        f"{game} takes {'pairs of arrays' if labelled else 'arrays'}, but a batch is a dict of "
        f"{', '.join(map(str, found))}: take them out of it, `data.map(lambda b: {taken})` of a tf.data set, "
        f"`fit({arrays})` of any other."
    )


def check_stream(array):
    """Raise where one of the arrays of a data set in memory, or None, holds what no game can learn from."""
    if array is None or array.dtype.kind in "iub" and not (array.dtype != np.uint8 and array.ndim >= 4):
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


def check_samples(samples, expected_shape):
    """Raise where a batch of `samples` does not have `expected_shape` (None for free axes) or fails
    `check_finite_range`.
    """
    shape = tuple(samples.shape)
    if expected_shape is not None and not _fits(shape, expected_shape):
        hint = ""
        if _fits(shape, expected_shape[1:]):
            hint = " That is one sample, not a batch: `data.batch(32)` of a tf.data set, `images[None]` of an array."
        elif len(shape) == 3 and _fits((*shape, 1), expected_shape):
            hint = " Add a channel axis: `images[..., None]`."
        raise ValueError(
            f"The discriminator takes samples of shape {tuple(expected_shape)}, but a batch has shape {shape}.{hint}"
        )
    check_finite_range(samples)


def _fits(shape, expected):
    return len(shape) == len(expected) and all(e in (None, s) for s, e in zip(shape, expected))


def check_labels(labels, count, classes, expected_shape):
    """Raise where `labels` (a numpy array) are not `count` integers in 0..classes - 1, or, with `classes` None, not
    `count` vectors of `expected_shape`.
    """
    if classes is None:
        if labels.ndim != len(expected_shape) or labels.shape[1:] != tuple(expected_shape[1:]) or len(labels) != count:
            raise ValueError(f"Labels are vectors of shape {(count, *expected_shape[1:])} here, not {labels.shape}.")
        if not np.isfinite(np.asarray(labels, "float64")).all():
            raise ValueError("The labels hold non-finite values (NaN or infinite).")
        return
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (count,):
        hint = " One-hot rows become integers by `labels.argmax(-1)`." if labels.shape == (count, classes) else ""
        raise ValueError(
            f"There must be one label for each of {count} samples, shape ({count},), not {labels.shape}.{hint}"
        )
    if labels.dtype.kind not in "iufb":
        raise ValueError(
            f"Labels are integers in 0..{classes - 1}, not {labels.dtype}: `np.unique(labels, "
            f"return_inverse=True)[1]` numbers names."
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Labels are integers in 0..{classes - 1}, not {labels.dtype}: `labels.astype(int)`.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"Labels must lie in 0..{classes - 1} for {classes} classes, but go from {labels.min()} to {labels.max()}."
        )


def check_all_classes(labels, classes):
    """Raise where `labels` (a numpy array) tell fewer than `classes`: some would never be learned."""
    found = np.unique(labels)
    if len(found) < classes:
        raise ValueError(
            f"You declared {classes} classes, but the data have {len(found)}: "
            f"{', '.join(map(str, found[:10])) or 'no label at all'}."
        )


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


def check_fit_together(generator, discriminator, packing=1, outputs=1):
    """Raise where `packing` of the generator's outputs side by side are no input of the discriminator, or the
    discriminator does not return `outputs`."""
    produced, taken, judged = (
        generator.output_shape,
        shape_of(discriminator, "input"),
        shape_of(discriminator, "output"),
    )
    if packing > 1 and taken[-1] is not None:
        if taken[-1] != packing * produced[-1]:
            raise ValueError(
                f"With packing={packing} the discriminator's last axis must be {packing} x {produced[-1]}, not "
                f"{taken[-1]}."
            )
        taken = (*taken[:-1], produced[-1])
    if len(produced) != len(taken) or any(None not in (p, t) and p != t for p, t in zip(produced, taken)):
        raise ValueError(f"The generator returns samples of shape {produced}, but the discriminator takes {taken}.")
    if judged[-1] != outputs:
        count = "one logit per sample" if outputs == 1 else f"{outputs} logits per sample"
        raise ValueError(
            f"This discriminator must return {count}, (batch, {outputs}), or a map of them; it returns {judged}."
        )
    check_ends(discriminator)


def shape_of(network, end):
    """The shape of a network's only `"input"` or `"output"`.

    Raises:
        ValueError: it has several, or does not say, as models of one's own class do not.
    """
    shape = getattr(network, f"{end}_shape", None)
    if shape is None:
        raise ValueError(
            f"{network.name!r} does not say what its {end} is, as models of your own class do not: wrap it, "
            "`keras.Sequential([keras.Input(shape_of_a_sample), network])`."
        )
    if not isinstance(shape, tuple) or shape and isinstance(shape[0], (tuple, list)):
        raise ValueError(f"{network.name!r} must have one {end} here, not {len(shape)} of the shapes {shape}.")
    return shape


def check_takes(network, *shapes):
    """Raise where the inputs of `network` do not have these shapes, in this order; None fits any length."""
    taken = getattr(network, "input_shape", None)
    taken = taken if isinstance(taken, list) else [taken]
    if None in taken:
        return
    fits = [
        len(t) == len(s) and all(None in pair or pair[0] == pair[1] for pair in zip(t, s))
        for t, s in zip(taken, shapes)
    ]
    if len(taken) != len(shapes) or not all(fits):
        raise ValueError(
            f"{network.name!r} must take inputs of shape {', '.join(map(str, shapes))}, not "
            f"{', '.join(map(str, taken))}."
        )


def check_ends(network):
    """Raise where an output of `network` has gone through a sigmoid or a softmax."""
    for output in getattr(network, "outputs", None) or []:
        last = _last_layer(output)
        for name in ("sigmoid", "softmax"):
            if (
                getattr(last, "activation", None) is getattr(keras.activations, name)
                or name == "softmax"
                and isinstance(last, keras.layers.Softmax)
            ):
                raise ValueError(
                    f"{network.name!r} ends in a {name}, but losses take logits: give its last layer no activation."
                )


def _last_layer(output):
    layer, _, index = output._keras_history
    return (
        _last_layer(layer.outputs[index])
        if isinstance(layer, keras.Model) and getattr(layer, "outputs", None)
        else layer
    )


def check_logits(network, outputs):
    """Raise where `network` does not return the `outputs`, a dict of what each one is to its width, as logits: of these
    widths, no sigmoid, no softmax.
    """
    check_ends(network)
    shapes = network.output_shape if isinstance(network.output_shape, list) else [network.output_shape]
    expected = [(None, width) for width in outputs.values()]
    if [tuple(shape) for shape in shapes] != expected:
        raise ValueError(
            f"{network.name!r} must return {', '.join(outputs)} of shape {', '.join(map(str, expected))}, not "
            f"{', '.join(map(str, shapes))}."
        )
