import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class Ensemble(keras.layers.Layer):
    """Several networks as one: each sample goes through the one that its index names.

    All are computed for each sample and one is kept: k networks cost k times one, whatever is chosen.

    Input: `[tensor (batch, ...), index (batch,)]`, the index an integer in 0..k - 1. Output: what the networks return, `(batch, ...)`.

    Args:
        networks: list of built Keras models or layers, all of the same input and output shape.
        name: name of the layer.

    Example:

    >>> layer = Ensemble([keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]) for _ in range(4)])
    >>> layer([np.ones((5, 2)), np.array([0, 1, 2, 3, 0])]).shape
    (5, 3)
    """

    def __init__(self, networks, name=None):
        super().__init__(name=name)
        self.networks = list(networks)

    def call(self, inputs, training=False):
        tensor, index = inputs
        outputs = [network(tensor, training=training) for network in self.networks]
        chosen = ops.one_hot(index, len(outputs), dtype=outputs[0].dtype)
        return sum(ops.reshape(chosen[:, i], (-1,) + (1,) * (len(output.shape) - 1)) * output for i, output in enumerate(outputs))

    def compute_output_shape(self, input_shape):
        return self.networks[0].compute_output_shape(input_shape[0])

    def get_config(self):
        return {"networks": [keras.saving.serialize_keras_object(network) for network in self.networks], "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls([keras.saving.deserialize_keras_object(network) for network in config["networks"]], name=config["name"])
