"""What is refused before training starts, each with a sentence that says what came, what was expected and how to mend it."""

import warnings

import keras
import numpy as np


def check_finite_range(samples):
    """Raise where `samples` (a numpy array) are not finite float samples, or are images outside [-1, 1]."""
    if not len(samples):
        raise ValueError("The data set is empty: there is no sample to train on.")
    if samples.dtype.kind not in "fiub":
        raise ValueError(f"Images must be an array of float32 in [-1, 1], but these are {samples.dtype}: read files with `kgan.data.image_folder`.")
    if samples.dtype.kind != "f":
        raise ValueError(
            f"Images must be float32 in [-1, 1], but these are {samples.dtype} with values from {samples.min()} to {samples.max()}. "
            "For 0..255 write `images.astype('float32') / 127.5 - 1`."
        )
    if not np.isfinite(samples).all():
        raise ValueError(f"The data hold {np.size(samples) - np.isfinite(samples).sum()} non-finite values (NaN or infinite). Remove or repair them.")
    if samples.ndim >= 4 and np.abs(samples).max() > 1.001:
        raise ValueError(
            f"Images must lie in [-1, 1], but these go from {samples.min():g} to {samples.max():g}. For 0..255 write `images / 127.5 - 1`."
        )
    if samples.ndim >= 4 and samples.min() >= 0:
        warnings.warn("No pixel is below 0: images in [0, 1]? The range is [-1, 1]; write `images * 2 - 1`.", stacklevel=2)


def check_samples(samples, expected_shape):
    """Raise where a batch of `samples` does not have `expected_shape` (None for free axes, the batch's among them) or fails `check_finite_range`."""
    if expected_shape is not None:
        fits = len(samples.shape) == len(expected_shape) and all(e in (None, s) for s, e in zip(samples.shape, expected_shape))
        if not fits:
            hint = " Add a channel axis: `images[..., None]`." if len(samples.shape) == len(expected_shape) - 1 == 3 else ""
            raise ValueError(f"The discriminator takes samples of shape {tuple(expected_shape)}, but a batch has shape {tuple(samples.shape)}.{hint}")
    check_finite_range(samples)


