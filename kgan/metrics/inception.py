import os

import keras
from keras import ops

from kgan.metrics.sample_metric import Hidden

SIDE = 299
URL = "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
MD5 = "9a0d58056eeedaa3f26cb7ebd46da564"


@keras.saving.register_keras_serializable(package="kgan")
class Inception(keras.layers.Layer):
    """InceptionV3 with the ImageNet weights of `keras.applications`, which Keras fetches at first use (96 MB).

    These are not the weights that FIDs and Inception scores of papers are computed with (those of the TensorFlow graph
    of 2015): scores under this network compare with each other alone.

    Takes images `(batch, height, width, 1 or 3)` in [-1, 1], which is the range that Keras' preprocessing of
    InceptionV3 ends in; grey becomes RGB and other sizes become 299x299, by bilinear resizing with antialiasing. It is
    not trainable, computes in float32 under any policy, and its weights are no part of a model that holds it.

    Args:
        output: `"features"`, `(batch, 2048)` of at least 0, the mean over positions before the last layer;
            `"probabilities"`, `(batch, 1000)`.
        name: `inception` by default, which is what metrics put into their names.

    Raises:
        ValueError: an unknown output, images of other shapes.
        ConnectionError: the weights are not here and cannot be fetched; it says which file belongs where.

    Example:

    >>> metric = kgan.metrics.FrechetDistance(kgan.metrics.Inception())
    >>> metric.name
    'fid10k_test_inception'

    References:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016.
            https://arxiv.org/abs/1512.00567
    """

    def __init__(self, output="features", name="inception"):
        if output not in ("features", "probabilities"):
            raise ValueError(f"`output` must be 'features' or 'probabilities', not {output!r}.")
        super().__init__(name=name, trainable=False, dtype="float32")
        self.output_kind = output
        self.hidden = Hidden(None)

    def build(self, input_shape):
        if len(input_shape) != 4 or input_shape[-1] not in (1, 3):
            raise ValueError(f"InceptionV3 takes images (batch, height, width, 1 or 3), not {tuple(input_shape)}.")
        if self.hidden.network is None:
            self.hidden.network = network(self.output_kind)

    def call(self, images):
        if tuple(images.shape[1:3]) != (SIDE, SIDE):
            images = ops.image.resize(
                images, (SIDE, SIDE), interpolation="bilinear", antialias=True, data_format="channels_last"
            )
        if images.shape[-1] == 1:
            images = ops.repeat(images, 3, axis=-1)
        return self.hidden.network(images, training=False)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2048 if self.output_kind == "features" else 1000)

    def get_config(self):
        return {"output": self.output_kind, "name": self.name}


def network(output):
    """The trained network, which ends in its features or its probabilities."""
    inception = keras.applications.InceptionV3(weights=weights(), input_shape=(SIDE, SIDE, 3))
    if output == "features":
        inception = keras.Model(inception.inputs, inception.get_layer("avg_pool").output)
    inception.trainable = False
    return inception


def weights():
    """Path of the weights, fetched on first use."""
    try:
        return keras.utils.get_file(FILE, URL + FILE, cache_subdir="models", file_hash=MD5)
    except Exception as error:  # Keras raises no narrower one.
        folder = os.path.join(os.environ.get("KERAS_HOME", os.path.expanduser("~/.keras")), "models")
        raise ConnectionError(
            f"InceptionV3's weights are not here and cannot be fetched ({error}). Put {URL}{FILE} into {folder}."
        ) from error
