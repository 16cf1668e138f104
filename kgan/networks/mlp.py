"""Multilayer perceptrons."""

import keras
from keras import layers


def mlp(
    inputs,
    outputs,
    units=(128, 128, 128),
    activation="relu",
    output_activation=None,
    kernel_initializer="he_normal",
    name=None,
):
    """A multilayer perceptron, for points and for small experiments.

    Args:
        inputs: width of the input: the latent dimension of a generator, the sample's of a discriminator.
        outputs: width of the output: the sample's of a generator, 1 of a discriminator.
        units: widths of the hidden layers.
        activation: of the hidden layers.
        output_activation: of the output; None for logits and for points anywhere in the plane.
        kernel_initializer: of the hidden layers. Default He's, as in WGAN-GP's toy experiments.
        name: name of the model.

    Returns:
        `keras.Sequential` of `(batch, inputs)` to `(batch, outputs)`.

    Example:

    >>> kgan.networks.mlp(2, 1, units=(64, 64)).output_shape
    (None, 1)
    """
    hidden = [layers.Dense(width, activation, kernel_initializer=kernel_initializer) for width in units]
    return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs, output_activation)], name=name)