def check_labels(labels, count, classes, expected_shape):
    """Raise where `labels` (a numpy array) are not `count` integers in 0..classes - 1, or, with `classes` None, not `count` vectors of `expected_shape`."""
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
        raise ValueError(f"There must be one label for each of {count} samples, shape ({count},), not {labels.shape}.{hint}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Labels are integers in 0..{classes - 1}, not {labels.dtype}: `labels.astype(int)`.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"Labels must lie in 0..{classes - 1} for {classes} classes, but go from {labels.min()} to {labels.max()}.")


def check_all_classes(labels, classes):
    """Raise where `labels` (a numpy array) tell fewer than `classes`: some would never be learned."""
    found = np.unique(labels)
    if len(found) < classes:
        raise ValueError(f"You declared {classes} classes, but the data have {len(found)}: {', '.join(map(str, found[:10])) or 'no label at all'}.")


def check_callbacks(callbacks, players):
    """Raise for Keras callbacks that speak of "the" loss or "the" learning rate: a game has one a player."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    ambiguous = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau, keras.callbacks.TerminateOnNaN)
    for callback in keras.tree.flatten(callbacks or []):
        name = type(callback).__name__
        if isinstance(callback, ambiguous):
            raise ValueError(
                f"{name} acts on one loss or learning rate, but this game has the players {', '.join(players)}. "
                f"Say which: `kgan.callbacks.ForPlayer({players[-1]!r}, {name}(...))`."
            )
        if getattr(callback, "monitor", None) in ("loss", "val_loss"):
            raise ValueError(
                f"{name} watches {callback.monitor!r}, which a game does not have. Watch a player's (`monitor='{players[-1]}_loss'`) or a "
                f"metric given to compile, or say `kgan.callbacks.ForPlayer({players[-1]!r}, {name}(...))`."
            )


def check_fit_together(generator, discriminator, packing=1, outputs=1):
    """Raise where `packing` of the generator's outputs side by side are no input of the discriminator, or the discriminator does not return `outputs`."""
    produced, taken = getattr(generator, "output_shape", None), getattr(discriminator, "input_shape", None)
    if isinstance(produced, tuple) and isinstance(taken, tuple):
        if packing > 1 and taken[-1] is not None:
            if taken[-1] != packing * produced[-1]:
                raise ValueError(f"With packing={packing} the discriminator's last axis must be {packing} x {produced[-1]}, not {taken[-1]}.")
            taken = (*taken[:-1], produced[-1])
        if len(produced) != len(taken) or any(None not in (p, t) and p != t for p, t in zip(produced, taken)):
            raise ValueError(f"The generator returns samples of shape {produced}, but the discriminator takes {taken}.")
    judged = getattr(discriminator, "output_shape", None)
    if isinstance(judged, tuple) and judged[-1] != outputs:
        count = "one logit per sample" if outputs == 1 else f"{outputs} logits per sample"
        raise ValueError(f"This discriminator must return {count}, (batch, {outputs}), or a map of them; it returns {judged}.")
    check_ends(discriminator)


def check_takes(network, *shapes):
    """Raise where the inputs of `network` do not have these shapes, in this order; None fits any length."""
    taken = getattr(network, "input_shape", None)
    taken = taken if isinstance(taken, list) else [taken]
    if None in taken:
        return
    fits = [len(t) == len(s) and all(None in pair or pair[0] == pair[1] for pair in zip(t, s)) for t, s in zip(taken, shapes)]
    if len(taken) != len(shapes) or not all(fits):
        raise ValueError(f"{network.name!r} must take inputs of shape {', '.join(map(str, shapes))}, not {', '.join(map(str, taken))}.")


def check_ends(network):
    """Raise where an output of `network` has gone through a sigmoid or a softmax."""
    for output in getattr(network, "outputs", None) or []:
        last = _last_layer(output)
        for name in ("sigmoid", "softmax"):
            if getattr(last, "activation", None) is getattr(keras.activations, name) or name == "softmax" and isinstance(last, keras.layers.Softmax):
                raise ValueError(f"{network.name!r} ends in a {name}, but losses take logits: give its last layer no activation.")


def _last_layer(output):
    layer, _, index = output._keras_history
    return _last_layer(layer.outputs[index]) if isinstance(layer, keras.Model) and getattr(layer, "outputs", None) else layer


def check_logits(network, outputs):
    """Raise where `network` does not return the `outputs`, a dict of what each one is to its width, as logits: of these widths, no sigmoid, no softmax."""
    check_ends(network)
    shapes = network.output_shape if isinstance(network.output_shape, list) else [network.output_shape]
    expected = [(None, width) for width in outputs.values()]
    if [tuple(shape) for shape in shapes] != expected:
        raise ValueError(f"{network.name!r} must return {', '.join(outputs)} of shape {', '.join(map(str, expected))}, not {', '.join(map(str, shapes))}.")


def check_export(model, filepath):
    """Raise where the SavedModel at `filepath` computes something else than `model`."""
    import tensorflow as tf

    inputs = [_example(tensor) for tensor in model.inputs]
    expected = keras.ops.convert_to_numpy(model(inputs[0] if len(inputs) == 1 else inputs))
    loaded = tf.saved_model.load(filepath)
    served = np.asarray(loaded.serve(inputs[0] if len(inputs) == 1 else inputs))
    tolerance = 1e-5 if all(layer.compute_dtype == "float32" for layer in model._flatten_layers()) else 2e-2
    if not np.abs(served - expected).max() <= tolerance:
        raise RuntimeError(f"The SavedModel at {filepath} differs from the model by {np.abs(served - expected).max():.2g}.")


def _example(tensor):
    """Four random samples of what a `KerasTensor` stands for; of integers, which are labels, 0 and 1: these are there in any case."""
    random, shape = np.random.default_rng(0), [4, *tensor.shape[1:]]
    return random.integers(2, size=shape).astype(tensor.dtype) if "int" in tensor.dtype else random.standard_normal(shape).astype(tensor.dtype)
