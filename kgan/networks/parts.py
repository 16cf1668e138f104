"""Networks taken apart."""

import keras


def cut(network, at):
    """Two networks that a chain of layers becomes when it is cut: what comes first, and the rest.

    Several such networks can then share one part, such as the generators of CoGAN the layers next to the latent. The
    layers are those of `network`, which is of no further use.

    Args:
        network: a `keras.Sequential` with an input.
        at: how many layers with weights are in the first part; below 0 how many are in the second. Those without
            (activations, dropout, crops) stay behind the one that they follow.

    Returns:
        two `keras.Sequential`.

    Raises:
        ValueError: a network that is no chain of layers, or a cut that leaves a part without weights.

    Example:

    >>> trunk, head = kgan.networks.cut(kgan.networks.dcgan_generator((28, 28, 1), filters=8), -1)
    >>> trunk.output_shape, [layer.name for layer in head.layers]
    ((None, 16, 16, 8), ['conv2d_transpose...', 'cropping2d...'])
    """
    if not isinstance(network, keras.Sequential) or not network.built:
        raise ValueError(
            f"A network is cut between two of its layers, which must be a chain: give a `keras.Sequential` that begins "
            f"with a `keras.Input`, not {type(network).__name__}."
        )
    layers, shape = network.layers, network.input_shape[1:]
    places = [index for index, layer in enumerate(layers) if layer.weights]
    if not 0 < abs(at) < len(places):
        raise ValueError(
            f"Of {len(places)} layers with weights each part must have one: `at` is 1 to {len(places) - 1}, or as much "
            f"below 0, not {at}."
        )
    first = keras.Sequential([keras.Input(shape), *layers[: places[at]]])
    return first, keras.Sequential([keras.Input(first.output_shape[1:]), *layers[places[at] :]])
