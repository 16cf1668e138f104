import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class ReflectionPadding2D(keras.layers.Layer):
    """Pad images by their own mirror image, the pixel at the edge not repeated.

    A convolution then meets no border of zeros, which it would draw a frame from (Johnson et al., 2016).

    Input: `(batch, height, width, channels)`, each side longer than what is added at either end of it. Output: `(batch,
    height + 2 padding, width + 2 padding, channels)`.

    Args:
        padding: pixels added on every side. Default 1.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Raises:
        ValueError: a side that is too short to be mirrored.

    Example:

    >>> row = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "float32")[None, :, :, None]
    >>> keras.ops.convert_to_numpy(kgan.layers.ReflectionPadding2D(1)(row))[0, 1, :, 0].tolist()
    [2.0, 1.0, 2.0, 3.0, 2.0]
    """

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def build(self, input_shape):
        if short := [side for side in input_shape[1:3] if side is not None and side <= self.padding]:
            raise ValueError(
                f"A side of {short[0]} pixels cannot be mirrored over {self.padding}: give images of at least "
                f"{self.padding + 1} pixels here, or a smaller `padding`."
            )

    def call(self, inputs):
        if not self.padding:
            return inputs
        return ops.pad(inputs, ((0, 0), 2 * (self.padding,), 2 * (self.padding,), (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        return (batch, *(None if side is None else side + 2 * self.padding for side in sides), channels)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}
