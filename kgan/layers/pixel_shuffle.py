import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class PixelShuffle(keras.layers.Layer):
    """Channels laid out as pixels: a block of `scale x scale` pixels of each (Shi et al., 2016), so that a convolution
    before it enlarges images at the cost of the small ones. Also known as sub-pixel convolution and depth to space.

    Input: `(batch, height, width, channels * scale^2)`. Output: `(batch, height * scale, width * scale, channels)`;
    pixel `(i, j)` of a block is in the channels from `(i * scale + j) * channels` on, as in `keras.ops.depth_to_space`.

    Args:
        scale: how many times as high and as wide images become, at least 1. Default 2.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Raises:
        ValueError: a scale below 1; channels that do not make whole blocks.

    Example:

    >>> pixel = np.array([1, 2, 3, 4], "float32")[None, None, None, :]
    >>> keras.ops.convert_to_numpy(kgan.layers.PixelShuffle(2)(pixel))[0, ..., 0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    def __init__(self, scale=2, **kwargs):
        super().__init__(**kwargs)
        if scale != int(scale) or scale < 1:
            raise ValueError(f"`scale` is a whole number of at least 1, not {scale!r}.")
        self.scale = int(scale)

    def build(self, input_shape):
        if input_shape[-1] % self.scale**2:
            raise ValueError(
                f"{input_shape[-1]} channels are no blocks of {self.scale} x {self.scale} pixels: give a multiple of "
                f"{self.scale**2}."
            )

    def call(self, inputs):
        scale, (_, height, width, depth) = self.scale, ops.shape(inputs)
        # Rows of blocks, so that one transposition of four axes does it: all exports know that.
        rows = ops.reshape(inputs, (-1, width, scale, depth // scale))
        return ops.reshape(ops.transpose(rows, (0, 2, 1, 3)), (-1, height * scale, width * scale, depth // scale**2))

    def compute_output_shape(self, input_shape):
        batch, *sides, depth = input_shape
        return (batch, *(None if side is None else side * self.scale for side in sides), depth // self.scale**2)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
