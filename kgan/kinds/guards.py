"""What is refused of the networks and labels of a kind of game: what came, what was expected and how to mend it."""

import keras
import numpy as np

from kgan import losses
from kgan.engine.guards import alike


def check_no_batch_normalization(discriminator, game, reason):
    """Raise where `discriminator` has BatchNormalization, which lets samples of a batch depend on each other."""
    for layer in discriminator._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            raise ValueError(
                f"{game}'s discriminator must not have BatchNormalization, such as {layer.name!r}: {reason}; "
                "LayerNormalization is fine."
            )


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
    if not alike(produced, taken):
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
    if len(taken) != len(shapes) or not all(map(alike, taken, shapes)):
        raise ValueError(
            f"{network.name!r} must take inputs of shape {', '.join(map(str, shapes))}, not "
            f"{', '.join(map(str, taken))}."
        )


def check_frozen(what, network, *shapes):
    """Raise where `network`, given as `what`, is not built, is trainable, or does not take samples of these shapes."""
    if not getattr(network, "built", False):
        raise ValueError(
            f"`{what}` must be a keras.Model or keras.Layer that is built: start it with a `keras.Input`, or call it "
            "once on a batch."
        )
    if network.trainable_variables:
        raise ValueError(f"The {what} stays as it is, but this one is trainable: set `{what}.trainable = False`.")
    for shape in shapes:
        check_takes(network, shape)


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


def check_counts(**counts):
    """Raise where one of the `counts`, by the names of the arguments, is below 1."""
    for argument, count in counts.items():
        if int(count) < 1:
            raise ValueError(f"`{argument}` must be at least 1, not {count}.")


def alone(batch, game, learns="learns without labels", things="images"):
    """The samples of a batch; raise where it is more than that, for a `game` that `learns` from them alone."""
    samples, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
    if labels is not None or weights is not None:
        raise ValueError(
            f"{type(game).__name__} {learns}, but a batch is a pair: leave `y` out, or keep a data set's {things} "
            "only, `data.map(lambda x, y: x)`."
        )
    return samples


def check_pretraining(epochs, phases=None):
    """`pretraining_epochs` as an integer, or of so many `phases` as a tuple of them; raise where it is no number of
    epochs.
    """
    if phases is not None:
        if not isinstance(epochs, (tuple, list)) or len(epochs) != phases:
            raise ValueError(
                f"`pretraining_epochs` is {phases} numbers of epochs, one for each phase, not {epochs!r}: "
                f"`({', '.join(['0'] * phases)})` are none."
            )
        return tuple(map(check_pretraining, epochs))
    if epochs != int(epochs) or epochs < 0:
        raise ValueError(f"`pretraining_epochs` is a whole number of at least 0, not {epochs}.")
    return int(epochs)


def check_weights(**weights):
    """Raise where one of the `weights`, by the names of the arguments, is below 0."""
    for argument, weight in weights.items():
        if weight < 0:
            raise ValueError(f"`{argument}` must be at least 0, not {weight}.")


def check_same_size(generator, sources, targets):
    """Raise where what `generator` makes of a batch of sources does not have the shape of the targets."""
    made = generator.compute_output_shape(tuple(sources.shape))
    if tuple(made[1:]) != tuple(targets.shape[1:]):
        raise ValueError(
            f"The generator makes samples of shape {tuple(made[1:])} of sources {tuple(sources.shape[1:])}, but the "
            f"targets have {tuple(targets.shape[1:])}: read both sides of a pair at sizes that fit the generator."
        )


def check_conditional(discriminator, source, target):
    """Whether `discriminator` judges pairs of samples of these shapes; raise where it takes neither them nor targets
    alone.
    """
    pairs = isinstance(discriminator.input_shape, list)
    check_takes(discriminator, *((source, target) if pairs else (target,)))
    return pairs


def check_shared_code(shared_encoder, shared_decoder, encoders, decoders, discriminators):
    """Raise where the networks of domains, one of each a domain, do not fit those that the domains share."""
    check_takes(shared_decoder, shape_of(shared_encoder, "output"))
    for encoder, decoder, discriminator in zip(encoders, decoders, discriminators):
        check_takes(shared_encoder, shape_of(encoder, "output"))
        check_takes(decoder, shape_of(shared_decoder, "output"))
        for reader in (encoder, discriminator):
            check_takes(reader, shape_of(decoder, "output"))
        check_ends(discriminator)


def check_domains(names, count):
    """The names of `count` domains as a tuple; raise where they are no names, or not different ones."""
    names = tuple(names)
    if len(set(names)) != count or any(not isinstance(name, str) or not name.strip() for name in names):
        raise ValueError(f"`domains` are {count} different names, such as {tuple('abcdefgh'[:count])}, not {names}.")
    return names


def unpaired_loss(loss):
    """The loss of a game whose real and generated samples do not belong together; raise for one of pairs."""
    loss = losses.get(loss)
    if loss.paired:
        raise ValueError(
            "A loss of pairs has no meaning between domains, whose samples do not belong together: choose another, "
            "such as 'non_saturating' or 'least_squares'."
        )
    return loss
