"""Networks taken apart."""

import keras


def cut(network, at):
    """Two networks that a chain of layers becomes when it is cut: what comes first, and the rest.

    Several such networks can then share one part, such as the generators of CoGAN the layers next to the latent. The
    layers are those of `network`, which is of no further use.

    Args:
        network: a `keras.Sequential` with an input.
        at: how many layers are in the first part; below 0 how many are in the second.

    Returns:
        two `keras.Sequential`.

    Raises:
        ValueError: a network that is no chain of layers, or a cut that leaves a part without a layer.

    Example:

    >>> trunk, head = kgan.networks.cut(kgan.networks.mlp(2, 3, units=(16, 16)), -1)
    >>> trunk.output_shape, head.output_shape
    ((None, 16), (None, 3))
    """
    if not isinstance(network, keras.Sequential) or not network.built:
        raise ValueError(
            f"A network is cut between two of its layers, which must be a chain: give a `keras.Sequential` that begins "
            f"with a `keras.Input`, not {type(network).__name__}."
        )
    layers, shape = network.layers, network.input_shape[1:]
    place = at if at >= 0 else len(layers) + at
    if not 0 < place < len(layers):
        raise ValueError(
            f"Of {len(layers)} layers {place} would come first: leave each part one, `at` from 1 to {len(layers) - 1}."
        )
    first = keras.Sequential([keras.Input(shape), *layers[:place]])
    return first, keras.Sequential([keras.Input(first.output_shape[1:]), *layers[place:]])
