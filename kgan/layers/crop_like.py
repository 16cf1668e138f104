import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class CropLike(keras.layers.Layer):
    """The middle of images, as high and as wide as other images are: what `PadToMultiple` added is gone.

    Input: `[images (batch, height, width, channels), others (batch, h, w, any)]`, h and w at most the height and the
    width; all sides may be free. Output: `(batch, h, w, channels)`.

    Args:
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`.

    Example:

    >>> keras.ops.shape(kgan.layers.CropLike()([np.zeros((1, 32, 40, 3)), np.zeros((1, 28, 36, 1))]))
    (1, 28, 36, 3)
    """

    def call(self, inputs):
        images, others = inputs
        (_, height, width, _), (_, rows, columns, _) = ops.shape(images), ops.shape(others)
        top, left = (height - rows) // 2, (width - columns) // 2
        return images[:, top : top + rows, left : left + columns]

    def compute_output_shape(self, input_shape):
        images, others = input_shape
        return (images[0], *others[1:3], images[-1])
