import keras


@keras.saving.register_keras_serializable(package="kgan")
class DropoutNoise(keras.layers.Dropout):
    """Dropout that drops in inference as it does in training: the noise that Pix2Pix's generator has in place of a
    latent.

    The same input has other outputs each time. `seed` fixes their order, and the place in it is among the random states
    that a game saves.

    Args:
        rate, noise_shape, seed: as in `keras.layers.Dropout`.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Example:

    >>> layer = kgan.layers.DropoutNoise(0.5, seed=0)
    >>> sorted(set(keras.ops.convert_to_numpy(layer(np.ones((1, 100)))).ravel().tolist()))
    [0.0, 2.0]

    Reference: Isola et al., 2017, section 3.2.1, https://arxiv.org/abs/1611.07004
    """

    def call(self, inputs, training=False):
        return super().call(inputs, training=True)
