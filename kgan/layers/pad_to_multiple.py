import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class PadToMultiple(keras.layers.Layer):
    """Pad images of any size, at all ends alike, until their sides are multiples of a number; `CropLike` undoes it.

    What is added mirrors the image, the pixel at the edge not repeated, and mirrors it again where that is not enough.

    Input: `(batch, height, width, channels)`; the sides may be free and may differ from call to call. Output: the same
    with sides rounded up.

    Args:
        multiple: of which the sides become multiples.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Example:

    >>> keras.ops.shape(kgan.layers.PadToMultiple(8)(np.zeros((1, 28, 36, 3))))
    (1, 32, 40, 3)
    """

    def __init__(self, multiple, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, inputs):
        for axis in (1, 2):
            side = ops.shape(inputs)[axis]
            added = -side % self.multiple
            if not (isinstance(added, int) and added == 0):
                inputs = ops.take(inputs, mirrored(ops.arange(side + added) - added // 2, side), axis=axis)
        return inputs

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        return (batch, *(None if side is None else side + -side % self.multiple for side in sides), channels)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


def mirrored(places, side):
    """Where places on a line without end lie in the `side` pixels that it mirrors back and forth."""
    period = ops.maximum(2 * (side - 1), 1)
    places = ops.mod(places, period)
    return ops.minimum(places, period - places)
