import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class Ensemble(keras.layers.Layer):
    """Several networks as one: each sample goes through the one that its index names.

    All are computed for each sample and one is kept: k networks cost k times one, whatever is chosen. What a network
    returns for samples that are not its own has no part in the output, be it infinite or no number, and no gradient.

    Input: `[tensor (batch, ...), index (batch,)]`, the index an integer in 0..k - 1. Output: what the networks return,
    `(batch, ...)`.

    Args:
        networks: list of built Keras models or layers, all of the same input and output shape.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Raises:
        ValueError: no network, or networks whose outputs differ in shape.

    Example:

    >>> layer = kgan.layers.Ensemble([keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]) for _ in range(4)])
    >>> keras.ops.shape(layer([np.ones((5, 2)), np.array([0, 1, 2, 3, 0])]))
    (5, 3)
    """

    def __init__(self, networks, **kwargs):
        super().__init__(**kwargs)
        self.networks = list(networks)
        shapes = [getattr(network, "output_shape", None) for network in self.networks]
        if not shapes or any(shape != shapes[0] for shape in shapes):
            raise ValueError(
                f"An ensemble is of one or more networks that return samples of one shape, not of {len(shapes)} that "
                f"return {shapes}."
            )

    def call(self, inputs, training=False):
        tensor, index = inputs
        outputs = [network(tensor, training=training) for network in self.networks]
        index = ops.reshape(ops.cast(index, "int32"), (-1,) + (1,) * (len(outputs[0].shape) - 1))
        # A product with 0 would let one network's NaN into every sample.
        chosen = outputs[0]
        for number, output in enumerate(outputs[1:], start=1):
            chosen = ops.where(index == number, output, chosen)
        return chosen

    def compute_output_shape(self, input_shape):
        return self.networks[0].compute_output_shape(input_shape[0])

    def get_config(self):
        return {
            **super().get_config(),
            "networks": [keras.saving.serialize_keras_object(network) for network in self.networks],
        }

    @classmethod
    def from_config(cls, config):
        return super().from_config(
            {**config, "networks": [keras.saving.deserialize_keras_object(network) for network in config["networks"]]}
        )
